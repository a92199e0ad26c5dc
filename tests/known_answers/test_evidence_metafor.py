"""Meta-analysis against R's metafor on five published data sets, and what statsmodels can of it.

`evidence_metafor.R` beside this file holds the commands and versions (R 4.2.2, metafor 3.8-1) and wrote
`evidence_metafor.json`. Tolerance 1e-6 throughout, 1e-9 for effect sizes.
"""

from __future__ import annotations

from tests.known_answers.answers import check_all, parametrise
from tests.known_answers.metafor_figures import PARTS


@parametrise(PARTS)
def test_figures_are_metafors(make) -> None:
    check_all(make())
