"""Ridge regression by Newton's method with step-halving, in chunks: logistic (fractional too), Poisson and linear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.errors import InputError, InternalError
from datalab.numerics.blocks import each_block, one_blas_thread
from datalab.numerics.design import Design
from datalab.numerics.families import FamilyName, family_named
from datalab.numerics.sweep import Problem, Sweep, pick
from datalab.table import Bools, Floats
from datalab.wording import say

MOST_STEPS = 100
MOST_HALVINGS = 40
# The search ends when a step would lower the loss by less than half of this (in units of log-likelihood).
ENOUGH = 1e-12
NEARLY_ENOUGH = 1e-2
# A curvature is used again while each step leaves at most this share of the last one's gain.
GOOD_SHARE = 0.01
# Above this many rows the search starts from the answer of a thinned sample.
MANY_ROWS = 100_000
THINNED_ROWS = 50_000
# The sample's penalty, a share of its rows' curvature: of a column (or a difference of two) that is nearly always 0, a sample has
# a few rows, which alone would set its coefficient.
THINNED_PENALTY = 1e-3
# A start is worth it where a step from it promises at most this share of what it has won over the plain one.
WORTH_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted ridge regression. intercept and coefficients (p,) belong to the design's standardised columns.

    The intercept is -inf (or +inf, logistic) where every outcome is 0 (or 1): then all coefficients are 0.
    iterations: Newton steps on all the rows.
    """

    family: FamilyName
    names: tuple[str, ...]
    intercept: float
    coefficients: Floats
    penalty: float
    iterations: int

    def linear(self, design: Design, rows: Bools | None = None) -> Floats:
        """Linear predictor of the design's rows (n,), or of the chosen ones (m,).

        Raises InternalError where the design has other columns than the one fitted.
        """
        if design.names != self.names:
            raise InternalError("a fit was asked to predict from a design with other columns")
        if not np.isfinite(self.intercept):
            return np.full(_count(design, rows), self.intercept)
        index = None if rows is None else np.flatnonzero(rows)

        def work(block: slice) -> Floats:
            return design.linear(self.intercept, self.coefficients, pick(index, block))

        parts = each_block(work, _count(design, rows))
        return np.concatenate(parts) if parts else np.empty(0)

    def mean(self, design: Design, rows: Bools | None = None) -> Floats:
        """Expected outcome of the design's rows (n,), or of the chosen ones (m,)."""
        return family_named(self.family).mean(self.linear(design, rows))


@dataclass(frozen=True, eq=False)
class _State:
    """Loss and gradient at `beta` (1 + p,), penalty included, with the step to take from there and the gain it promises.

    hessian: that of here, or of an earlier state whose curvature still serves.
    """

    beta: Floats
    loss: float
    hessian: Floats
    step: Floats
    gain: float


