"""The propensity score: a ridge logistic regression of treatment on the covariates, on the logit scale."""

from __future__ import annotations

import math

import numpy as np

from datalab.numerics.design import Terms
from datalab.numerics.glm import fit_ridge
from datalab.numerics.weighting import weighted_design, weighted_variance
from datalab.table import Bools, Covariate, Floats

# A caliper of 0 (everyone has the same score) would match nobody for the sake of a rounding error.
LEAST_CALIPER = 1e-9


def score_logit(
    covariates: tuple[Covariate, ...], treated: Bools, penalty: float, terms: Terms, case_weights: Floats | None = None
) -> Floats:
    """Logit of each row's propensity score (n,), finite even under perfect separation.

    covariates: without missing numbers. treated (n,): both values occur. Columns are standardised over all rows.
    case_weights (n,): how many each row stands for.

    >>> x = Covariate("x", "X", np.array([0.0, 1.0, 2.0, 3.0]))
    >>> np.round(score_logit((x,), np.array([False, False, True, True]), 1.0, "main"), 2).tolist()
    [-1.27, -0.42, 0.42, 1.27]
    """
    design = weighted_design(covariates, case_weights, terms=terms)
    return fit_ridge(design, treated.astype(np.float64), "logistic", penalty=penalty, case_weights=case_weights).linear(design)


def caliper_on_logit(logit: Floats, treated: Bools, caliper_sd: float, case_weights: Floats | None = None) -> float:
    """Caliper on the logit: caliper_sd times its SD, the root of the mean of the two groups' variances.

    A group of one row counts with variance 0. Never below 1e-9. Source: Austin 2011.

    >>> caliper_on_logit(np.array([0.0, 2.0, 0.0, 2.0]), np.array([True, True, False, False]), 0.5)
    0.7071067811865476
    """
    groups = [(logit[rows], None if case_weights is None else case_weights[rows]) for rows in (treated, ~treated)]
    variance = sum(weighted_variance(*group) for group in groups) / 2
    return max(caliper_sd * math.sqrt(variance), LEAST_CALIPER)


def score_of(logit: Floats) -> Floats:
    """The score, 0 to 1, of a logit.

    >>> score_of(np.array([0.0])).tolist()
    [0.5]
    """
    small = np.exp(-np.abs(logit))
    score: Floats = np.where(logit >= 0, 1.0, small) / (1.0 + small)
    return score
