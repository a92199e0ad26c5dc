"""Ridge regression by Newton's method with step-halving, in chunks: logistic (fractional too), Poisson and linear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from datalab.errors import InternalError
from datalab.numerics.blocks import chunk_rows, cut, each_block
from datalab.numerics.design import Design, Rows
from datalab.numerics.families import Family, FamilyName, family_named
from datalab.table import Bools, Floats, Ints

MOST_STEPS = 100
MOST_HALVINGS = 40
# The Newton decrement (twice the loss still to gain, in units of log-likelihood) at which the last step is taken; that
# step squares it.
ENOUGH = 1e-8
NEARLY_ENOUGH = 1e-2
# Above this many rows the search starts from the answer of a thinned sample.
MANY_ROWS = 100_000
THINNED_ROWS = 50_000


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
            return design.linear(self.intercept, self.coefficients, _pick(index, block))

        parts = each_block(work, _count(design, rows))
        return np.concatenate(parts) if parts else np.empty(0)

    def mean(self, design: Design, rows: Bools | None = None) -> Floats:
        """Expected outcome of the design's rows (n,), or of the chosen ones (m,)."""
        return family_named(self.family).mean(self.linear(design, rows))


@dataclass(frozen=True, eq=False)
class _Problem:
    """What is minimised: y and weights of the m fitted rows, whose places in the design are `index` (None: all)."""

    design: Design
    family: Family
    index: Ints | None
    y: Floats
    weights: Floats | None
    penalty: float


