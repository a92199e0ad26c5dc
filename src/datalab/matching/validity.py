"""What must hold of every match, checked on every run by another way than the one that made it."""

from __future__ import annotations

import math

import numpy as np

from datalab.errors import InternalError
from datalab.matching.radius import stratum_rows
from datalab.matching.results import Match
from datalab.numerics.people import effective_size
from datalab.table import AnalysisTable, Floats, Ints

NEAR = 1e-9


def require_valid_match(match: Match, table: AnalysisTable) -> None:
    """Raises InternalError, naming what is broken, unless everything that defines a radius match holds.

    Shapes; finite logits and caliper; matched treated weigh 1/k each and unmatched nothing; pool weights are 0 or more,
    sum to 1, and are positive exactly where `matched`; pool rows have no reach; effective_pool is that of the weights
    summed by person; and each reach and weight is what the caliper and the strata say, found again by sorting the pool
    rather than from the ends of the windows. Time: O(N log N).
    """
    treated = table.treated
    _require_shapes(match, table)
    _require(bool(np.isfinite(match.logit).all()), "a score is not finite")
    _require(math.isfinite(match.caliper) and match.caliper > 0, "the caliper is not above 0")
    k = int(np.count_nonzero(match.reach))
    _require(k > 0, "no treated row is matched")
    _require(not match.reach[~treated].any(), "a pool row has a reach")
    own = match.weights[treated]
    in_reach = match.reach[treated] > 0
    _require(bool((match.matched == (match.weights > 0)).all()), "matched does not say who has weight")
    _require(bool((own > 0).tolist() == in_reach.tolist()), "a treated row has weight without a match, or none with one")
    _require(bool((np.abs(own[in_reach] * k - 1) <= NEAR).all()), "matched treated rows do not weigh the same")
    pool = match.weights[~treated]
    _require(bool((pool >= 0).all()) and abs(float(pool.sum()) - 1) <= NEAR, "pool weights are not shares of 1")
    size = effective_size(table.person[~treated], pool)
    _require(abs(size - match.effective_pool) <= NEAR * max(size, 1.0), "the effective size is not that of the weights")
    _require_windows(match, table, k)


def _require_shapes(match: Match, table: AnalysisTable) -> None:
    sizes = {array.shape for array in (match.logit, match.matched, match.weights, match.reach)}
    _require(sizes == {(table.n,)}, "the arrays are not one value a row")


def _require_windows(match: Match, table: AnalysisTable, k: int) -> None:
    weights, reach = np.zeros(table.n), np.zeros(table.n, dtype=np.int64)
    for ours, pool in stratum_rows(table.treated, table.strata):
        weights[pool], reach[ours] = _ranked(match.logit[ours], match.logit[pool], match.caliper)
    _require(bool((reach == match.reach).all()), "a reach is not the number of pool rows within caliper and stratum")
    pool_rows = ~table.treated
    expected = weights[pool_rows] / k
    _require(bool((np.abs(expected - match.weights[pool_rows]) <= NEAR).all()), "a pool weight is not what reach gives")
    _require(bool(((expected > 0) == (match.weights[pool_rows] > 0)).all()), "a pool row has weight without reach, or none")


def _ranked(treated: Floats, pool: Floats, caliper: float) -> tuple[Floats, Ints]:
    """Weights of the pool and reach of the treated, from the sorted pool: each window is a run of it."""
    order = np.argsort(pool)
    ranked, place = pool[order], np.argsort(treated, kind="stable")
    reach, weights = np.empty(treated.size, dtype=np.int64), np.empty(pool.size)
    low = np.searchsorted(ranked, treated[place] - caliper, side="left")
    high = np.searchsorted(ranked, treated[place] + caliper, side="right")
    reach[place] = high - low
    found = high > low
    change, windows = np.zeros(pool.size + 1), np.zeros(pool.size + 1, dtype=np.int64)
    for at, sign in ((low[found], 1), (high[found], -1)):
        np.add.at(change, at, sign / (high - low)[found])
        np.add.at(windows, at, sign)
    weights[order] = np.where(np.cumsum(windows[:-1]) > 0, np.cumsum(change[:-1]), 0.0)
    return weights, reach


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise InternalError(f"The match is not valid: {fault}.")
