"""Measures that count people together: what could be found by subtracting one shown rate from another."""

from __future__ import annotations

from collections.abc import Iterable

from datalab.disclosure.checks import check_outcome
from datalab.disclosure.evidence import outcome_evidence
from datalab.disclosure.thresholds import Thresholds
from datalab.effects.results import OutcomeResult


def told_by_others(results: Iterable[OutcomeResult], thresholds: Thresholds) -> frozenset[str]:
    """Names of the measures that must be withheld because others are shown beside them.

    A part of another measure (`part_of`), where few have the one event and not the other: those few would be the
    difference. The headline stays, and the other goes. Of measures of which everybody has exactly one (`one_of`), where a
    single one is not shown: the smallest of those shown goes too, else the missing one would be the rest.
    """
    everyone = tuple(results)
    shown = {result.measure.name: result for result in everyone if is_shown(result, thresholds)}
    told = {
        whole.measure.name if result.role == "headline" else name
        for name, result in shown.items()
        if (whole := shown.get(result.measure.part_of)) is not None and _few_apart(whole, result, thresholds)
    }
    for group in sorted({result.measure.one_of for result in everyone} - {""}):
        members = [result for result in everyone if result.measure.one_of == group]
        left = [result for result in members if result.measure.name in shown]
        if len(left) == len(members) - 1 and left:
            told.add(min(left, key=_least_missed).measure.name)
    return frozenset(told)


def _least_missed(result: OutcomeResult) -> tuple[bool, int, str]:
    return result.role == "headline", result.treated_events, result.measure.name


def is_shown(result: OutcomeResult, thresholds: Thresholds) -> bool:
    """Whether an outcome's own counts let it be shown in full."""
    return result.status == "estimated" and check_outcome(outcome_evidence(result), "", thresholds).showing == "full"


def _few_apart(whole: OutcomeResult, part: OutcomeResult, thresholds: Thresholds) -> bool:
    """True where fewer than a cell's people have the whole's event alone, in either group."""
    treated, comparison = whole.treated_events - part.treated_events, whole.comparison_events - part.comparison_events
    return thresholds.is_small(treated) or thresholds.is_small(comparison)