def fit_ridge(
    design: Design,
    y: Floats,
    family: FamilyName,
    rows: Bools | None = None,
    penalty: float = 1.0,
    *,
    case_weights: Floats | None = None,
) -> Fit:
    """Minimises -sum of w x log-likelihood + penalty/2 x |coefficients|^2 over the standardised columns, intercept free.

    y (n,): outcome, read only where `rows` (n,) is True (None: everywhere); logistic: 0 to 1, fractions allowed
    (Papke and Wooldridge 1996); poisson: 0 or more; linear: any, unit variance. penalty: above 0, so that the answer is
    finite under perfect separation and with more columns than rows; 1 is scikit-learn's C = 1. case_weights (n,): 0 or
    more. No randomness; the same bits whatever the number of threads.
    Raises InputError for case weights that are negative, not finite or all 0; InternalError for an outcome out of range or
    missing, no rows, and where the search does not converge.
    Source: Hoerl and Kennard 1970; le Cessie and van Houwelingen 1992.

    >>> from datalab.table import Covariate
    >>> from datalab.numerics.design import build_design
    >>> design = build_design((Covariate("x", "X", np.array([0.0, 1.0, 2.0, 3.0])),))
    >>> fit = fit_ridge(design, np.array([0.0, 0.0, 1.0, 1.0]), "logistic")
    >>> bool(abs(fit.intercept) < 1e-9), round(float(fit.coefficients[0]), 3)
    (True, 0.944)
    """
    index = None if rows is None or bool(rows.all()) else np.flatnonzero(rows)
    chosen = slice(None) if index is None else index
    outcome = np.asarray(y[chosen], dtype=np.float64)
    weights = None if case_weights is None else np.asarray(case_weights[chosen], dtype=np.float64)
    problem = Problem(design, family_named(family), index, outcome, weights, penalty)
    _require_sound(problem)
    centre = _weighted_mean(problem.y, problem.weights)
    if centre in (problem.family.low, problem.family.high):
        limit = -np.inf if centre == problem.family.low else np.inf
        return Fit(family, design.names, limit, np.zeros(design.p), penalty, 0)
    beta = np.zeros(design.p + 1)
    beta[0] = problem.family.start(centre)
    with one_blas_thread():
        state = _thinned_start(problem, beta) if problem.y.size > MANY_ROWS and not problem.family.quadratic else None
        beta, steps = _search(problem, state or _begin(problem, beta), ENOUGH)
    return Fit(family, design.names, float(beta[0]), beta[1:], penalty, steps)


def _require_sound(problem: Problem) -> None:
    y, weights, family = problem.y, problem.weights, problem.family
    if not y.size:
        raise InternalError("a regression was asked for without rows")
    if not (problem.penalty > 0 and np.isfinite(problem.penalty)):
        raise InternalError("the penalty of a ridge regression must be above 0")
    if not (np.isfinite(y).all() and y.min() >= family.low and y.max() <= family.high):
        raise InternalError("an outcome of a regression is missing or out of its family's range")
    if weights is not None and not (np.isfinite(weights).all() and weights.min() >= 0 and weights.sum() > 0):
        raise InputError(say("numerics.errors.weights"))


def _weighted_mean(y: Floats, weights: Floats | None) -> float:
    # Of outcomes that are all the same, exactly that value: rounding must not hide that there is nothing to fit.
    used = y if weights is None else y[weights > 0]
    if used.min() == used.max():
        return float(used[0])
    return float(y.mean() if weights is None else (weights @ y) / weights.sum())


def _thinned_start(problem: Problem, plain: Floats) -> _State | None:
    """Where a thinned sample ends, if that is worth starting from: None where a step from there promises much of what it has won.

    Of a column, or a difference of two, that is nearly always 0 a sample has next to no rows. What they alone say of its
    coefficient can be so wrong for the rows left out that the search would take dozens of steps back from there, or overflow.
    """
    try:
        sample = _thin(problem, float(plain[0]))
        beta, _ = _search(sample, _begin(sample, plain), NEARLY_ENOUGH)
        state = _evaluate(problem, beta)
    except InternalError:  # of the sample's own making: the plain start has yet to be tried
        return None
    if state is None or not state.gain <= WORTH_SHARE * (_loss_alike(problem, float(plain[0])) - state.loss):
        return None
    return state


