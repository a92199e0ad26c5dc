"""The balance table: every covariate and level before and after matching, on one definition (design 3.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from datalab.balance.heads import Heads, count_by_level, count_known, heads_of
from datalab.balance.moments import Side, Weighting, level_shares, number_sides, share_side, two_value_sides, weigh
from datalab.balance.results import Balance, CovariateBalance
from datalab.balance.rule import judge
from datalab.matching.results import Match
from datalab.numerics.blocks import each
from datalab.numerics.order import id_order, ordered
from datalab.numerics.people import person_places, weights_by_person
from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Bools, Covariate, Floats, Ints

# An SD below this share of the largest value is 0 but for rounding.
CONSTANT_SHARE = 1e-14
# Numbers this many times further from 0 than from each other (a year's day, a number of a file) are first brought near 0, or
# their differences would be lost in the rounding of their sums.
FAR = 1e6


@dataclass(frozen=True, eq=False)
class _Groups:
    """What every covariate needs: weights (n,) and their shares before and after matching, and heads before and after."""

    treated: Bools
    person: Ints
    weights: tuple[Floats, Floats]
    weightings: tuple[Weighting, Weighting]
    treated_before: Heads
    pool_before: Heads
    treated_after: Heads
    pool_after: Heads

    @property
    def heads(self) -> tuple[Heads, Heads, Heads, Heads]:
        return self.treated_before, self.pool_before, self.treated_after, self.pool_after


def measure_balance(table: AnalysisTable, match: Match, *, distances: bool = True) -> Balance:
    """Balance of every covariate before and after matching, and the gate's judgement.

    Standardised difference: (treated mean - weighted pool mean) / SD of all treated rows before matching (two values:
    from the share; other numbers: divisor m - 1, a person's rows counted as one); where that SD is 0 the pool's before
    matching, marked; where both are 0 the line does not count. Every level of a category is a line. A missing number takes
    no part in its own line.
    Variance ratios (treated over pool) are NaN for levels and numbers of two values. ks and ecdf: largest and mean
    absolute difference of the cumulative distributions over the distinct values of the table.
    Rows are events; counts are of people. overlap_share: share of the treated rows whose logit lies within the pool's
    range. matched_share: share of the treated rows with a match. largest_weight_share: the heaviest comparison person's
    share of weight. distances: without them ks and ecdf of numbers are NaN; the gate never asks for them. Order of rows does
    not matter, to the last bit; nothing is random.
    Source: Austin 2009; Ho, Imai, King and Stuart 2011 (MatchIt), whose figures these are.
    """
    order = id_order(table)
    rows = ordered(table, order)
    weights = match.weights if order is None else match.weights[order]
    groups = _group(rows, weights)
    covariates = rows.covariates
    parts = each(lambda place: _lines(covariates[place], groups, distances), range(len(covariates)))
    lines = tuple(line for part in parts for line in part)
    judgement = judge(lines, match.method)
    heaviest = weights_by_person(table.person[~table.treated], match.weights[~table.treated])
    return Balance(
        covariates=lines,
        passed=judgement.passed,
        reasons=judgement.reasons,
        max_smd=judgement.max_smd,
        share_within_5pc=judgement.share_within_5pc,
        worst=judgement.worst,
        overlap_share=_overlap_share(match.logit, table),
        matched_share=_share_of_treated(match.matched, table),
        effective_pool=match.effective_pool,
        largest_weight_share=float(heaviest.max() / heaviest.sum()) if heaviest.size else math.nan,
    )


def _overlap_share(logit: Floats, table: AnalysisTable) -> float:
    pool = logit[~table.treated]
    return _share_of_treated((logit >= pool.min()) & (logit <= pool.max()), table)


def _share_of_treated(rows: Bools, table: AnalysisTable) -> float:
    """The share of the treated rows, or of what they stand for, that is among the rows (mask)."""
    mass = None if table.case_weights is None else table.case_weights[table.treated]
    return float(np.average(rows[table.treated], weights=mass))


def _group(table: AnalysisTable, weights: Floats) -> _Groups:
    treated, used = table.treated, weights > 0
    both = mass_of(table.case_weights, table.n), weights
    places, size = person_places(table.person)
    return _Groups(
        treated=treated,
        person=table.person,
        weights=both,
        weightings=(weigh(both[0], treated, table.person), weigh(both[1], treated, table.person)),
        treated_before=heads_of(treated, places, size),
        pool_before=heads_of(~treated, places, size),
        treated_after=heads_of(treated & used, places, size),
        pool_after=heads_of(~treated & used, places, size),
    )


def _lines(covariate: Covariate, groups: _Groups, distances: bool) -> tuple[CovariateBalance, ...]:
    return _level_lines(covariate, groups) if covariate.is_categorical else (_number_line(covariate, groups, distances),)


def _level_lines(covariate: Covariate, groups: _Groups) -> tuple[CovariateBalance, ...]:
    codes, levels = np.asarray(covariate.values, dtype=np.int64), len(covariate.levels)
    shares = [level_shares(codes, levels, weighting) for weighting in groups.weightings]
    counts = [count_by_level(heads, codes, levels) for heads in groups.heads]
    names = covariate.level_labels or covariate.levels
    lines = []
    for place, name in enumerate(names):
        before, after = (share_side(float(own[place]), float(pool[place])) for own, pool in shares)
        people = [int(count[place]) for count in counts]
        lines.append(_line(covariate, name, (before, after), people))
    return tuple(lines)


def _number_line(covariate: Covariate, groups: _Groups, distances: bool) -> CovariateBalance:
    values = np.asarray(covariate.values, dtype=np.float64)
    missing = np.isnan(values)
    known = ~missing if missing.any() else None
    counts = [count_known(heads, known) for heads in groups.heads]
    weightings = groups.weightings
    if known is not None:
        person = groups.person[known]
        before, after = (weigh(weights[known], groups.treated[known], person) for weights in groups.weights)
        values, weightings = values[known], (before, after)
    ends = float(values.min()), float(values.max())
    largest = max(abs(ends[0]), abs(ends[1]))
    moved = ends[0] if largest > FAR * (ends[1] - ends[0]) > 0 else 0.0
    if moved:
        values, ends = values - moved, (0.0, ends[1] - moved)
    is_high = values == ends[1]
    two = bool((is_high | (values == ends[0])).all())
    sides = two_value_sides(is_high, ends, weightings) if two else number_sides(values, weightings, distances=distances)
    line = _line(covariate, "", sides, counts, least=CONSTANT_SHARE * largest, ratio=not two)
    return _moved_back(line, moved) if moved else line


def _moved_back(line: CovariateBalance, by: float) -> CovariateBalance:
    means = ("mean_treated_before", "mean_pool_before", "mean_treated", "mean_pool")
    return replace(line, **{name: getattr(line, name) + by for name in means})


def _line(
    covariate: Covariate, level: str, sides: tuple[Side, ...], counts: list[int], *, least: float = 0.0, ratio: bool = False
) -> CovariateBalance:
    before, after = sides
    sd, source = _denominator(before, least)
    return CovariateBalance(
        covariate=covariate.name,
        level=level,
        label=covariate.label,
        family=covariate.family,
        mean_treated_before=before.mean_treated,
        mean_pool_before=before.mean_pool,
        mean_treated=after.mean_treated,
        mean_pool=after.mean_pool,
        sd=sd,
        sd_source=source,
        smd_before=_in_sd(before, sd),
        smd=_in_sd(after, sd),
        variance_ratio_before=_ratio(before) if ratio else math.nan,
        variance_ratio=_ratio(after) if ratio else math.nan,
        ks_before=before.ks,
        ks=after.ks,
        ecdf_before=before.ecdf,
        ecdf=after.ecdf,
        treated_count_before=counts[0],
        pool_count_before=counts[1],
        treated_count=counts[2],
        pool_count=counts[3],
    )


def _denominator(before: Side, least: float) -> tuple[float, str]:
    """The SD before matching that standardises, and whose it is; a variance that is NaN (one row) counts as 0."""
    for variance, source in ((before.variance_treated, "treated"), (before.variance_pool, "pool")):
        if variance > 0 and math.sqrt(variance) > least:
            return math.sqrt(variance), source
    return 0.0, "none"


def _in_sd(side: Side, sd: float) -> float:
    return (side.mean_treated - side.mean_pool) / sd if sd > 0 else math.nan


def _ratio(side: Side) -> float:
    return side.variance_treated / side.variance_pool if side.variance_pool > 0 else math.nan
