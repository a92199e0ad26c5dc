"""One pass over the rows of a regression: loss, gradient and, if asked, Hessian, in the raw columns of the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.numerics.blocks import chunk_rows, cut
from datalab.numerics.design import Design, Rows
from datalab.numerics.families import Family
from datalab.table import Floats, Ints


@dataclass(frozen=True, eq=False)
class Problem:
    """What is minimised: y and weights of the m fitted rows, whose places in the design are `index` (None: all)."""

    design: Design
    family: Family
    index: Ints | None
    y: Floats
    weights: Floats | None
    penalty: float


@dataclass(eq=False)
class Totals:
    """Sums over rows, without the penalty: loss, gradient (1 + p,), Hessian (1 + p, 1 + p), 0 where not asked for."""

    loss: float
    gradient: Floats
    hessian: Floats


@dataclass(frozen=True, eq=False)
class _Slope:
    """Residual and curvature of the rows of a chunk."""

    residual: Floats
    curvature: Floats


class Sweep:
    """Work on a block of rows at given coefficients of the standardised columns; called with the block, gives Totals.

    A chunk's columns lie one after the other, rows along them. Its one-hot columns are never filled in full: sums by level
    are counts, and the matrix whose square is the Hessian gets its few non-zero cells set before, and cleared after, each
    product.
    """

    def __init__(self, problem: Problem, beta: Floats, *, hessian: bool) -> None:
        design = problem.design
        self.problem = problem
        self.hessian = hessian
        self.first_level = 1 + design.dense_columns
        self.width = 1 + design.p
        self.intercept, raw = design.raw_coefficients(float(beta[0]), beta[1:])
        self.of_dense, self.of_levels = raw[: design.dense_columns], raw[design.dense_columns :]

    def __call__(self, block: slice) -> Totals:
        """The sums over the block's rows."""
        size = chunk_rows(self.width)
        shape = (self.width, self.width) if self.hessian else (0, 0)
        totals = Totals(0.0, np.zeros(self.width), np.zeros(shape))
        work = np.zeros((self.width, size) if self.hessian else (0, 0))
        # A step too far overflows to an infinite loss, which the search refuses.
        with np.errstate(over="ignore", invalid="ignore"):
            for part in cut(block.stop - block.start, size, block.start):
                self._add_chunk(totals, part, work)
        return totals

    def _add_chunk(self, totals: Totals, part: slice, work: Floats) -> None:
        rows = pick(self.problem.index, part)
        dense = self.problem.design.numbers.block(rows)
        codes = [(category.codes[rows], category.levels) for category in self.problem.design.categories]
        eta = self.of_dense @ dense + self.intercept
        for code, levels in codes:
            eta += self.of_levels[levels][code]
        slope = self._add_loss(totals, part, eta)
        totals.gradient[0] += slope.residual.sum()
        totals.gradient[1 : self.first_level] += dense @ slope.residual
        by_level = totals.gradient[self.first_level :]
        for code, levels in codes:
            by_level[levels] += np.bincount(code, slope.residual, levels.stop - levels.start)
        if self.hessian:
            lines = [code + (self.first_level + levels.start) for code, levels in codes]
            self._add_hessian(totals, np.sqrt(slope.curvature), dense, lines, work)

    def _add_loss(self, totals: Totals, part: slice, eta: Floats) -> _Slope:
        y = self.problem.y[part]
        losses, mean, curvature = self.problem.family.parts(eta, y)
        residual = mean - y
        if self.problem.weights is not None:
            weights = self.problem.weights[part]
            losses, residual, curvature = losses * weights, residual * weights, curvature * weights
        totals.loss += float(losses.sum())
        return _Slope(residual, curvature)

    def _add_hessian(self, totals: Totals, root: Floats, dense: Floats, lines: list[Ints], work: Floats) -> None:
        scaled = work[:, : root.size]
        scaled[0] = root
        np.multiply(dense, root, out=scaled[1 : self.first_level])
        cells, rows = work.reshape(-1), np.arange(root.size)
        spots = [line * work.shape[1] + rows for line in lines]
        for spot in spots:
            cells[spot] = root
        totals.hessian += scaled @ scaled.T
        for spot in spots:
            cells[spot] = 0.0


def pick(index: Ints | None, part: slice) -> Rows:
    """Places in the design of a part of the fitted rows."""
    return part if index is None else index[part]
