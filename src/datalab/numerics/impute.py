"""Missing numbers: filled by a regression on the other covariates, fitted on the comparison pool alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datalab.errors import InputError
from datalab.numerics.glm import fit_ridge
from datalab.numerics.weighting import weighted_design
from datalab.table import Bools, Covariate, Floats
from datalab.wording import say


@dataclass(frozen=True, eq=False)
class Learning:
    """What a regression learns from: rows (n,), penalty, case weights."""

    rows: Bools
    penalty: float
    case_weights: Floats | None


def impute_covariates(
    covariates: tuple[Covariate, ...], pool: Bools, penalty: float = 1.0, *, case_weights: Floats | None = None
) -> tuple[Covariate, ...]:
    """The covariates with every missing number filled in; those without one are handed on as they are.

    pool (n,): the rows to learn from. A number with missing values is regressed (linear ridge) on all the other
    covariates, whose own gaps are filled with their pool mean for this purpose, so that the order of the covariates
    does not matter; what it predicts is kept within the range seen in the pool. Treatment and outcome play no part, no
    indicator is added, nothing is random. case_weights (n,): how many each row stands for.
    Raises InputError naming each number that is known for nobody in the pool.
    Source: estimator study of this project, section 4b.

    >>> x = Covariate("x", "X", np.array([0.0, 1.0, 2.0, 3.0]))
    >>> y = Covariate("y", "Y", np.array([0.0, 2.0, np.nan, 6.0]))
    >>> filled = impute_covariates((x, y), np.array([True, True, True, True]), penalty=1e-9)
    >>> np.round(filled[1].values, 6).tolist()
    [0.0, 2.0, 4.0, 6.0]
    """
    gaps = {place: gap for place, covariate in enumerate(covariates) if (gap := _gap(covariate)) is not None}
    if not gaps:
        return covariates
    _refuse_unknown(covariates, gaps, pool)
    plain = [_with_mean(covariate, gaps.get(place), pool, case_weights) for place, covariate in enumerate(covariates)]
    filled = list(covariates)
    for place, gap in gaps.items():
        others = tuple(plain[:place] + plain[place + 1 :])
        learn = Learning(pool & ~gap, penalty, case_weights)
        filled[place] = replace(
            covariates[place], values=_predict(np.asarray(covariates[place].values, np.float64), gap, others, learn)
        )
    return tuple(filled)


def _gap(covariate: Covariate) -> Bools | None:
    if covariate.is_categorical:
        return None
    gap = np.isnan(covariate.values)
    return gap if gap.any() else None


def _refuse_unknown(covariates: tuple[Covariate, ...], gaps: dict[int, Bools], pool: Bools) -> None:
    unknown = [covariates[place].name for place, gap in gaps.items() if bool(gap[pool].all())]
    if unknown:
        faults = [say("numerics.errors.all_missing", name=name) for name in unknown]
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _with_mean(covariate: Covariate, gap: Bools | None, pool: Bools, case_weights: Floats | None) -> Covariate:
    if gap is None:
        return covariate
    mean = _mean(np.asarray(covariate.values, np.float64), pool & ~gap, case_weights)
    return replace(covariate, values=np.where(gap, mean, covariate.values))


def _mean(values: Floats, rows: Bools, case_weights: Floats | None) -> float:
    return float(np.average(values[rows], weights=None if case_weights is None else case_weights[rows]))


def _predict(values: Floats, gap: Bools, others: tuple[Covariate, ...], learn: Learning) -> Floats:
    known = values[learn.rows]
    filled = values.copy()
    if not others:
        filled[gap] = _mean(values, learn.rows, learn.case_weights)
        return filled
    design = weighted_design(others, learn.case_weights, learn.rows)
    y = np.where(gap, 0.0, values)
    fit = fit_ridge(design, y, "linear", rows=learn.rows, penalty=learn.penalty, case_weights=learn.case_weights)
    filled[gap] = np.clip(fit.linear(design, gap), known.min(), known.max())
    return filled