@dataclass(frozen=True, eq=False)
class _State:
    """Loss, gradient and Hessian at `beta` (1 + p,), penalty included."""

    beta: Floats
    loss: float
    gradient: Floats
    hessian: Floats


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
    Raises InternalError for an outcome out of range or missing, no rows, and where the search does not converge.
    Source: Hoerl and Kennard 1970; le Cessie and van Houwelingen 1992.

    >>> from datalab.table import Covariate
    >>> from datalab.numerics.design import build_design
    >>> design = build_design((Covariate("x", "X", np.array([0.0, 1.0, 2.0, 3.0])),))
    >>> fit = fit_ridge(design, np.array([0.0, 0.0, 1.0, 1.0]), "logistic")
    >>> bool(abs(fit.intercept) < 1e-9), round(float(fit.coefficients[0]), 3)
    (True, 0.944)
    """
    index = None if rows is None or bool(rows.all()) else np.flatnonzero(rows)
    pick = slice(None) if index is None else index
    outcome = np.asarray(y[pick], dtype=np.float64)
    weights = None if case_weights is None else np.asarray(case_weights[pick], dtype=np.float64)
    problem = _Problem(design, family_named(family), index, outcome, weights, penalty)
    _require_sound(problem)
    centre = _weighted_mean(problem.y, problem.weights)
    if centre in (problem.family.low, problem.family.high):
        limit = -np.inf if centre == problem.family.low else np.inf
        return Fit(family, design.names, limit, np.zeros(design.p), penalty, 0)
    beta = np.zeros(design.p + 1)
    beta[0] = problem.family.start(centre)
    if problem.y.size > MANY_ROWS and not problem.family.quadratic:
        beta, _ = _search(_thin(problem), beta, NEARLY_ENOUGH)
    beta, steps = _search(problem, beta, ENOUGH)
    return Fit(family, design.names, float(beta[0]), beta[1:], penalty, steps)


def _require_sound(problem: _Problem) -> None:
    y, weights, family = problem.y, problem.weights, problem.family
    if not y.size:
        raise InternalError("a regression was asked for without rows")
    if not (problem.penalty > 0 and np.isfinite(problem.penalty)):
        raise InternalError("the penalty of a ridge regression must be above 0")
    if not (np.isfinite(y).all() and y.min() >= family.low and y.max() <= family.high):
        raise InternalError("an outcome of a regression is missing or out of its family's range")
    if weights is not None and not (np.isfinite(weights).all() and weights.min() >= 0 and weights.sum() > 0):
        raise InternalError("the case weights of a regression must be 0 or more, and not all 0")


def _weighted_mean(y: Floats, weights: Floats | None) -> float:
    # Of outcomes that are all the same, exactly that value: rounding must not hide that there is nothing to fit.
    used = y if weights is None else y[weights > 0]
    if used.min() == used.max():
        return float(used[0])
    return float(y.mean() if weights is None else (weights @ y) / weights.sum())


def _thin(problem: _Problem) -> _Problem:
    """A systematic sample of the rows, weighted up; the rarer of y = 0 and y > 0 is kept whole. Only a start."""
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
    return _Problem(problem.design, problem.family, places, problem.y[index], weights, problem.penalty)


def _search(problem: _Problem, beta: Floats, enough: float) -> tuple[Floats, int]:
    total = float(problem.y.size if problem.weights is None else problem.weights.sum())
    enough *= min(1.0, total)  # small case weights make small losses
    state = _evaluate(problem, beta)
    for steps in range(1, MOST_STEPS + 1):
        step = _newton_step(state)
        if problem.family.quadratic or -float(state.gradient @ step) <= enough:
            return state.beta + step, steps
        state = _advance(problem, state, step)
    raise InternalError(f"a regression did not converge in {MOST_STEPS} steps")


def _newton_step(state: _State) -> Floats:
    try:
        step: Floats = -scipy.linalg.solve(state.hessian, state.gradient, assume_a="pos")
    except (np.linalg.LinAlgError, ValueError) as error:
        raise InternalError("the equations of a regression could not be solved") from error
    return step


def _advance(problem: _Problem, state: _State, step: Floats) -> _State:
    """The state after the step, halved until the loss does not rise."""
    slack = 1e-12 * abs(state.loss)
    for _ in range(MOST_HALVINGS):
        new = _evaluate(problem, state.beta + step)
        if np.isfinite(new.loss) and np.isfinite(new.hessian).all() and new.loss <= state.loss + slack:
            return new
        step = step / 2
    raise InternalError("no step of a regression lowered its loss")


def _evaluate(problem: _Problem, beta: Floats) -> _State:
    """One pass over the rows in the raw columns, then the exact change to standardised ones."""
    design = problem.design
    parts = each_block(_sweeper(problem, beta), problem.y.size)
    loss, gradient, hessian = parts[0]
    for more in parts[1:]:
        loss += more[0]
        gradient += more[1]
        hessian += more[2]
    # Raw columns times `change` are the standardised ones, the intercept first.
    change = np.diag(np.concatenate([[1.0], design.scale]))
    change[0, 1:] = -design.centre * design.scale
    gradient = change.T @ gradient
    hessian = change.T @ hessian @ change
    ridge = np.full(beta.size, problem.penalty)
    ridge[0] = 0.0
    hessian[np.diag_indices_from(hessian)] += ridge
    return _State(beta, loss + 0.5 * float(ridge @ beta**2), gradient + ridge * beta, hessian)


def _sweeper(problem: _Problem, beta: Floats) -> Callable[[slice], tuple[float, Floats, Floats]]:
    """Work on one block: loss, gradient (1 + p,) and Hessian (1 + p, 1 + p) in raw columns, without the penalty."""
    design, family = problem.design, problem.family
    dense = design.dense_columns
    base, raw = design.raw_coefficients(float(beta[0]), beta[1:])
    width = design.p + 1
    size = chunk_rows(width)

    def sweep(block: slice) -> tuple[float, Floats, Floats]:
        loss, gradient, hessian = 0.0, np.zeros(width), np.zeros((width, width))
        scaled = np.zeros((size, width))
        flat = scaled.reshape(-1)
        starts = np.arange(size) * width + 1 + dense
        with np.errstate(over="ignore", invalid="ignore"):
            for part in cut(block.stop - block.start, size, block.start):
                rows = _pick(problem.index, part)
                numbers = design.dense(rows)
                codes = [code[rows] for code in design.codes]
                eta = numbers @ raw[:dense] + base
                for code in codes:
                    eta += raw[dense:][code]
                y = problem.y[part]
                losses, mean, curvature = family.parts(eta, y)
                residual = mean - y
                if problem.weights is not None:
                    weights = problem.weights[part]
                    losses, residual, curvature = losses * weights, residual * weights, curvature * weights
                loss += float(losses.sum())
                gradient[0] += residual.sum()
                gradient[1 : 1 + dense] += residual @ numbers
                root = np.sqrt(curvature)
                m = root.size
                scaled[:m, 0] = root
                np.multiply(numbers, root[:, None], out=scaled[:m, 1 : 1 + dense])
                spots = [starts[:m] + code for code in codes]
                for code, spot in zip(codes, spots, strict=True):
                    gradient[1 + dense :] += np.bincount(code, residual, width - 1 - dense)
                    flat[spot] = root
                hessian += scaled[:m].T @ scaled[:m]
                for spot in spots:
                    flat[spot] = 0.0
        return loss, gradient, hessian

    return sweep


def _pick(index: Ints | None, part: slice) -> Rows:
    return part if index is None else index[part]


def _count(design: Design, rows: Bools | None) -> int:
    return design.n if rows is None else int(np.count_nonzero(rows))
