"""Survival curves and the overlap histogram for release: days and bins far enough apart that no step shows a few people."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import sha256

import numpy as np

from datalab.disclosure.exact import curve_point, exact_earlier, exact_effect
from datalab.disclosure.merging import merge_bins
from datalab.disclosure.results import (
    Number,
    ReleasedCurvePoint,
    ReleasedOutcome,
    ReleasedOverlapBin,
    ReleasedSurvival,
    Suppressed,
)
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, grid_share, outward, shown
from datalab.effects.results import AnalysisFindings, Overlap, People, Survival, SurvivalCurve
from datalab.table import Floats

MONTH_DAYS = 365 / 12
_ROUNDING = 1e-6
_HALF = 0.5  # a share times a size is a whole number but for rounding


def release_survival(
    found: AnalysisFindings, outcomes: tuple[ReleasedOutcome, ...], thresholds: Thresholds
) -> ReleasedSurvival | None:
    """The curves on those days between which enough people of both groups had the event; None where that leaves none.

    A curve of a measure that is not shown in full is not shown at all: its last point is the rate.
    """
    survival = found.survival
    carriers = {result.measure.name for result in found.outcomes if result.measure.survival or result.measure.kind == "time"}
    closed = any(isinstance(outcome.treated, Suppressed) for outcome in outcomes if outcome.measure in carriers)
    if survival is None or closed:
        return None
    places = _released_places(survival, found.people, thresholds)
    if not places:
        return None
    days = {int(survival.treated.days[place]) for place in places}
    hazard, people = survival.hazard_ratio, found.people
    return ReleasedSurvival(
        points=_points(survival, places, people, thresholds),
        horizon=survival.horizon,
        rmst=exact_effect(survival.rmst, "secondary"),
        landmarks=tuple(
            (day, *(_landmark(a, b, people, thresholds) if day in days else (CONFIDENTIAL, CONFIDENTIAL)))
            for day, a, b in survival.landmarks
        ),
        hazard_ratio=None if hazard is None else (shown(hazard.ratio), shown(hazard.low), shown(hazard.high)),
        earlier_rmst=exact_earlier(survival),
    )


def _points(survival: Survival, places: list[int], people: People, thresholds: Thresholds) -> tuple[ReleasedCurvePoint, ...]:
    """The curves on the days in these places, with the numbers at risk."""
    treated = _at_risk(survival.treated, people.matched, places, thresholds)
    comparison = _at_risk(survival.comparison, people.comparison, places, thresholds)
    return tuple(
        replace(_point(survival, place, people, thresholds), treated_at_risk=one, comparison_at_risk=other)
        for place, one, other in zip(places, treated, comparison, strict=True)
    )


def _at_risk(curve: SurvivalCurve, size: int, places: list[int], thresholds: Thresholds) -> list[int]:
    """People at risk on the days in these places: what the curve that is shown leaves, less those who left without the event.

    With the curve beside it, the number itself counts them, and they are the dead. Only where so many have left since they
    were last taken off that fewer cannot be told from few (cells of 10, and 5 more) are they taken off, in tens. In the
    comparison group, whose curve goes by weight, what the weights make of it counts as leaving too.
    """
    base, least = thresholds.at_risk_base, thresholds.cell_minimum + thresholds.width
    since, since_level, left, share = float(curve.at_risk[0]), 1.0, float(size), 1.0
    numbers = []
    for place in places:
        level, exact = (
            float(curve.surviving[place - 1]),
            float(curve.at_risk[place]),
        )  # those at risk on a day have yet to meet it
        now = grid_share(float(curve.surviving[place]), size, thresholds.base)
        left, share = left * now / share, now
        gone = since * level / since_level - exact
        if gone >= least - _ROUNDING or (gone >= least - 1 - _ROUNDING and _coin(curve, place)):
            left -= base * max(math.ceil(least / base), round(gone / base))
            since, since_level = exact, level
        numbers.append(base * math.floor(round(left, 6) / base + _HALF))  # halves must not hang on the last digit
    return numbers


def _coin(curve: SurvivalCurve, place: int) -> bool:
    """Heads or tails that only the exact days of all events tell: a limit that were known would say "one at least" at times."""
    return bool(sha256(curve.surviving.tobytes() + bytes([place % 256])).digest()[0] % 2)


def _point(survival: Survival, place: int, people: People, thresholds: Thresholds) -> ReleasedCurvePoint:
    """The curves at a day, in whole fives of people: exact, their steps would tell who died on the way (censored), one by one.

    The bands are rounded outward, so that they are never narrower than what was found.
    """
    point = curve_point(survival, place)

    def fives(share: Number, size: int) -> Number:
        return share if isinstance(share, Suppressed) else grid_share(share, size, thresholds.base)

    def end(share: Number, size: int, side: int) -> Number:
        return share if isinstance(share, Suppressed) else outward(share, share, thresholds.base / size)[side]

    return replace(
        point,
        treated=fives(point.treated, people.matched),
        treated_low=end(point.treated_low, people.matched, 0),
        treated_high=end(point.treated_high, people.matched, 1),
        comparison=fives(point.comparison, people.comparison),
        comparison_low=end(point.comparison_low, people.comparison, 0),
        comparison_high=end(point.comparison_high, people.comparison, 1),
    )


def _landmark(treated: float, comparison: float, people: People, thresholds: Thresholds) -> tuple[Number, Number]:
    """Shares with the event as the curves at that day have them."""
    surviving = (1 - treated, people.matched), (1 - comparison, people.comparison)
    one, other = (1 - grid_share(share, size, thresholds.base) for share, size in surviving)
    return one, other


def _released_places(survival: Survival, people: People, thresholds: Thresholds) -> list[int]:
    """Indices of the days to show: the horizon and the landmarks back from it first, then the months that fit between them.

    The horizon comes first, since its share with the event is the rate, which is shown: whoever has the event after the last
    day shown can be counted from it.
    """
    days = survival.treated.days
    horizon = float(days[-1])
    marks = sorted({day for day, _, _ in survival.landmarks} | {int(days[-1])}, reverse=True)
    months = [round(MONTH_DAYS * month) for month in range(1, math.ceil(horizon / MONTH_DAYS) + 1)]
    chosen: list[int] = []
    for day in [*marks, *months]:
        place = int(np.searchsorted(days, day))
        if place < days.size and days[place] == day and place not in chosen:
            wanted = sorted([*chosen, place])
            if _is_far_enough(survival, people, wanted, thresholds):
                chosen = wanted
    return chosen


def _is_far_enough(survival: Survival, people: People, places: list[int], thresholds: Thresholds) -> bool:
    """Whether every step, and those left at the end, count enough people in both groups (comparison: by weight).

    The step from the last of the days to the horizon is one of them, shown or not: the rate tells where it ends. Where people
    have left, an event moves the curve by more than a person, so that events are counted beside it.
    """
    to_horizon = places if places[-1] == survival.treated.days.size - 1 else [*places, -1]
    for curve, size in ((survival.treated, people.matched), (survival.comparison, people.comparison)):
        levels = np.concatenate([[1.0], curve.surviving[to_horizon]])
        events = np.diff(np.concatenate([[0.0], _events(curve)[to_horizon]]))
        if (np.minimum(events, -np.diff(levels) * size) < thresholds.cell_minimum - _HALF).any():
            return False
        if levels[-1] * size < thresholds.whole_group_minimum - _HALF:
            return False
        if min(_at_risk(curve, size, places, thresholds)) < thresholds.at_risk_base:
            return False
    return True


def _events(curve: SurvivalCurve) -> Floats:
    """Events by each day: what the curve falls by, of those at risk."""
    before = np.concatenate([[1.0], curve.surviving[:-1]])
    fall = np.divide(before - curve.surviving, before, out=np.zeros_like(before), where=before > 0)
    return np.asarray(np.cumsum(fall * curve.at_risk), dtype=np.float64)


def release_overlap(overlap: Overlap | None, people: People, thresholds: Thresholds) -> tuple[ReleasedOverlapBin, ...]:
    """The histogram in bins that hold enough treated, pool and comparison people (comparison: by weight).

    The outer edges are whole numbers beyond the smallest and largest score, which are somebody's.
    """
    if overlap is None:
        return ()
    weight = np.asarray(overlap.comparison_weight, dtype=np.float64)
    ranges = merge_bins([overlap.treated, overlap.pool, weight * people.comparison], thresholds.cell_minimum)
    if len(ranges) < 2:
        return ()  # one bin is 100 %
    edges = overlap.edges.astype(np.float64).copy()
    # Bins are evenly spaced, so two exact inner edges would give both extremes: as coarse as keeps neighbours apart.
    edges = np.concatenate([[math.floor(edges[0])], _round_edges(edges)[1:-1], [math.ceil(edges[-1])]])
    # The numbers behind them may be hidden: shares this coarse do not bring them back, and no bin becomes 0 %.
    decimals, of_pool = (max(2, math.ceil(math.log10(max(2, size))) - 1) for size in (people.treated, people.pool))
    treated, pool, comparison = (
        _shares(np.asarray(side, dtype=np.float64), ranges) for side in (overlap.treated, overlap.pool, weight)
    )
    return tuple(
        ReleasedOverlapBin(
            float(edges[start]), float(edges[end]), round(treated[i], decimals), round(pool[i], of_pool), comparison[i]
        )
        for i, (start, end) in enumerate(ranges)
    )


def _round_edges(edges: Floats) -> Floats:
    decimals = max(0, math.ceil(-math.log10(float(edges[1] - edges[0]))))
    return np.asarray(np.round(edges, decimals) + 0.0, dtype=np.float64)


def _shares(counts: Floats, ranges: tuple[tuple[int, int], ...]) -> list[float]:
    total = float(counts.sum())
    return [float(counts[start:end].sum()) / total for start, end in ranges]
