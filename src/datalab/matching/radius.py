"""Radius matching: every pool row within the caliper of a treated row shares that row's weight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datalab.table import Bools, Floats, Ints

# More cells than this leave the processor's cache.
MOST_CELLS = 1 << 20


def radius_weights(
    logit: Floats, treated: Bools, strata: Ints, caliper: float, mass: Floats | None = None
) -> tuple[Floats, Ints]:
    """Weights and reach of all rows (n,), before they are divided by the number of matched treated rows.

    A pool row's weight is the sum of 1/n_i over the treated rows i of its stratum with |logit_i - logit_j| <= caliper
    (both ends included), n_i being the pool rows in reach of i; a treated row's weight is 1 where n_i > 0. reach: n_i
    for treated rows, 0 for pool rows. mass (n,): case weights; the treated row's is shared among the pool rows in reach in
    proportion to theirs. Order of rows does not matter. Time: O((n + N) log n), near O(N) where
    scores spread.
    Source: Dehejia and Wahba 2002.

    >>> logit, treated = np.array([0.0, 5.0, 0.1, -0.1, 1.0]), np.array([True, True, False, False, False])
    >>> weights, reach = radius_weights(logit, treated, np.zeros(5, int), 0.5)
    >>> weights.tolist(), reach.tolist()
    ([1.0, 0.0, 0.5, 0.5, 0.0], [2, 0, 0, 0, 0])
    """
    weights, reach = np.zeros(logit.size), np.zeros(logit.size, dtype=np.int64)
    for ours, pool in stratum_rows(treated, strata):
        masses = None if mass is None else (mass[ours], mass[pool])
        shares, counts = _window_weights(logit[ours], logit[pool], caliper, masses)
        weights[pool], reach[ours] = shares, counts
        weights[ours] = counts > 0 if mass is None else np.where(counts > 0, mass[ours], 0.0)
    return weights, reach


def stratum_rows(treated: Bools, strata: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For each stratum with treated rows and a pool, in order of its code: the places of both, in order of rows."""
    if strata[0] == strata[-1] and bool((strata == strata[0]).all()):
        if treated.any() and not treated.all():
            yield np.flatnonzero(treated), np.flatnonzero(~treated)
        return
    order = np.argsort(strata, kind="stable")
    cuts = np.flatnonzero(np.diff(strata[order])) + 1
    for rows in np.split(order, cuts):
        inside = treated[rows]
        if inside.any() and not inside.all():
            yield rows[inside], rows[~inside]


def _window_weights(
    treated: Floats, pool: Floats, caliper: float, masses: tuple[Floats, Floats] | None = None
) -> tuple[Floats, Ints]:
    """Weights of the pool (N,) and number in reach of each treated (n,), from the ends of the windows alone.

    Between two neighbouring ends of windows all pool rows weigh the same, so a running sum over the ends gives every
    weight: 1/n_i is added where the window of i begins and taken off after it. A running count of the windows, in whole
    numbers, says exactly where the sum is 0 but for rounding.
    """
    # Sorted windows make the running sum independent of the order of rows, to the last bit.
    place = np.argsort(treated, kind="stable")
    low, after = treated[place] - caliper, np.nextafter(treated[place] + caliper, np.inf)
    ends = np.sort(np.concatenate([low, after]))
    passed = _ends_passed(pool, ends)
    below = np.concatenate([[0], np.cumsum(np.bincount(passed, minlength=ends.size + 1))])
    first, stop = np.searchsorted(ends, low) + 1, np.searchsorted(ends, after) + 1
    counts = below[stop] - below[first]
    found = counts > 0
    share = 1.0 / counts[found]
    if masses is not None:
        heavy = np.concatenate([[0.0], np.cumsum(np.bincount(passed, masses[1], ends.size + 1))])
        share = masses[0][place][found] / (heavy[stop] - heavy[first])[found]
    change, windows = np.zeros(ends.size + 2), np.zeros(ends.size + 2, dtype=np.int64)
    np.add.at(change, first[found], share)
    np.subtract.at(change, stop[found], share)
    np.add.at(windows, first[found], 1)
    np.subtract.at(windows, stop[found], 1)
    weights = np.where(np.cumsum(windows) > 0, np.cumsum(change), 0.0).take(passed)
    if masses is not None:
        weights *= masses[1]
    reach = np.empty(treated.size, dtype=np.int64)
    reach[place] = counts
    return weights, reach


def _ends_passed(pool: Floats, ends: Floats) -> Ints:
    """How many of the sorted ends (e,) are not above each pool row (N,): looked up in a grid of narrow cells.

    A row in a cell without an end has passed just the ends in the cells before; rows in a cell with an end are searched
    for. Cells are numbered by a function that never falls, so the two ways agree to the last bit.
    """
    cells = max(1, min(MOST_CELLS, pool.size))
    width = max((float(ends[-1]) - float(ends[0])) / cells, float(np.finfo(np.float64).tiny))
    inside = np.bincount(_cells(ends, ends[0], width, cells), minlength=cells)
    before = np.cumsum(inside) - inside
    before[inside > 0] = -1
    passed = before.take(_cells(pool, ends[0], width, cells))
    unsure = np.flatnonzero(passed < 0)
    passed[unsure] = np.searchsorted(ends, pool[unsure], side="right")
    return passed


def _cells(values: Floats, low: float, width: float, cells: int) -> Ints:
    # No score is changed: only the number of its cell is kept to the grid, whose outer cells are endless.
    numbers = np.subtract(values, low)
    numbers /= width
    return np.clip(numbers, 0, cells - 1, out=numbers).astype(np.int64)