def _thin(problem: Problem, intercept: float) -> Problem:
    """A systematic sample of the rows, weighted up, its coefficients held close to 0; the rarer of y = 0 and y > 0 is kept whole.

    Only a start. intercept: of the plain one, where the curvature is taken.
    """
    positive = problem.y > 0
    rare = positive if np.count_nonzero(positive) * 2 <= positive.size else ~positive
    keep_rare = np.count_nonzero(rare) <= THINNED_ROWS
    step = -(-problem.y.size // THINNED_ROWS)
    kept = np.zeros(problem.y.size, dtype=bool)
    kept[::step] = True
    if keep_rare:
        kept |= rare
    index = np.flatnonzero(kept)
    weights = np.where(rare[index] & keep_rare, 1.0, float(step))
    if problem.weights is not None:
        weights = weights * problem.weights[index]
    places = index if problem.index is None else problem.index[index]
    y = problem.y[index]
    _, _, curvature = problem.family.parts(np.full(y.size, intercept), y)
    penalty = max(problem.penalty, THINNED_PENALTY * float(weights @ curvature))
    return Problem(problem.design, problem.family, places, y, weights, penalty)


def _begin(problem: Problem, beta: Floats) -> _State:
    state = _evaluate(problem, beta)
    if state is None:
        raise InternalError("a regression overflows where it starts")
    return state


def _search(problem: Problem, state: _State, enough: float) -> tuple[Floats, int]:
    """The best coefficients and the steps taken. Hessians cost most by far, so one is kept while it serves well."""
    total = float(problem.y.size if problem.weights is None else problem.weights.sum())
    enough *= min(1.0, total)  # small case weights make small losses
    serves = False
    for steps in range(1, MOST_STEPS + 1):
        if problem.family.quadratic or state.gain <= enough:
            return state.beta + state.step, steps
        new = _advance(problem, state, state.hessian if serves else None)
        serves = new.gain <= GOOD_SHARE * state.gain
        state = new
    raise InternalError(f"a regression did not converge in {MOST_STEPS} steps")


def _advance(problem: Problem, state: _State, hessian: Floats | None) -> _State:
    """The state after the step, halved until the loss does not rise, with that curvature (None: its own)."""
    slack = 1e-12 * abs(state.loss)
    step = state.step
    for _ in range(MOST_HALVINGS):
        new = _evaluate(problem, state.beta + step, hessian)
        if new is not None and new.loss <= state.loss + slack:
            return new
        step = step / 2
    raise InternalError("no step of a regression lowered its loss")


def _evaluate(problem: Problem, beta: Floats, hessian: Floats | None = None) -> _State | None:
    """One pass over the rows in the raw columns, then the exact change to standardised ones; with a new Hessian where
    none is given. None where the loss or the curvature overflows."""
    design = problem.design
    parts = each_block(Sweep(problem, beta, hessian=hessian is None), problem.y.size)
    loss = sum(part.loss for part in parts)
    if not np.isfinite(loss):
        return None
    gradient = _add([part.gradient for part in parts])
    # Standardised columns are the raw ones times `scale`, plus the intercept's times `shift`.
    scale = np.concatenate([[1.0], design.scale])
    shift = np.concatenate([[0.0], -design.centre * design.scale])
    ridge = np.full(beta.size, problem.penalty)
    ridge[0] = 0.0
    gradient = scale * gradient + shift * gradient[0] + ridge * beta
    if hessian is None:
        hessian = _standardise(_add([part.hessian for part in parts]), scale, shift)
        hessian[np.diag_indices_from(hessian)] += ridge
        if not np.isfinite(hessian).all():
            return None
    step = -_solve(hessian, gradient)
    return _State(beta, loss + 0.5 * float(ridge @ beta**2), hessian, step, -float(gradient @ step))


def _loss_alike(problem: Problem, intercept: float) -> float:
    """The loss where every row has that linear predictor."""

    def work(block: slice) -> float:
        y = problem.y[block]
        losses, _, _ = problem.family.parts(np.full(y.size, intercept), y)
        return float(losses.sum() if problem.weights is None else problem.weights[block] @ losses)

    return sum(each_block(work, problem.y.size))


def _standardise(raw: Floats, scale: Floats, shift: Floats) -> Floats:
    """The Hessian of the standardised columns from that of the raw ones: a change of rank two, never a product of matrices."""
    first = scale * raw[0] + 0.5 * raw[0, 0] * shift
    return scale[:, None] * raw * scale + np.outer(first, shift) + np.outer(shift, first)


def _add(arrays: list[Floats]) -> Floats:
    # One after the other, so that the order of the sum is fixed.
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    return total


def _solve(hessian: Floats, gradient: Floats) -> Floats:
    try:
        step = np.asarray(np.linalg.solve(hessian, gradient), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise InternalError("the equations of a regression could not be solved") from error
    return step


def _count(design: Design, rows: Bools | None) -> int:
    return design.n if rows is None else int(np.count_nonzero(rows))
