"""Survival in tables and sentences: the curves, shares with the event by a given day, mean time, hazard ratio."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedEffect, ReleasedSurvival
from datalab.report.numbers import fixed, interval, interval_decimals, is_shown
from datalab.report.result_tables import p_cell, ratio_decimals
from datalab.report.sentences import by_kind, difference_words, range_words, tell, vocabulary
from datalab.report.styles import Style, point_decimals
from datalab.report.tables import Table, columns, interval_cell, number_cell, text_cell
from datalab.wording import say

TIME_WORDS = {"run": ("time_to", 0), "evaluate": ("time", 2)}  # an evaluation's unit of time is not known


def survival_tables(release: Release) -> tuple[Table, ...]:
    """The survival points, landmarks and mean times of every analysis that has them, each as one table."""
    found = [(analysis, analysis.survival) for analysis in release.analyses if analysis.survival is not None]
    if not found:
        return ()
    curves = _joined(survival_table(release, analysis, survival) for analysis, survival in found)
    marks = _joined(landmarks_table(release, analysis, survival) for analysis, survival in found)
    return curves, marks, rmst_table(release), hazard_table(release)


def _joined(tables: Iterable[Table]) -> Table:
    first, *rest = tables
    return replace(first, rows=first.rows + tuple(row for table in rest for row in table.rows))


def survival_sentences(release: Release, survival: ReleasedSurvival) -> tuple[str, ...]:
    """The difference in mean time without the event, and the hazard ratio, each in words where it is shown."""
    ratio = survival.hazard_ratio
    found = [_mean_time(release, days, effect) for days, effect in mean_times(survival) if _is_told(effect)]
    if ratio is not None and all(is_shown(value) for value in ratio):
        places = ratio_decimals(ratio[1], ratio[2])
        values = {"ratio": fixed(ratio[0], places), "range": interval(ratio[1], ratio[2], places)}
        found.append(tell(release, by_kind(release, "survival.hazard"), **values))
    return tuple(found)


def mean_times(survival: ReleasedSurvival) -> tuple[tuple[float, ReleasedEffect], ...]:
    """The effect on the mean time within each horizon (days, effect), the shortest first."""
    last = () if survival.rmst is None else ((survival.horizon, survival.rmst),)
    return (*survival.earlier_rmst, *last)


def _is_told(effect: ReleasedEffect) -> bool:
    return is_shown(effect.estimate) and is_shown(effect.low)


def _mean_time(release: Release, days: float, effect: ReleasedEffect) -> str:
    words, decimals = TIME_WORDS[release.kind]
    style = Style(decimals, 0, "", "", words)
    places = interval_decimals(effect.low, effect.high, decimals)
    values = {
        "horizon": _horizon(days),
        "difference": difference_words(release, style, effect.estimate, point_decimals(effect, style)),
        "range": range_words(release, style, effect, places),
    }
    return tell(release, by_kind(release, "survival.mean_time"), **values)


def _horizon(days: float) -> str:
    return fixed(days, 0 if float(days).is_integer() else 2)


def day_places(day: float) -> int:
    """Decimal places that a time needs, none where it is whole; its unit may be a year.

    >>> day_places(30), day_places(0.25)
    (0, 2)
    """
    return len(f"{day:.6g}".partition(".")[2])


def steps_notes(release: Release) -> tuple[str, ...]:
    """That curves under disclosure control move in whole fives of people, so their end may differ from the rate."""
    return () if release.status == "own_data" else (tell(release, by_kind(release, "notes.survival_steps")),)


def survival_table(release: Release, analysis: ReleasedAnalysis, survival: ReleasedSurvival) -> Table:
    """Share without the event by released day, both groups with their bands and numbers at risk."""
    places = max((day_places(point.day) for point in survival.points), default=0)
    rows = tuple(
        (
            text_cell(analysis.name),
            number_cell(point.day, places),
            number_cell(point.treated, 1, 2),
            interval_cell(point.treated_low, point.treated_high, 1, 2),
            number_cell(point.treated_at_risk),
            number_cell(point.comparison, 1, 2),
            interval_cell(point.comparison_low, point.comparison_high, 1, 2),
            number_cell(point.comparison_at_risk),
        )
        for point in survival.points
    )
    heads = columns(
        "analysis:text day curve_treated curve_treated_range:interval at_risk_treated curve_comparison "
        "curve_comparison_range:interval at_risk_comparison",
        **vocabulary(release),
    )
    at_risk = "at_risk_exact" if release.status == "own_data" else "at_risk"
    notes = (say("report.notes.survival"), say(f"report.notes.{at_risk}"), *steps_notes(release))
    return Table("survival", say("report.tables.survival"), heads, rows, notes)


def landmarks_table(release: Release, analysis: ReleasedAnalysis, survival: ReleasedSurvival) -> Table:
    """Share with the event by the landmark days, both groups."""
    places = max((day_places(day) for day, _, _ in survival.landmarks), default=0)
    rows = tuple(
        (text_cell(analysis.name), number_cell(day, places), number_cell(treated, 1, 2), number_cell(comparison, 1, 2))
        for day, treated, comparison in survival.landmarks
    )
    heads = columns("analysis:text day event_treated event_comparison", **vocabulary(release))
    return Table("landmarks", say(f"report.{by_kind(release, 'tables.landmarks')}"), heads, rows, steps_notes(release))


def rmst_table(release: Release) -> Table:
    """Effect on the mean days without the event within each horizon, a line an analysis and horizon."""
    found = [
        (analysis, days, effect)
        for analysis in release.analyses
        if analysis.survival is not None
        for days, effect in mean_times(analysis.survival)
    ]
    rows = tuple(
        (
            text_cell(analysis.name),
            number_cell(days, 0 if float(days).is_integer() else 2),
            number_cell(effect.estimate, interval_decimals(effect.low, effect.high, 1)),
            interval_cell(effect.low, effect.high, interval_decimals(effect.low, effect.high, 1)),
            p_cell(effect, "p"),
        )
        for analysis, days, effect in found
    )
    heads = columns("analysis:text day estimate estimate_range:interval p", **vocabulary(release))
    return Table("rmst", say("report.tables.rmst"), heads, rows)


def hazard_table(release: Release) -> Table:
    """The hazard ratio with its interval, one line an analysis that has it."""
    found = [(analysis, analysis.survival.hazard_ratio) for analysis in release.analyses if analysis.survival is not None]
    rows = tuple(
        (
            text_cell(analysis.name),
            number_cell(ratio[0], 2),
            interval_cell(ratio[1], ratio[2], ratio_decimals(ratio[1], ratio[2])),
        )
        for analysis, ratio in found
        if ratio is not None
    )
    heads = columns("analysis:text hazard hazard_range:interval")
    return Table("hazard", say("report.tables.hazard"), heads, rows, (say("report.notes.hazard"),))
