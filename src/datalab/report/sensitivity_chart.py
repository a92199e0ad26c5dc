"""Chart of the sensitivity family: the headline estimate above the same by every other design."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome
from datalab.report.charts import slug, titled
from datalab.report.numbers import fixed, interval, interval_decimals, is_shown, shown
from datalab.report.page import Chart
from datalab.report.sensitivity_tables import design_table, difference_unit, tell_line
from datalab.report.sentences import measure_words
from datalab.report.styles import Style, point_decimals, summary_style
from datalab.report.svg import COMPARISON, MUTED, NARROW, TREATED, WIDE, Size, data_of, draw, names_above, specification
from datalab.report.tables import chosen
from datalab.wording import say

STEP_PIXELS = 44
NARROW_STEP = 64  # the name above the marks
FEWEST = 2


@dataclass(frozen=True)
class Mark:
    """A row of the chart; text: its figures, or why there are none."""

    name: str
    effect: ReleasedEffect | None
    text: str
    is_headline: bool = False


def design_chart(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> tuple[Chart, ...]:
    """The estimates with their likely ranges, one row a design; nothing where no other design has an estimate."""
    style = summary_style(release, outcome)
    marks = design_marks(release, analysis, outcome, style)
    if sum(mark.effect is not None for mark in marks) < FEWEST:
        return ()
    lines = " ".join(say("sensitivity.chart.line", name=mark.name, text=mark.text) for mark in marks)
    title = titled(release, analysis, say("sensitivity.headings.chart", short=measure_words(release, outcome)["short"]))
    name = f"designs-{slug(analysis.name)}"
    description = say("sensitivity.chart.desc", summary=lines)
    drawings = {
        size.name: draw(_specification(marks, style, size), name=f"{name}-{size.name}", title=title, description=description)
        for size in (WIDE, NARROW)
    }
    # Named as the chart: the whole table stands on the same page, and two regions of one name cannot be told apart.
    table = replace(chosen(design_table(release, analysis, outcome), "line estimate estimate_range p"), title=title)
    return (Chart(name, title, drawings["wide"], drawings["narrow"], table),)


def design_marks(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome, style: Style) -> tuple[Mark, ...]:
    """The headline's row, then one for each other design of its measure, without an effect where it has none."""
    lines = [line for line in analysis.sensitivity if line.part == "design" and line.measure == outcome.measure]
    marks = [Mark(say("sensitivity.lines.headline"), outcome.effect, _text(outcome.effect, style, ""), is_headline=True)]
    for line in lines:
        state = "" if line.status == "estimated" else say(f"sensitivity.status.{line.status}")
        marks.append(Mark(tell_line(release, "lines", line), line.effect, _text(line.effect, style, state)))
    return tuple(marks)


def _text(effect: ReleasedEffect | None, style: Style, state: str) -> str:
    if effect is None or not is_shown(effect.low):
        return state
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    likely = interval(effect.low, effect.high, decimals, style.shift)
    return f"{fixed(effect.estimate, point_decimals(effect, style), style.shift)} ({likely})"


def _scaled(value: Number, style: Style) -> float:
    return round(shown(value) * 10.0**style.shift, 4)


def _rows(marks: tuple[Mark, ...], style: Style) -> list[dict[str, Any]]:
    rows = []
    for mark in marks:
        row: dict[str, Any] = {"name": mark.name, "text": mark.text, "kind": "headline" if mark.is_headline else "other"}
        if mark.effect is not None and is_shown(mark.effect.low):
            ends = {end: _scaled(getattr(mark.effect, end), style) for end in ("estimate", "low", "high")}
            rows.append(row | ends | {"place": (ends["low"] + ends["high"]) / 2})
        else:
            rows.append(row | {"place": 0.0})
    return rows


def _specification(marks: tuple[Mark, ...], style: Style, size: Size) -> dict[str, Any]:
    """Names beside the marks in the wide drawing, above them in the narrow one."""
    rows, is_wide, names = _rows(marks, style), size is WIDE, [mark.name for mark in marks]
    drop = 0 if is_wide else 14
    drawn = [row for row in rows if "low" in row]
    ends = [0.0, *(row[end] for row in drawn for end in ("low", "high"))]
    room = max(0.12 * (max(ends) - min(ends)), 1e-6)
    scale = alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False, zero=False)
    unit = difference_unit(style)
    title = say("sensitivity.chart.axis", unit=unit) if unit else say("report.panel.difference")
    labels = alt.Axis(title=None, labelLimit=size.labels - 10, labelFontSize=size.font, ticks=False, domain=False)
    y = alt.Y("name:N", sort=names, axis=labels if is_wide else None)
    color = alt.Color("kind:N", scale=alt.Scale(domain=["headline", "other"], range=[TREATED, COMPARISON]), legend=None)
    x = alt.X("low:Q", title=title, scale=scale, axis=alt.Axis(tickCount=size.ticks, grid=True, labelOverlap=True))
    base = alt.Chart(data_of(drawn)).encode(y=y, color=color)
    zero = alt.Chart(data_of([{"zero": 0}])).mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=MUTED).encode(x="zero:Q")
    line = base.mark_rule(strokeWidth=3, yOffset=drop).encode(x=x, x2="high:Q")
    point = base.mark_point(filled=True, size=110, opacity=1, yOffset=drop).encode(
        x="estimate:Q",
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=["headline", "other"], range=["square", "circle"]), legend=None),
    )
    edges: tuple[dict[str, Any], ...] = ({"stroke": "#ffffff", "strokeWidth": 4, "strokeJoin": "round"}, {})
    words = [
        alt.Chart(data_of(some))
        .encode(y=y, x=alt.X("place:Q"), text="text:N")
        .mark_text(dy=dy + drop, fontSize=size.font, **edge)
        for some, dy in ((drawn, -14), ([row for row in rows if "low" not in row], 0))
        for edge in edges
    ]
    above = () if is_wide else (names_above(names, size, rise=20),)
    width, step = (size.plot - size.labels, STEP_PIXELS) if is_wide else (size.plot - 24, NARROW_STEP)
    return specification(alt.layer(zero, line, point, *words, *above).properties(width=width, height=step * len(rows)))
