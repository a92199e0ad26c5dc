"""Charts of results: the two groups and the difference between them for each main measure.

Each is drawn twice, for wide and for narrow windows, and comes with the table of its figures.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedOutcome
from datalab.report.numbers import fixed, interval, interval_decimals, is_shown, shown
from datalab.report.page import Chart
from datalab.report.result_tables import RESULT_COLUMNS, main_outcomes, results_table
from datalab.report.sentences import (
    difference_text,
    effect_decimals,
    measure_words,
    range_text,
    value_text,
    vocabulary,
)
from datalab.report.styles import Style, point_decimals, summary_style
from datalab.report.svg import COMPARISON, INK, MUTED, NARROW, TREATED, WIDE, Size, data_of, draw, specification
from datalab.report.tables import Table, chosen
from datalab.wording import say

ROW_PIXELS = 64
MOST_CHARTS = 6
Found = tuple[tuple[ReleasedAnalysis, ReleasedOutcome], ...]


def effect_charts(release: Release) -> tuple[Chart, ...]:
    """One chart for each main measure (a run: rate, frequency, time), one row an analysis that has it."""
    return tuple(chart for outcome in main_outcomes(release)[:MOST_CHARTS] for chart in _effect_chart(release, outcome.measure))


def all_effect_charts(release: Release, analysis: ReleasedAnalysis, measure: str = "") -> tuple[Chart, ...]:
    """One chart for each measure of the analysis that has an effect to show, or for the one asked for."""
    wanted = [outcome.measure for outcome in analysis.outcomes if measure in ("", outcome.measure)]
    return tuple(chart for name in wanted for chart in _effect_chart(release, name, (analysis,)))


def _effect_chart(release: Release, measure: str, analyses: tuple[ReleasedAnalysis, ...] = ()) -> tuple[Chart, ...]:
    """The chart of one measure, a row for each of the analyses (all where none is named)."""
    found: Found = tuple(
        (analysis, outcome)
        for analysis in analyses or release.analyses
        for outcome in analysis.outcomes
        if outcome.measure == measure and outcome.effect is not None and is_shown(outcome.effect.low)
    )
    if not found:
        return ()
    short = measure_words(release, found[0][1])["short"]
    title = say("report.charts.effect_title", short=short)
    description = say("report.charts.effect_desc", summary=" ".join(_effect_line(release, *pair) for pair in found))
    name = f"effect-{slug(measure)}"
    drawings = {
        size.name: draw(
            _effect_specification(release, found, size), name=f"{name}-{size.name}", title=title, description=description
        )
        for size in (WIDE, NARROW)
    }
    return (Chart(name, title, drawings["wide"], drawings["narrow"], _effect_table(release, measure, found)),)


def _effect_line(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> str:
    effect = outcome.effect
    if effect is None:
        return ""
    decimals = effect_decimals(release, outcome, effect)
    return say(
        "report.charts.effect_line",
        analysis=analysis.name,
        treated_value=value_text(release, outcome, outcome.treated),
        comparison_value=value_text(release, outcome, outcome.comparison),
        difference=difference_text(release, outcome, effect.estimate, point_decimals(effect, summary_style(release, outcome))),
        range=range_text(release, outcome, effect, decimals),
    )


def _effect_table(release: Release, measure: str, found: Found) -> Table:
    """The lines of the results table for this measure in the analyses drawn."""
    table = results_table(release)
    drawn = {analysis.name for analysis, _ in found}
    labels = {outcome.label or outcome.measure for a in release.analyses for outcome in a.outcomes if outcome.measure == measure}
    rows = tuple(row for row in table.rows if row[0].text in drawn and row[1].text in labels)
    title = f"{table.title}: {', '.join(sorted(labels))}"
    return chosen(Table(table.name, title, table.columns, rows, ()), RESULT_COLUMNS)


def _effect_specification(release: Release, found: Found, size: Size) -> dict[str, Any]:
    style = summary_style(release, found[0][1])
    many = len(found) > 1
    width = size.plot - (size.labels if many else 20)
    has_values = any(is_shown(value) for _, outcome in found for value in (outcome.treated, outcome.comparison))
    above = (_values_panel(release, found, style, size, many),) if has_values else ()
    panels = (*above, _difference_panel(release, found, style, size, many))
    drawn = alt.vconcat(*(panel.properties(width=width, height=ROW_PIXELS * len(found)) for panel in panels), spacing=18)
    return specification(drawn.resolve_scale(color="shared", shape="shared", fill="shared"))


def _rows_axis(found: Found, size: Size, many: bool) -> Any:
    axis = alt.Axis(title=None, labelLimit=size.labels - 10, labelFontSize=size.font, ticks=False, domain=False) if many else None
    return alt.Y("analysis:N", sort=[analysis.name for analysis, _ in found], axis=axis)


def _values_panel(release: Release, found: Found, style: Style, size: Size, many: bool) -> Any:
    words = vocabulary(release)
    groups = [words["treated_short"], words["comparison_short"]]
    data = [
        {
            "analysis": analysis.name,
            "value": _scaled(value, style),
            "group": group,
            "text": style.text(value).replace(" days", ""),
        }
        for analysis, outcome in found
        for group, value in zip(groups, (outcome.treated, outcome.comparison), strict=True)
        if is_shown(value)
    ]
    base = alt.Chart(data_of(data)).encode(
        x=alt.X(
            "value:Q",
            title=_value_title(release, found[0][1], style),
            scale=_from_zero(data),
            axis=alt.Axis(tickCount=size.ticks, grid=True),
        ),
        y=_rows_axis(found, size, many),
    )
    points = base.mark_point(size=190, strokeWidth=2.5, opacity=1).encode(
        shape=alt.Shape("group:N", scale=alt.Scale(domain=groups, range=["circle", "diamond"])),
        color=alt.Color("group:N", scale=alt.Scale(domain=groups, range=[TREATED, COMPARISON])),
        fill=alt.Fill("group:N", scale=alt.Scale(domain=groups, range=[TREATED, "#ffffff"])),
    )
    first, second = (alt.datum.group == group for group in groups)
    above = base.transform_filter(first).mark_text(dy=-20, color=TREATED, fontWeight="bold").encode(text="text:N")
    below = base.transform_filter(second).mark_text(dy=21, color=COMPARISON, fontWeight="bold").encode(text="text:N")
    return points + above + below


def _difference_panel(release: Release, found: Found, style: Style, size: Size, many: bool) -> Any:
    data = [_difference_row(analysis, outcome, style) for analysis, outcome in found]
    ends = [{"value": row[name]} for row in data for name in ("low", "high")] + [{"value": 0.0}]
    unit = say("report.units.binary_difference") if style.words == "binary" else style.unit
    title = say("report.charts.difference_axis", unit=unit) if unit else say("report.panel.difference")
    x = alt.X("low:Q", title=title, scale=_padded(ends), axis=alt.Axis(tickCount=size.ticks, grid=True))
    base = alt.Chart(data_of(data)).encode(y=_rows_axis(found, size, many))
    line = base.mark_rule(strokeWidth=3, color=INK).encode(x=x, x2="high:Q")
    caps = [base.mark_tick(thickness=3, size=16, color=INK).encode(x=f"{end}:Q") for end in ("low", "high")]
    point = base.mark_point(shape="square", filled=True, size=130, color=INK, opacity=1).encode(x="estimate:Q")
    label = base.encode(x=alt.X("middle:Q"), text="text:N")
    edges: tuple[dict[str, Any], ...] = ({"stroke": "#ffffff", "strokeWidth": 5}, {})
    labels = (label.mark_text(dy=-20, fontWeight="bold", **edge) for edge in edges)
    zero = alt.Chart(data_of([{"zero": 0}])).mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=MUTED).encode(x="zero:Q")
    return alt.layer(zero, line, *caps, point, *labels)


def _difference_row(analysis: ReleasedAnalysis, outcome: ReleasedOutcome, style: Style) -> dict[str, Any]:
    effect = outcome.effect
    if effect is None:
        raise ValueError("a row of the chart needs an effect")
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    low, high = _scaled(effect.low, style), _scaled(effect.high, style)
    middle = fixed(effect.estimate, point_decimals(effect, style), style.shift)
    likely = interval(effect.low, effect.high, decimals, style.shift)
    text = f"{middle} ({likely})" if is_shown(effect.estimate) else likely
    row = {"analysis": analysis.name, "low": low, "high": high, "middle": (low + high) / 2, "text": text}
    return row | ({"estimate": _scaled(effect.estimate, style)} if is_shown(effect.estimate) else {})


def _scaled(value: Any, style: Style) -> float:
    """The figure on the axis, to 4 decimals, so that the drawing holds no more than it shows."""
    return round(shown(value) * 10.0**style.shift, 4)


def _padded(data: list[dict[str, Any]]) -> Any:
    """A scale that leaves room for labels at both ends of the data."""
    values = [row["value"] for row in data] or [0.0]
    room = max(0.18 * (max(values) - min(values)), 0.04 * max(abs(value) for value in values), 1e-6)
    return alt.Scale(domain=[min(values) - room, max(values) + room], nice=False, zero=False)


def _from_zero(data: list[dict[str, Any]]) -> Any:
    """A scale that begins at 0 with room at the end, so that distances are honest; padded where a value is below 0."""
    most, least = max(row["value"] for row in data), min(row["value"] for row in data)
    return alt.Scale(domain=[0, most * 1.12], nice=False) if least >= 0 < most else _padded(data)


def _value_title(release: Release, outcome: ReleasedOutcome, style: Style) -> str:
    """The unit, since the chart's heading names the measure; the measure itself where it has no unit."""
    return style.unit.capitalize() or measure_words(release, outcome)["short"]


def titled(release: Release, analysis: ReleasedAnalysis, title: str) -> str:
    """The title of a chart or table of one analysis; it names the analysis where there are several."""
    return f"{title} ({analysis.name})" if len(release.analyses) > 1 else title


def slug(name: str) -> str:
    """A name as part of an id: ASCII letters, digits and hyphens.

    >>> slug("Site A: completed")
    'site-a--completed'
    """
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
