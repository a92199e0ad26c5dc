"""The propensity score: a ridge logistic regression of treatment on the covariates, on the logit scale."""

from __future__ import annotations

import math

import numpy as np

from datalab.numerics.design import Terms, build_design
from datalab.numerics.glm import fit_ridge
from datalab.table import Bools, Covariate, Floats

# A caliper of 0 (everyone has the same score) would match nobody for the sake of a rounding error.
LEAST_CALIPER = 1e-9


def score_logit(covariates: tuple[Covariate, ...], treated: Bools, penalty: float, terms: Terms) -> Floats:
    """Logit of each row's propensity score (n,), finite even under perfect separation.

    covariates: without missing numbers. treated (n,): both values occur. Columns are standardised over all rows.

    >>> x = Covariate("x", "X", np.array([0.0, 1.0, 2.0, 3.0]))
    >>> np.round(score_logit((x,), np.array([False, False, True, True]), 1.0, "main"), 2).tolist()
    [-1.27, -0.42, 0.42, 1.27]
    """
    design = build_design(covariates, terms=terms)
    return fit_ridge(design, treated.astype(np.float64), "logistic", penalty=penalty).linear(design)


def caliper_on_logit(logit: Floats, treated: Bools, caliper_sd: float) -> float:
    """Caliper on the logit: caliper_sd times its SD, the root of the mean of the two groups' variances.

    A group of one row counts with variance 0. Never below 1e-9. Source: Austin 2011.

    >>> caliper_on_logit(np.array([0.0, 2.0, 0.0, 2.0]), np.array([True, True, False, False]), 0.5)
    0.7071067811865476
    """
    variance = (_variance(logit[treated]) + _variance(logit[~treated])) / 2
    return max(caliper_sd * math.sqrt(variance), LEAST_CALIPER)


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if values.size > 1 else 0.0
