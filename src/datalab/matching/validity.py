"""What must hold of every match, checked on every run by another way than the one that made it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from datalab.errors import InternalError
from datalab.matching.propensity import caliper_on_logit, score_of
from datalab.matching.radius import stratum_rows
from datalab.matching.results import Match
from datalab.matching.validity_parts import (
    cell_faults,
    entropy_faults,
    kernel_weights,
    odds_faults,
    pair_faults,
    ranked,
    require,
)
from datalab.numerics.people import effective_size
from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Bools, Floats, Ints

NEAR = 1e-9


def require_valid_match(match: Match, table: AnalysisTable) -> None:
    """Raises InternalError, naming what is broken, unless everything that defines a match of its method holds.

    Always: shapes; finite logits; a caliper above 0; matched treated weigh the same (in proportion to their case weights)
    and unmatched nothing; pool weights are 0 or more, sum to 1, and are positive exactly where `matched`; pool rows have no
    reach; nobody trimmed has weight; effective_pool is that of the weights summed by person. Then what the method says:
    radius: each reach and weight, found again by sorting the pool. nearest: partners in the
    same stratum and within the caliper, no row used beyond itself, nobody left unused who is nearer than a partner.
    kernel: each weight, by sums of powers. ipw: odds in proportion, stratum by stratum. entropy: the means of every column.
    exact, cem, subclass: one weight a cell, each cell's total that of its treated. Time: O(N log n), entropy N p.
    """
    treated, mass = table.treated, mass_of(table.case_weights, table.n)
    _require_shapes(match, table)
    require(bool(np.isfinite(match.logit).all()), "a score is not finite")
    finite = math.isfinite(match.caliper) or match.method not in ("radius", "classic")
    require(finite and match.caliper > 0, "the caliper is not above 0")
    require(bool((match.reach > 0).any()), "no treated row is matched")
    require(not match.reach[~treated].any(), "a pool row has a reach")
    own, in_reach = match.weights[treated], match.reach[treated] > 0
    total = float(mass[treated][in_reach].sum())
    require(bool((match.matched == (match.weights > 0)).all()), "matched does not say who has weight")
    require(bool(((own > 0) == in_reach).all()), "a treated row has weight without a match, or none with one")
    shares = mass[treated][in_reach] / total
    require(bool((np.abs(own[in_reach] / shares - 1) <= NEAR).all()), "matched treated rows do not weigh the same")
    pool = match.weights[~treated]
    require(bool((pool >= 0).all()) and abs(float(pool.sum()) - 1) <= NEAR, "pool weights are not shares of 1")
    require(match.trimmed is None or not match.matched[match.trimmed].any(), "a trimmed row has weight")
    size = effective_size(table.person[~treated], pool)
    require(abs(size - match.effective_pool) <= NEAR * max(size, 1.0), "the effective size is not that of the weights")
    _CHECKS[match.method](match, table)


def _require_shapes(match: Match, table: AnalysisTable) -> None:
    arrays = (match.logit, match.matched, match.weights, match.reach, *(() if match.trimmed is None else (match.trimmed,)))
    require({array.shape for array in arrays} == {(table.n,)}, "the arrays are not one value a row")
    require(match.method in _CHECKS, "its method is not known")


def _rows(match: Match, table: AnalysisTable) -> Bools:
    """The rows (mask) that took part: not trimmed, and of some weight."""
    part = np.ones(table.n, dtype=bool) if match.trimmed is None else ~match.trimmed
    return part if table.case_weights is None else part & (table.case_weights > 0)


def _strata(match: Match, table: AnalysisTable) -> Iterator[tuple[Ints, Ints]]:
    part = _rows(match, table)
    places = np.flatnonzero(part)
    if places.size and table.treated[part].any():
        for ours, pool in stratum_rows(table.treated[part], table.strata[part]):
            yield places[ours], places[pool]


def _require_windows(match: Match, table: AnalysisTable) -> None:
    values = match.logit if match.scale == "logit" else score_of(match.logit)
    mass = mass_of(table.case_weights, table.n)
    weights, reach = np.zeros(table.n), np.zeros(table.n, dtype=np.int64)
    for ours, pool in _strata(match, table):
        masses = None if table.case_weights is None else (mass[ours], mass[pool])
        weights[pool], reach[ours] = ranked(values[ours], values[pool], match.caliper, masses)
    require(bool((reach == match.reach).all()), "a reach is not the number of pool rows within caliper and stratum")
    _require_weights(weights, match, table)


def _require_kernel(match: Match, table: AnalysisTable) -> None:
    width = _bandwidth(match, table)
    mass = mass_of(table.case_weights, table.n)
    weights, reach = np.zeros(table.n), np.zeros(table.n, dtype=np.int64)
    for ours, pool in _strata(match, table):
        weights[pool], reach[ours] = kernel_weights(match.logit, ours, pool, mass, width)
    require(bool(((reach > 0) == (match.reach > 0)).all()), "a treated row is matched beyond the bandwidth, or not within it")
    _require_weights(weights, match, table)


def _bandwidth(match: Match, table: AnalysisTable) -> float:
    return caliper_on_logit(match.logit, table.treated, match.settings.chosen["bandwidth_sd_logit"], table.case_weights)


def _require_weights(weights: Floats, match: Match, table: AnalysisTable) -> None:
    pool = ~table.treated
    expected, found = weights[pool] / weights[pool].sum(), match.weights[pool]
    require(bool((np.abs(expected - found) <= NEAR).all()), "a pool weight is not what reach gives")
    if match.method != "kernel":
        require(bool(((expected > 0) == (found > 0)).all()), "a pool row has weight without reach, or none")


def _check_by(faults: Callable[[Match, AnalysisTable, list[tuple[Ints, Ints]]], str]) -> Callable[[Match, AnalysisTable], None]:
    def check(match: Match, table: AnalysisTable) -> None:
        if fault := faults(match, table, list(_strata(match, table))):
            raise InternalError(f"The match is not valid: {fault}.")

    return check


_CHECKS: dict[str, Callable[[Match, AnalysisTable], None]] = {
    "radius": _require_windows,
    "classic": _require_windows,
    "kernel": _require_kernel,
    "nearest": _check_by(pair_faults),
    "ipw": _check_by(odds_faults),
    "entropy": _check_by(entropy_faults),
    "exact": _check_by(cell_faults),
    "cem": _check_by(cell_faults),
    "subclass": _check_by(cell_faults),
}
