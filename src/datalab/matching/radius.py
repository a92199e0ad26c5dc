"""Radius matching: every pool row within the caliper of a treated row shares that row's weight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datalab.table import Bools, Floats, Ints


def radius_weights(
    logit: Floats, treated: Bools, strata: Ints, caliper: float, mass: Floats | None = None
) -> tuple[Floats, Ints]:
    """Weights and reach of all rows (n,), before they are divided by the number of matched treated rows.

    A pool row's weight is the sum of 1/n_i over the treated rows i of its stratum with |logit_i - logit_j| <= caliper
    (both ends included), n_i being the pool rows in reach of i; a treated row's weight is 1 where n_i > 0. reach: n_i
    for treated rows, 0 for pool rows. mass (n,): case weights; the treated row's is shared among the pool rows in reach in
    proportion to theirs. Order of rows does not matter. Time: O((n + N) log N).
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
    """Weights of the pool (N,) and number in reach of each treated (n,), from one sort of the pool.

    Each treated row's window is a run of the sorted pool: 1/n_i is added at its start, taken off at its end, and a
    running sum gives the weights. A running count of the windows says exactly where the sum is 0 but for rounding.
    """
    order = np.argsort(pool)
    ranked = pool[order]
    # Sorted windows make the searches and the running sum independent of the order of rows, to the last bit.
    place = np.argsort(treated, kind="stable")
    low = np.searchsorted(ranked, treated[place] - caliper, side="left")
    high = np.searchsorted(ranked, treated[place] + caliper, side="right")
    counts = high - low
    found = counts > 0
    change, windows = np.zeros(pool.size + 1), np.zeros(pool.size + 1, dtype=np.int64)
    if masses is None:
        share = 1.0 / counts[found]
    else:
        own, below = masses[0][place], np.concatenate([[0.0], np.cumsum(masses[1][order])])
        share = own[found] / (below[high[found]] - below[low[found]])
    np.add.at(change, low[found], share)
    np.subtract.at(change, high[found], share)
    np.add.at(windows, low[found], 1)
    np.subtract.at(windows, high[found], 1)
    running = np.cumsum(change[:-1])
    running[np.cumsum(windows[:-1]) == 0] = 0.0
    weights, reach = np.empty(pool.size), np.empty(treated.size, dtype=np.int64)
    weights[order] = running if masses is None else running * masses[1][order]
    reach[place] = counts
    return weights, reach
