"""make_plan: what a programme of this size could find, before any data of a person moves (design 3.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datalab.planning.attrition import Kept, typical_kept
from datalab.planning.formula import normal_reach, smallest_detectable, treated_needed
from datalab.planning.outcomes import raw_variance
from datalab.planning.settings import ASKED_MINIMUM, RESULT_MINIMUM, PowerSettings

PARTICIPANTS = (60, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10_000)
POINTS = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10)
SHARES_OF_SPREAD = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)


@dataclass(frozen=True)
class Reach:
    """What so many people sent in could find: `analysed` of them (low and high: a quarter of published cases kept fewer, and
    more), and the smallest effect found with the stated power at each."""

    participants: int
    analysed_low: float
    analysed: float
    analysed_high: float
    smallest_low: float
    smallest: float
    smallest_high: float


@dataclass(frozen=True)
class Need:
    """People that an effect takes: analysed, and sent in (infinite: no number of them is enough). is_least: fewer would
    find the effect, but a result or a request needs so many whatever it finds."""

    effect: float
    analysed: float
    participants: float
    is_least: bool = False


@dataclass(frozen=True)
class Plan:
    """The answer. spread: A of the formula; v0: variance of the comparison mean; in_denominator: share of those analysed who
    count for the outcome (1 but for days to the first reoffence); kept: share of those sent in who are analysed, with its
    range; need: people for the stated effect, None where none is stated."""

    settings: PowerSettings
    cases: Kept
    kept: Kept
    spread: float
    v0: float
    in_denominator: float
    reach: Reach
    need: Need | None
    by_participants: tuple[Reach, ...]
    by_effect: tuple[Need, ...]


def make_plan(settings: PowerSettings) -> Plan:
    """The plan of these settings. More people never make the smallest effect larger, nor a smaller effect need fewer.

    A and V0 come from published rates: A = variance x (1 - R^2) and V0 = A over the effective comparison size, as if the two
    groups had the same spread. Deterministic.

    >>> round(make_plan(PowerSettings(1000, attrition="none")).reach.smallest, 3)
    0.045
    """
    cases = typical_kept()
    outcome, share = settings.typical, settings.share
    variance = raw_variance(outcome, share) if settings.spread is None else settings.spread**2
    spread = variance * (1 - settings.explained)
    counted = share if outcome.among else 1.0
    odds = _Odds(spread, spread / (settings.worth * counted), counted, _range(settings, cases), normal_reach(settings.power))
    sizes = sorted({*PARTICIPANTS, settings.participants})
    effects = sorted({*_effects(settings, math.sqrt(variance)), *((settings.stated,) if settings.stated else ())})
    return Plan(
        settings=settings,
        cases=cases,
        kept=odds.kept,
        spread=spread,
        v0=odds.v0,
        in_denominator=counted,
        reach=odds.reach_of(settings.participants),
        need=odds.need_of(settings.stated) if settings.stated else None,
        by_participants=tuple(odds.reach_of(size) for size in sizes),
        by_effect=tuple(odds.need_of(effect) for effect in effects),
    )


def _range(settings: PowerSettings, cases: Kept) -> Kept:
    """The share kept with its range: that of the cases where the typical one is taken, else the one share three times."""
    share = settings.share_kept(cases)
    typical = settings.kept is None and settings.attrition in (None, "typical")
    return cases if typical else Kept(share, share, share, cases.cases)


def _effects(settings: PowerSettings, deviation: float) -> tuple[float, ...]:
    if settings.typical.kind == "binary":
        return POINTS
    return tuple(float(f"{share * deviation:.2g}") for share in SHARES_OF_SPREAD)


@dataclass(frozen=True)
class _Odds:
    spread: float
    v0: float
    counted: float
    kept: Kept
    reach: float

    def reach_of(self, participants: int) -> Reach:
        analysed = tuple(participants * share for share in (self.kept.low, self.kept.typical, self.kept.high))
        found = (smallest_detectable(self.spread, self.v0, n * self.counted, self.reach) for n in analysed)
        return Reach(participants, *analysed, *found)

    def need_of(self, effect: float) -> Need:
        found = treated_needed(self.spread, self.v0, effect, self.reach)
        analysed = max(found, RESULT_MINIMUM) / self.counted
        participants = max(analysed / self.kept.typical, ASKED_MINIMUM)
        return Need(effect, analysed, participants, participants > found / self.counted / self.kept.typical)
