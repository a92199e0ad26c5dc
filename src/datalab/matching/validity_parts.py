"""The checks of each method: its weights found, or its definition tested, by another way than the one that made them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datalab.errors import InternalError
from datalab.matching.cells import COLUMNS
from datalab.matching.entropy import balance_design, column_means
from datalab.matching.propensity import score_of
from datalab.matching.results import Match, Pairs
from datalab.matching.task import Task
from datalab.numerics.impute import impute_covariates
from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Covariate, Floats, Ints

Strata = list[tuple[Ints, Ints]]
NEAR = 1e-9
# How far apart means may be, in SD of the column, that entropy balancing has made the same.
SAME_MEAN = 1e-8
# A kernel total below this share of one row is added up row by row, since sums of powers lose it in rounding.
SMALL_TOTAL = 1e-4


def require(holds: bool, fault: str) -> None:
    """Raises InternalError with the fault unless it holds."""
    if not holds:
        raise InternalError(f"The match is not valid: {fault}.")


def ranked(treated: Floats, pool: Floats, caliper: float, masses: tuple[Floats, Floats] | None = None) -> tuple[Floats, Ints]:
    """Weights of the pool and reach of the treated, from the sorted pool: each window is a run of it."""
    order = np.argsort(pool)
    scores, place = pool[order], np.argsort(treated, kind="stable")
    reach, weights = np.empty(treated.size, dtype=np.int64), np.empty(pool.size)
    low = np.searchsorted(scores, treated[place] - caliper, side="left")
    high = np.searchsorted(scores, treated[place] + caliper, side="right")
    reach[place] = high - low
    found = high > low
    if masses is None:
        share = 1.0 / (high - low)[found]
    else:
        below = np.concatenate([[0.0], np.cumsum(masses[1][order])])
        share = masses[0][place][found] / (below[high] - below[low])[found]
    change, windows = np.zeros(pool.size + 1), np.zeros(pool.size + 1, dtype=np.int64)
    for at, sign in ((low[found], 1), (high[found], -1)):
        np.add.at(change, at, sign * share)
        np.add.at(windows, at, sign)
    weights[order] = np.where(np.cumsum(windows[:-1]) > 0, np.cumsum(change[:-1]), 0.0)
    return weights if masses is None else weights * masses[1], reach


def kernel_weights(logit: Floats, ours: Ints, pool: Ints, mass: Floats, width: float) -> tuple[Floats, Ints]:
    """What `kernel_shares` gives the pool, and whether each treated row reaches anyone (1 or 0), by sums of powers.

    1 - (a - b)^2 = (1 - a^2) + 2ab - b^2, so three running sums over the sorted rows give every total.
    """
    order, mine = np.argsort(logit[pool], kind="stable"), np.argsort(logit[ours], kind="stable")
    ranked, own = logit[pool][order], mass[pool][order]
    shares, reached = np.zeros(pool.size), np.zeros(ours.size, dtype=np.int64)
    for group in _groups(logit[ours][mine], width):
        scores = logit[ours][mine][group]
        middle = (scores[0] + scores[-1]) / 2
        window = slice(*np.searchsorted(ranked, (scores[0] - width, scores[-1] + width), side="left").tolist())
        near, far, heavy = (scores - middle) / width, (ranked[window] - middle) / width, own[window]
        totals = _kernel_totals(far, heavy, near)
        small = totals < SMALL_TOTAL * (heavy.max() if heavy.size else 1.0)
        rate = np.zeros(scores.size)
        big = ~small
        rate[big] = mass[ours][mine][group][big] / totals[big]
        found = _kernel_totals(near[big], rate[big], far)
        for place in np.flatnonzero(small):
            part = heavy * np.maximum(1 - (far - near[place]) ** 2, 0.0)
            totals[place] = part.sum()
            found += (1 - (far - near[place]) ** 2 > 0) * _rate(part, heavy, mass[ours][mine][group][place])
        shares[window] += heavy * found
        reached[mine[group]] = totals > 0
    placed = np.empty(pool.size)
    placed[order] = np.maximum(shares, 0.0)
    return placed, reached


def _rate(part: Floats, heavy: Floats, mass: float) -> Floats:
    total = part.sum()
    return part / heavy * (mass / total) if total > 0 else np.zeros(part.size)


def _groups(scores: Floats, width: float) -> Iterator[slice]:
    """Runs of sorted scores no wider than the bandwidth."""
    start = 0
    while start < scores.size:
        stop = int(np.searchsorted(scores, scores[start] + width, side="right"))
        yield slice(start, stop)
        start = stop


def _kernel_totals(places: Floats, weights: Floats, at: Floats) -> Floats:
    """Sum of weights x (1 - distance^2) over the sorted places within 1 of each of `at`."""
    sums = [np.concatenate([[0.0], np.cumsum(weights * places**power)]) for power in (0, 1, 2)]
    low, high = np.searchsorted(places, at - 1, side="left"), np.searchsorted(places, at + 1, side="right")
    none, one, two = (total[high] - total[low] for total in sums)
    totals: Floats = none * (1 - at**2) + 2 * at * one - two
    return totals


def odds_faults(match: Match, table: AnalysisTable, strata: Strata) -> str:
    """Within a stratum weight over odds is the same for everybody, and the stratum weighs what its treated rows do."""
    mass, expected = mass_of(table.case_weights, table.n), np.zeros(table.n, dtype=bool)
    for ours, pool in strata:
        expected[ours] = expected[pool] = True
        weights, logit = match.weights[pool], match.logit[pool]
        seen = weights > 0
        if not seen.any() or bool((logit[~seen] > logit.max() - 600).any()):
            return "a pool row has no weight"
        ratio = np.log(weights[seen]) - np.log(mass[pool][seen]) - logit[seen]
        # Denormal weights have few digits, so only those that count are held to the odds.
        heavy = weights[seen] > 1e-290
        if float(np.ptp(ratio[heavy])) > 1e-6:
            return "a pool weight is not in proportion to the odds"
        if abs(float(weights.sum() - match.weights[ours].sum())) > NEAR:
            return "a stratum does not weigh what its treated rows do"
        if bool((match.reach[ours] != pool.size).any()):
            return "a reach is not the number of pool rows of the stratum"
    return "a row outside all strata with both groups has weight" if match.matched[~expected].any() else ""


def entropy_faults(match: Match, table: AnalysisTable, strata: Strata) -> str:
    """Every column has the same mean in both groups; rows of strata without both groups weigh nothing."""
    ours, pool = (np.sort(np.concatenate(rows)) for rows in zip(*strata, strict=True))
    rows = np.sort(np.concatenate([ours, pool]))
    rest = np.ones(table.n, dtype=bool)
    rest[rows] = False
    if match.matched[rest].any() or bool((match.reach[ours] != pool.size).any()):
        return "a row outside all strata with both groups has weight, or a reach is not the pool's size"
    design = balance_design(_task(match, table, rows))
    here, treated = np.arange(rows.size), table.treated[rows]
    weights = match.weights[rows]
    means = [column_means(design, here[group], weights) for group in (treated, ~treated)]
    apart = float(np.abs(means[0] - means[1]).max())
    return "a mean of the comparison rows is not that of the treated" if apart > SAME_MEAN else ""


def cell_faults(match: Match, table: AnalysisTable, strata: Strata) -> str:
    """Within each cell, found by sorting: one weight for the pool, in total that of the treated; reach is its count."""
    part = np.ones(table.n, dtype=bool) if match.trimmed is None else ~match.trimmed
    rows = np.flatnonzero(part & (mass_of(table.case_weights, table.n) > 0))
    columns = np.stack(COLUMNS[match.method](_task(match, table, rows)))
    order = np.lexsort(columns)
    sorted_columns, rows = columns[:, order], rows[order]
    starts = np.flatnonzero(np.concatenate([[True], (sorted_columns[:, 1:] != sorted_columns[:, :-1]).any(axis=0)]))
    treated, weights = table.treated[rows], match.weights[rows]
    mass = mass_of(table.case_weights, table.n)[rows]
    own, other = (np.add.reduceat(np.where(group, weights, 0.0), starts) for group in (treated, ~treated))
    count = np.add.reduceat((~treated).astype(np.int64), starts)
    cell = np.repeat(np.arange(starts.size), np.diff(np.append(starts, rows.size)))
    if bool((np.abs(own - other) > NEAR).any()):
        return "a cell's comparison rows do not weigh what its treated rows do"
    rate = weights / mass
    low, high = np.minimum.reduceat(np.where(treated, np.inf, rate), starts), np.maximum.reduceat(rate * ~treated, starts)
    if bool((high[count > 0] - low[count > 0] > NEAR).any()):
        return "comparison rows of one cell weigh differently"
    if bool((match.reach[rows[treated]] != count[cell][treated]).any()):
        return "a reach is not the number of pool rows in the cell"
    return "a row has weight without being in a cell" if match.matched.sum() != match.matched[rows].sum() else ""


def _task(match: Match, table: AnalysisTable, rows: Ints) -> Task:
    filled = impute_covariates(table.covariates, ~table.treated, case_weights=table.case_weights)
    return Task(
        treated=table.treated[rows],
        strata=table.strata[rows],
        covariates=tuple(Covariate(c.name, c.label, c.values[rows], c.levels) for c in filled),
        logit=match.logit[rows],
        values=match.logit[rows],
        caliper=match.caliper,
        bandwidth=float("inf"),
        case_weights=None if table.case_weights is None else table.case_weights[rows],
        settings=match.settings.chosen,
        terms="rich" if match.terms == "rich" else "main",
    )


def pair_faults(match: Match, table: AnalysisTable, strata: Strata) -> str:
    """Partners are of one stratum and within the caliper, nobody is used beyond themselves, and nobody left over is nearer."""
    pairs, mass = match.pairs, mass_of(table.case_weights, table.n)
    if pairs is None or bool((pairs.amount <= 0).any()):
        return "there are no pairs, or one of nothing"
    values = match.logit if match.scale == "logit" else score_of(match.logit)
    apart = np.abs(values[pairs.treated] - values[pairs.comparison])
    if bool((apart > match.caliper).any()) or not _is_allowed(pairs, table, strata):
        return "a pair is further apart than the caliper, or not of one stratum"
    again, ratio = match.settings.chosen["replacement"], match.settings.chosen["ratio"]
    taken, used = np.zeros(table.n), np.zeros(table.n)
    np.add.at(taken, pairs.treated, pairs.amount)
    np.add.at(used, pairs.comparison, pairs.amount)
    wanted = np.full(table.n, float(ratio)) if again else ratio * mass
    if bool((taken > wanted + NEAR).any()) or (not again and bool((used > mass + NEAR).any())):
        return "a row is used, or has partners, beyond what is allowed"
    expected = np.zeros(table.n)
    np.add.at(expected, pairs.comparison, mass[pairs.treated] * pairs.amount / taken[pairs.treated])
    pool = ~table.treated
    if bool((np.abs(expected[pool] / expected[pool].sum() - match.weights[pool]) > NEAR).any()):
        return "a pool weight is not what the pairs give"
    if bool((match.reach != np.bincount(pairs.treated, minlength=table.n)).any()):
        return "a reach is not the number of partners"
    farthest = np.zeros(table.n)
    np.maximum.at(farthest, pairs.treated, apart)
    # Who has all they wanted may have nobody free nearer than their partners, who has not, nobody free within the caliper.
    limit = np.where(taken >= wanted - NEAR, np.minimum(farthest, match.caliper), match.caliper)
    free = None if again else mass - used
    found = (_someone_nearer(values, limit, ours, pool, mass, taken, free) for ours, pool in strata)
    return "a free row is nearer than a partner" if any(found) else ""


def _is_allowed(pairs: Pairs, table: AnalysisTable, strata: Strata) -> bool:
    part = np.full(table.n, -1, dtype=np.int64)
    for place, rows in enumerate(strata):
        for group in rows:
            part[group] = place
    same = (part[pairs.treated] == part[pairs.comparison]) & (part[pairs.treated] >= 0)
    return bool(same.all() and table.treated[pairs.treated].all() and not table.treated[pairs.comparison].any())


def _someone_nearer(
    values: Floats, limit: Floats, ours: Ints, pool: Ints, mass: Floats, taken: Floats, free: Floats | None
) -> bool:
    """Whether a row that could have been a partner is nearer to a treated row than its limit, rounding apart."""
    inside = limit[ours] - NEAR * (1 + np.abs(values[ours]))
    rows = pool if free is None else pool[free[pool] > NEAR]
    rows = rows[np.argsort(values[rows], kind="stable")]
    low = np.searchsorted(values[rows], values[ours] - inside, side="left")
    high = np.searchsorted(values[rows], values[ours] + inside, side="right")
    heavy = np.concatenate([[0.0], np.cumsum(mass[rows])])
    # Used again and again, what is nearer must be among the partners; used once, nothing free may be nearer.
    most = taken[ours] if free is None else np.zeros(ours.size)
    return bool((np.where(high > low, heavy[high] - heavy[low], 0.0) > most + 1e-6).any())
