"""Missing numbers: filled by a regression on the other covariates, fitted on the comparison pool alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datalab.errors import InputError
from datalab.numerics.design import build_design
from datalab.numerics.glm import fit_ridge
from datalab.table import Bools, Covariate, Floats
from datalab.wording import say


def impute_covariates(covariates: tuple[Covariate, ...], pool: Bools, penalty: float = 1.0) -> tuple[Covariate, ...]:
    """The covariates with every missing number filled in; those without one are handed on as they are.

    pool (n,): the rows to learn from. A number with missing values is regressed (linear ridge) on all the other
    covariates, whose own gaps are filled with their pool mean for this purpose, so that the order of the covariates
    does not matter; what it predicts is kept within the range seen in the pool. Treatment and outcome play no part, no
    indicator is added, nothing is random.
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
    plain = [_with_mean(covariate, gaps.get(place), pool) for place, covariate in enumerate(covariates)]
    filled = list(covariates)
    for place, gap in gaps.items():
        others = tuple(plain[:place] + plain[place + 1 :])
        filled[place] = replace(
            covariates[place], values=_predict(np.asarray(covariates[place].values, np.float64), gap, others, pool, penalty)
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


def _with_mean(covariate: Covariate, gap: Bools | None, pool: Bools) -> Covariate:
    if gap is None:
        return covariate
    mean = float(covariate.values[pool & ~gap].mean())
    return replace(covariate, values=np.where(gap, mean, covariate.values))


def _predict(values: Floats, gap: Bools, others: tuple[Covariate, ...], pool: Bools, penalty: float) -> Floats:
    learn = pool & ~gap
    known = values[learn]
    filled = values.copy()
    if not others:
        filled[gap] = known.mean()
        return filled
    design = build_design(others, learn)
    fit = fit_ridge(design, np.where(gap, 0.0, values), "linear", rows=learn, penalty=penalty)
    filled[gap] = np.clip(fit.linear(design, gap), known.min(), known.max())
    return filled
