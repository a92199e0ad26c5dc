"""Kernel matching: every comparison row near a treated row counts, the nearer the more."""

from __future__ import annotations

import numpy as np

from datalab.matching.radius import stratum_rows
from datalab.matching.task import Task, Weighed, blank
from datalab.table import Floats, Ints


def weigh_kernel(task: Task) -> Weighed:
    """Epanechnikov weights on the logit: row j counts for treated row i in proportion to 1 - (distance / bandwidth)^2,
    times its case weight, nothing at the bandwidth and beyond; each treated row's mass is shared out so, within strata.

    Time: the number of pairs within the bandwidth. Source: Heckman, Ichimura and Todd 1997.
    """
    weights, reach = blank(task)
    for ours, pool in stratum_rows(task.treated, task.strata):
        shares, reach[ours] = kernel_shares(task.logit, ours, pool, task.mass, task.bandwidth)
        weights[pool] = shares
        weights[ours] = np.where(reach[ours] > 0, task.mass[ours], 0.0)
    return Weighed(weights, reach)


def kernel_shares(logit: Floats, ours: Ints, pool: Ints, mass: Floats, bandwidth: float) -> tuple[Floats, Ints]:
    """What each comparison row of `pool` (N,) gets of the treated rows' mass, and how many rows each of `ours` reaches.

    >>> logit = np.array([0.0, 0.0, 0.5, 1.0])
    >>> shares, reach = kernel_shares(logit, np.array([0]), np.array([1, 2, 3]), np.ones(4), 1.0)
    >>> shares.round(3).tolist(), reach.tolist()
    ([0.571, 0.429, 0.0], [2])
    """
    order = np.argsort(logit[pool], kind="stable")
    ranked, own = logit[pool][order], mass[pool][order]
    shares, reach = np.zeros(pool.size), np.zeros(ours.size, dtype=np.int64)
    low = np.searchsorted(ranked, logit[ours] - bandwidth, side="left")
    high = np.searchsorted(ranked, logit[ours] + bandwidth, side="right")
    for place in np.argsort(logit[ours], kind="stable"):  # one order of sums, whatever that of the rows
        window = slice(low[place], high[place])
        near = 1.0 - ((ranked[window] - logit[ours[place]]) / bandwidth) ** 2
        near = np.maximum(near, 0.0) * own[window]
        total = near.sum()
        if total > 0:
            shares[window] += near * (mass[ours[place]] / total)
            reach[place] = np.count_nonzero(near)
    found = np.empty(pool.size)
    found[order] = shares
    return found, reach
