"""Entropy balancing: the weights nearest to equal ones under which the comparison people have the treated's very means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datalab.errors import InputError
from datalab.matching.radius import stratum_rows
from datalab.matching.task import Task, Weighed, blank
from datalab.numerics.blocks import chunk_rows, cut, one_blas_thread
from datalab.numerics.design import Design
from datalab.numerics.weighting import weighted_design
from datalab.table import Covariate, Floats, Ints
from datalab.wording import say

MOST_STEPS = 200
MOST_HALVINGS = 40
# Largest difference of a mean, in SD of its column, that ends the search; and that is still good where rounding stops it.
ENOUGH, GOOD = 1e-11, 1e-9
# A mean this near the pool's end lets only the rows at that end have weight.
AT_THE_END = 1e-9
NAMED = 5


def weigh_entropy(task: Task) -> Weighed:
    """Weights b_j exp(x_j . lambda), b_j the case weights, that give the pool the treated's mean of every column.

    Columns: every number and every level of every category (with "rich" terms squares and products too), and the strata,
    so that each stratum weighs what its treated rows do. Comparison rows with a level that no treated row has get no
    weight. Found by Newton's method on the dual, which is convex; every treated row whose stratum has a pool is
    matched. Raises InputError, naming the columns that stay furthest apart, where no weights do it.
    Source: Hainmueller 2012.
    """
    weights, reach = blank(task)
    parts = [(ours, pool) for ours, pool in stratum_rows(task.treated, task.strata)]
    if not parts:
        return Weighed(weights, reach)
    ours, pool = (np.sort(np.concatenate(rows)) for rows in zip(*parts, strict=True))
    design = balance_design(task)
    target = column_means(design, ours, task.mass)
    found = solve_dual(design, pool, task.mass[pool], target)
    weights[ours], reach[ours] = task.mass[ours], pool.size
    weights[pool] = found * task.mass[ours].sum()
    return Weighed(weights, reach)


def balance_design(task: Task) -> Design:
    """The columns whose means are balanced, strata among them where there are several."""
    codes, strata = np.unique(task.strata, return_inverse=True)
    names = tuple(str(code) for code in codes)
    several = (Covariate("stratum", "stratum", strata.astype(np.int64), names),) if codes.size > 1 else ()
    return weighted_design((*task.covariates, *several), task.case_weights, terms=task.terms)


def column_means(design: Design, rows: Ints, weights: Floats) -> Floats:
    """Weighted means (p,) of the columns over some rows; weights (n,)."""
    total = sum((weights[places] @ block for places, block in _blocks(design, rows)), np.zeros(design.p))
    return np.asarray(total / weights[rows].sum(), dtype=np.float64)


def solve_dual(design: Design, pool: Ints, base: Floats, target: Floats) -> Floats:
    """Weights (N,), summing to 1, of the pool rows whose column means are `target` (p,); base (N,): 0 or more.

    Minimises log sum_j b_j exp((x_j - target) . lambda). Raises InputError where the search does not end.
    """
    used = _within_reach(design, pool, target) & (base > 0)
    if not used.any():
        raise _no_weights(design, np.abs(_means_apart(design, pool, base, target)))
    dual = _Dual(design, pool[used], base[used] / base[used].sum(), target)
    with one_blas_thread():
        shares = _search(dual)
    weights = np.zeros(pool.size)
    weights[used] = shares
    return weights


@dataclass(frozen=True, eq=False)
class _Dual:
    """The dual problem over the rows that may have weight."""

    design: Design
    rows: Ints
    base: Floats
    target: Floats

    def loss(self, coefficients: Floats) -> tuple[float, Floats]:
        """The loss, and the shares of weight of the rows."""
        parts = [(block - self.target) @ coefficients for _, block in _blocks(self.design, self.rows)]
        eta = np.concatenate(parts)
        top = float(eta.max())
        raw = self.base * np.exp(eta - top)
        total = float(raw.sum())
        return top + float(np.log(total)), raw / total

    def slope(self, shares: Floats) -> tuple[Floats, Floats]:
        """Gradient (p,), which is how far the means are apart, and curvature (p, p), the weighted covariance."""
        p = self.design.p
        gradient, square, start = np.zeros(p), np.zeros((p, p)), 0
        for places, block in _blocks(self.design, self.rows):
            own, apart = shares[start : start + places.size], block - self.target
            gradient += own @ apart
            square += apart.T @ (apart * own[:, None])
            start += places.size
        return gradient, square - np.outer(gradient, gradient)


def _search(dual: _Dual) -> Floats:
    coefficients = np.zeros(dual.design.p)
    loss, shares = dual.loss(coefficients)
    for _ in range(MOST_STEPS):
        gradient, curvature = dual.slope(shares)
        apart = float(np.abs(gradient).max())
        if apart <= ENOUGH:
            return shares
        step = _newton_step(gradient, curvature)
        found = _lower(dual, coefficients, loss, step) if np.isfinite(step).all() else None
        if found is None:
            break
        coefficients, loss, shares = found
    gradient, _ = dual.slope(shares)
    if float(np.abs(gradient).max()) <= GOOD:
        return shares
    raise _no_weights(dual.design, np.abs(gradient))


def _newton_step(gradient: Floats, curvature: Floats) -> Floats:
    # Levels add up to the constant, so some directions have no curvature, and none is needed there: a trace of ridge.
    size = float(np.trace(curvature))
    ridged = curvature + np.eye(gradient.size) * max(1e-12 * size, 1e-300)
    try:
        np.linalg.cholesky(ridged)  # refuses what is not positive definite, which `solve` would not
        return np.asarray(-np.linalg.solve(ridged, gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(-np.linalg.lstsq(curvature, gradient, rcond=1e-10)[0], dtype=np.float64)


def _lower(dual: _Dual, coefficients: Floats, loss: float, step: Floats) -> tuple[Floats, float, Floats] | None:
    """Coefficients, loss and shares after the step, halved until the loss does not rise; None where no part of it helps."""
    for _ in range(MOST_HALVINGS):
        found, shares = dual.loss(coefficients + step)
        if found <= loss + 1e-15 * abs(loss):
            return coefficients + step, found, shares
        step = step / 2
    return None


def _within_reach(design: Design, pool: Ints, target: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Pool rows (mask) that can have weight: where the target is the pool's end of a column, only those at that end.

    Raises InputError where a target lies beyond the pool's ends.
    """
    allowed = np.ones(pool.size, dtype=bool)
    while allowed.any():
        low, high = _ends(design, pool[allowed])
        beyond = np.maximum(low - target, target - high)
        if beyond.max() > AT_THE_END:
            raise _no_weights(design, np.maximum(beyond, 0.0))
        at_low = (target - low <= AT_THE_END) & (high - low > AT_THE_END)
        at_high = (high - target <= AT_THE_END) & (high - low > AT_THE_END)
        if not (at_low.any() or at_high.any()):
            return allowed
        kept = [
            ((np.abs(block[:, at_low] - low[at_low]) <= AT_THE_END).all(axis=1))
            & ((np.abs(block[:, at_high] - high[at_high]) <= AT_THE_END).all(axis=1))
            for _, block in _blocks(design, pool[allowed])
        ]
        allowed[allowed] = np.concatenate(kept)
    return allowed


def _ends(design: Design, rows: Ints) -> tuple[Floats, Floats]:
    blocks = [(block.min(axis=0), block.max(axis=0)) for _, block in _blocks(design, rows)]
    return np.min([low for low, _ in blocks], axis=0), np.max([high for _, high in blocks], axis=0)


def _means_apart(design: Design, pool: Ints, base: Floats, target: Floats) -> Floats:
    full = np.zeros(design.n)
    full[pool] = base
    return column_means(design, pool, full) - target


def _blocks(design: Design, rows: Ints) -> Iterator[tuple[Ints, Floats]]:
    """Some rows with their columns, a few thousand at a time."""
    return ((rows[part], design.matrix(rows[part])) for part in cut(rows.size, chunk_rows(design.p)))


def _no_weights(design: Design, apart: Floats) -> InputError:
    order = np.argsort(-apart, kind="stable")[:NAMED]
    return InputError(
        say("matching.errors.no_entropy", worst=", ".join(design.names[place] for place in order if apart[place] > 0))
    )
