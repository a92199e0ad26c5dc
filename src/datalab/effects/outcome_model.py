"""The outcome model m0: what people like these have without the programme, learnt on the comparison pool alone."""

from __future__ import annotations

from typing import Literal

import numpy as np

from datalab.numerics.design import Design
from datalab.numerics.glm import fit_ridge
from datalab.table import Bools, Floats, Kind

DAYS_IN_YEAR = 365.0
Family = Literal["logistic", "poisson", "linear"]
OutcomeModel = Literal["ridge", "boosted", "none"]
OUTCOME_MODELS = ("ridge", "boosted")  # those that can be asked for
FAMILY: dict[Kind, Family] = {
    "binary": "logistic",
    "count": "poisson",
    "days": "logistic",  # fractional: on the share of the follow-up (Papke and Wooldridge 1996)
    "number": "linear",
    "time": "linear",  # on pseudo-values
}


def expect_outcome(
    design: Design,
    y: Floats,
    kind: Kind,
    pool: Bools,
    case_weights: Floats | None = None,
    horizon: float = DAYS_IN_YEAR,
) -> Floats:
    """m0 (n,): the outcome each row would be expected to have without the programme, on the scale of `y`.

    Ridge (penalty 1 on standardised columns, intercept free) fitted on the `pool` rows (n,) alone; `y` (n,) must be
    known there and is never read elsewhere. A pool with one value gives that value for everybody. case_weights (n,): how
    many each row stands for. horizon: days that outcomes of kind days may reach (730 over two years). Deterministic.
    """
    known = y[pool]
    if known.size == 0 or float(known.min()) == float(known.max()):
        return np.full(y.size, known[0] if known.size else 0.0)
    scale = max(DAYS_IN_YEAR, horizon, float(known.max())) if kind == "days" else 1.0
    fit = fit_ridge(design, y / scale, FAMILY[kind], rows=pool, penalty=1.0, case_weights=case_weights)
    return np.asarray(fit.mean(design) * scale, dtype=np.float64)
