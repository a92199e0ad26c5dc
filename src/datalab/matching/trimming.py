"""Overlap trimming: who is left out because the score says that nobody, or hardly anybody, is like them."""

from __future__ import annotations

from typing import Any

import numpy as np

from datalab.table import Bools, Floats


def trim_rows(logit: Floats, treated: Bools, settings: dict[str, Any]) -> Bools | None:
    """Rows (n,) to leave out, None where trimming is not asked for.

    trim "support": whoever's score lies outside the range of the other group's (Dehejia and Wahba 1999). trim_above:
    whoever's score is above it, where the weight of single comparison rows explodes (after Crump and others 2009, whose
    lower end does no harm to an effect on the treated). The score is not fitted again.

    >>> logit, treated = np.array([0.0, 3.0, -1.0, 1.0]), np.array([True, True, False, False])
    >>> trim_rows(logit, treated, {"trim": "support", "trim_above": None}).tolist()
    [False, True, True, False]
    """
    above, support = settings.get("trim_above"), settings.get("trim") == "support"
    if above is None and not support:
        return None
    out = np.zeros(logit.size, dtype=bool)
    if support:
        for group, other in ((treated, ~treated), (~treated, treated)):
            out |= group & ((logit < logit[other].min()) | (logit > logit[other].max()))
    if above is not None:
        out |= logit > np.log(above) - np.log1p(-above)
    return out
