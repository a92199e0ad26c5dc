"""Analyses whose sizes, together, would narrow down a small level of the headline's table even if all of it were hidden."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from datalab.balance.results import CovariateBalance
from datalab.disclosure.covariates import columns_of, levels_told, told_cells
from datalab.disclosure.suppression import feasible_ranges, partition
from datalab.disclosure.thresholds import Thresholds
from datalab.effects.results import AnalysisFindings
from datalab.table import Bools, Ints

_SLACK = 1e-6


def narrowing(head: AnalysisFindings, others: Sequence[AnalysisFindings], thresholds: Thresholds) -> frozenset[str]:
    """Names of those of the others, in order of importance, that are not to be shown beside the headline and those before.

    Each shows sums over levels of a covariate. Where such sums overlap (two regions, two others), they may leave a small level
    within a few people, whatever of the table is hidden.
    """
    groups = () if head.balance is None else head.balance.covariates
    by_covariate = (tuple(lines) for _, lines in groupby(groups, key=lambda line: line.covariate))
    tables = [lines for lines in by_covariate if lines[0].level]
    withheld: set[str] = set()
    shown: list[AnalysisFindings] = []
    for other in others:
        conditions = tuple(condition for one in (*shown, other) for condition in one.conditions)
        if any(_narrows(lines, levels_told(lines, conditions), thresholds) for lines in tables):
            withheld.add(other.name)
        else:
            shown.append(other)
    return frozenset(withheld)


def _narrows(lines: tuple[CovariateBalance, ...], told: tuple[frozenset[str], ...], thresholds: Thresholds) -> bool:
    """Whether a small level is left with less than `width` either way, but for what one sum that holds it leaves."""
    columns = columns_of(lines)
    small = columns < thresholds.cell_minimum
    if not told or not small.any():
        return False
    sets = told_cells(columns, [line.level for line in lines], told, thresholds)
    table = partition(columns, small, sets)
    cells = np.flatnonzero(small.ravel())
    ends = feasible_ranges(table, np.ones(len(lines), dtype=bool), cells)
    counts = columns.ravel()[cells]
    most = np.minimum.reduce([_left_by(columns, inside).ravel()[cells] for inside in sets])
    low, high = np.maximum(0, counts - thresholds.width), np.minimum(counts + thresholds.width, most)
    return bool((ends[:, 0] > low + _SLACK).any() or (ends[:, 1] < high - _SLACK).any())


def _left_by(columns: Ints, inside: Bools) -> Ints:
    """What one set leaves for each cell: its sum for those within, the rest of the row for those outside."""
    within = np.where(inside, columns, 0).sum(axis=1, keepdims=True)
    whole = columns.sum(axis=1, keepdims=True)
    return np.asarray(np.where(inside, within, whole - within), dtype=np.int64)
