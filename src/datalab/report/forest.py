"""A measure in every analysis as one chart: a line an analysis, however many there are."""

from __future__ import annotations

from typing import Any

import altair as alt

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome
from datalab.report.numbers import interval, interval_decimals, is_shown, shown
from datalab.report.page import Chart
from datalab.report.result_tables import RESULT_COLUMNS, main_outcomes, measure_title, results_table
from datalab.report.sentences import effect_decimals, measure_words, range_text
from datalab.report.styles import Style, summary_style
from datalab.report.svg import INK, MUTED, NARROW, WIDE, Size, data_of, draw, names_above, specification
from datalab.report.tables import Table, chosen
from datalab.wording import say

ROW_PIXELS = 30
Lines = tuple[tuple[ReleasedAnalysis, ReleasedOutcome, ReleasedEffect], ...]


def forest_charts(release: Release, words: str = "several.charts") -> tuple[Chart, ...]:
    """One chart for each main measure that at least two analyses have. words: section of the wording for its texts."""
    return tuple(chart for outcome in main_outcomes(release) for chart in _forest(release, outcome, words))


def _forest(release: Release, outcome: ReleasedOutcome, words: str) -> tuple[Chart, ...]:
    lines = _lines(release, outcome.measure)
    if len(lines) < 2:
        return ()
    title = say(f"{words}.title", short=measure_words(release, outcome).get("short", measure_title(outcome)))
    description = say(f"{words}.desc", summary=" ".join(_line_text(release, words, *line) for line in lines))
    name = f"analyses-{outcome.measure.replace('_', '-')}"
    wide, narrow = (
        draw(_specification(release, lines, size), name=f"{name}-{size.name}", title=title, description=description)
        for size in (WIDE, NARROW)
    )
    table = results_table(release)
    rows = tuple(row for row in table.rows if row[1].text == measure_title(outcome))
    behind = chosen(Table(f"chart_{outcome.measure}", title, table.columns, rows), RESULT_COLUMNS)
    return (Chart(name, title, wide, narrow, behind),)


def _lines(release: Release, measure: str) -> Lines:
    return tuple(
        (analysis, outcome, outcome.effect)
        for analysis in release.analyses
        for outcome in analysis.outcomes
        if outcome.measure == measure and outcome.effect is not None and is_shown(outcome.effect.low)
    )


def _line_text(release: Release, words: str, analysis: ReleasedAnalysis, outcome: ReleasedOutcome, effect: ReleasedEffect) -> str:
    text = range_text(release, outcome, effect, effect_decimals(release, outcome, effect))
    return say(f"{words}.line", analysis=analysis.name, range=text)


def _specification(release: Release, lines: Lines, size: Size) -> dict[str, Any]:
    style = summary_style(release, lines[0][1])
    rows = [_row(analysis, effect, style) for analysis, _, effect in lines]
    unit = say("report.units.binary_difference") if style.words == "binary" else style.unit
    title = say("report.charts.difference_axis", unit=unit) if unit else say("report.panel.difference")
    return intervals(rows, size, title)


def intervals(rows: list[dict[str, Any]], size: Size, title: str, *, above: bool = False) -> dict[str, Any]:
    """The specification of a forest plot: a line a row from `low` to `high`, a square at `estimate`, a dashed line at no
    difference. rows: named by `analysis`, each name once. above: names stand over their lines instead of beside them.

    >>> sorted(intervals([{"analysis": "everyone", "low": -2.0, "high": 1.0, "estimate": -0.5}], WIDE, "Points"))[:2]
    ['$schema', 'config']
    """
    names = [row["analysis"] for row in rows]
    labels = alt.Axis(title=None, labelLimit=size.labels - 10, labelFontSize=size.font, ticks=False, domain=False)
    y = alt.Y("analysis:N", sort=names, axis=None if above else labels)
    x = alt.X("low:Q", title=title, scale=_scale(rows), axis=alt.Axis(tickCount=size.ticks, grid=True))
    base = alt.Chart(data_of(rows)).encode(y=y)
    zero = alt.Chart(data_of([{"zero": 0}])).mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=MUTED).encode(x="zero:Q")
    line = base.mark_rule(strokeWidth=2.5, color=INK).encode(x=x, x2="high:Q")
    point = base.mark_point(shape="square", filled=True, size=80, color=INK, opacity=1).encode(x="estimate:Q")
    texts = [names_above(names, size, 12)] if above else []
    width = size.plot - (0 if above else size.labels)
    height = (ROW_PIXELS + 10 * above) * len(rows)
    return specification(alt.layer(zero, line, point, *texts).properties(width=width, height=height))


def _row(analysis: ReleasedAnalysis, effect: ReleasedEffect, style: Style) -> dict[str, Any]:
    ends = {"low": effect.low, "high": effect.high, "estimate": effect.estimate}
    figures = {name: round(shown(value) * 10.0**style.shift, 4) for name, value in ends.items() if is_shown(value)}
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    return {"analysis": analysis.name, "text": interval(effect.low, effect.high, decimals, style.shift), **figures}


def _scale(rows: list[dict[str, Any]]) -> Any:
    values = [0.0, *(row[name] for row in rows for name in ("low", "high"))]
    room = max(0.05 * (max(values) - min(values)), 1e-6)
    return alt.Scale(domain=[min(values) - room, max(values) + room], nice=False, zero=False)
