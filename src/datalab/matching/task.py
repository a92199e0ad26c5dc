"""What every way of weighting is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from datalab.matching.results import Pairs
from datalab.numerics.design import Terms
from datalab.numerics.weighting import mass_of
from datalab.table import Bools, Covariate, Floats, Ints


@dataclass(frozen=True, eq=False)
class Task:
    """Rows (n,) in order of their ids, to be weighted. covariates: without missing numbers. values: the scale on which
    distances are measured (logit or score). caliper: on that scale, infinite for none. case_weights: None for one each.
    settings: the method's, after defaults.
    """

    treated: Bools
    strata: Ints
    covariates: tuple[Covariate, ...]
    logit: Floats
    values: Floats
    caliper: float
    bandwidth: float
    case_weights: Floats | None
    settings: dict[str, Any]
    terms: Terms

    @property
    def mass(self) -> Floats:
        """How many each row stands for (n,)."""
        return mass_of(self.case_weights, self.treated.size)


@dataclass(frozen=True, eq=False)
class Weighed:
    """weights (n,): the mass of each matched treated row, and for comparison rows what was shared out: both sum to the
    matched mass. reach (n,): comparison rows behind each treated row. pairs: where rows are paired.
    """

    weights: Floats
    reach: Ints
    pairs: Pairs | None = None


def blank(task: Task) -> tuple[Floats, Ints]:
    """Weights and reach of nobody."""
    return np.zeros(task.treated.size), np.zeros(task.treated.size, dtype=np.int64)
