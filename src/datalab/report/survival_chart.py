"""Chart of survival: each group's share with the event by day, with bands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import altair as alt

from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedSurvival
from datalab.report.charts import slug, titled
from datalab.report.numbers import fixed, is_shown, rounded, shown
from datalab.report.page import Chart
from datalab.report.sentences import by_kind, tell, vocabulary
from datalab.report.survival import day_places, steps_notes, survival_table
from datalab.report.svg import COMPARISON, NARROW, TREATED, WIDE, Size, data_of, draw, specification
from datalab.report.tables import Table, every_column
from datalab.wording import say

FEW_DAYS = 40  # up to so many days are joined by straight lines, since the steps between them are not shown


def survival_chart(release: Release, analysis: ReleasedAnalysis) -> tuple[Chart, ...]:
    """Both groups' share with the event by day with bands; nothing where the analysis has no curve that may be shown."""
    survival = analysis.survival
    if survival is None or not any(is_shown(point.treated) for point in survival.points):
        return ()
    # Of several times only the first has curves: the title of an evaluation says which it is.
    timed = next((outcome.label for outcome in analysis.outcomes if outcome.kind == "time"), "")
    title = titled(release, analysis, tell(release, by_kind(release, "charts.survival_title"), outcome=timed))
    data = _curve_rows(release, analysis)
    description = _description(release, survival, data)
    name = f"survival-{slug(analysis.name)}"
    drawings = {
        size.name: draw(
            _curve_specification(release, data, size), name=f"{name}-{size.name}", title=title, description=description
        )
        for size in (WIDE, NARROW)
    }
    whole = survival_table(release, analysis, survival)
    said = steps_notes(release)  # once, below the charts
    table = every_column(_thinned(replace(whole, notes=tuple(note for note in whole.notes if note not in said))))
    return (Chart(name, title, drawings["wide"], drawings["narrow"], table),)


def _description(release: Release, survival: ReleasedSurvival, data: list[dict[str, Any]]) -> str:
    """What the chart shows in words: how it is drawn, up to which day, and where both groups stand on the last one shown."""
    shape = "lines" if _is_joined(data) else "steps"
    places = day_places(survival.horizon)
    drawn = tell(release, by_kind(release, f"charts.survival_{shape}"), day=fixed(max(row["day"] for row in data), places))
    ends = [point for point in survival.points if is_shown(point.treated) and is_shown(point.comparison)]
    if not ends:
        return drawn
    shares = {"treated_end": _with_event(ends[-1].treated), "comparison_end": _with_event(ends[-1].comparison)}
    return f"{drawn} {tell(release, by_kind(release, 'charts.survival_end'), day=fixed(ends[-1].day, places), **shares)}"


def _with_event(without: Number) -> str:
    """What the share without the event, as the table prints it, leaves of 100%."""
    return f"{100 - rounded(shown(without), 1, 2)}%"


def _is_joined(data: list[dict[str, Any]]) -> bool:
    """Whether few days are shown, which straight lines join."""
    return len({row["day"] for row in data}) <= FEW_DAYS


def _thinned(table: Table) -> Table:
    """The survival table as it is, or about monthly (a twelfth of a horizon in another unit) where it has a row for nearly
    every day; the annex keeps them all."""
    if len(table.rows) <= FEW_DAYS:
        return table
    apart = min(30, len(table.rows) // 12)
    rows = tuple(row for index, row in enumerate(table.rows) if index % apart == 0 or index == len(table.rows) - 1)
    return replace(table, rows=rows)


def _curve_rows(release: Release, analysis: ReleasedAnalysis) -> list[dict[str, Any]]:
    words = vocabulary(release)
    points = analysis.survival.points if analysis.survival is not None else ()
    names = (words["treated_short"], words["comparison_short"])
    rows: list[dict[str, Any]] = []
    if points and points[0].day > 0:  # nobody has had the event when the clock starts
        rows = [{"day": 0, "group": name, "share": 0.0, "low": 0.0, "high": 0.0} for name in names]
    for point in points:
        for group, middle, low, high in (
            (words["treated_short"], point.treated, point.treated_low, point.treated_high),
            (words["comparison_short"], point.comparison, point.comparison_low, point.comparison_high),
        ):
            if is_shown(middle):
                row = {"day": point.day, "group": group, "share": round(1 - shown(middle), 4)}
                bands = {"low": round(1 - shown(high), 4), "high": round(1 - shown(low), 4)}
                rows.append(row | (bands if is_shown(low) and is_shown(high) else {}))
    return rows


def _curve_specification(release: Release, data: list[dict[str, Any]], size: Size) -> dict[str, Any]:
    words = vocabulary(release)
    groups = [words["treated_short"], words["comparison_short"]]
    legend = alt.Legend(columns=2 if size is WIDE else 1)
    color = alt.Color("group:N", scale=alt.Scale(domain=groups, range=[TREATED, COMPARISON]), legend=legend)
    dash = alt.StrokeDash("group:N", scale=alt.Scale(domain=groups, range=[[1, 0], [7, 4]]), legend=legend)
    shape = alt.Shape("group:N", scale=alt.Scale(domain=groups, range=["circle", "diamond"]), legend=legend)
    days = sorted({row["day"] for row in data})
    few = _is_joined(data)
    shape_of_line: Any = "linear" if few else "step-after"
    axis = alt.Axis(tickCount=size.ticks, grid=False)
    x_title = say(f"report.{by_kind(release, 'charts.survival_days')}")
    x = alt.X("day:Q", title=x_title, scale=alt.Scale(domain=[0, days[-1]], nice=False), axis=axis)
    y_title = say(f"report.{by_kind(release, 'charts.survival_axis')}")
    base = alt.Chart(data_of(data)).encode(x=x)
    y = alt.Y("low:Q", stack=None, title=y_title, axis=alt.Axis(format=".0%", tickCount=5))
    bands = [
        base.transform_filter(alt.datum.group == group)
        .mark_area(interpolate=shape_of_line, opacity=0.15, color=tint)
        .encode(y=y, y2="high:Q")
        for group, tint in zip(groups, (TREATED, COMPARISON), strict=True)
    ]
    line = base.mark_line(interpolate=shape_of_line, strokeWidth=2.5).encode(y="share:Q", color=color, strokeDash=dash)
    points = base.mark_point(size=70, filled=True, opacity=1).encode(y="share:Q", color=color, shape=shape)
    drawn = alt.layer(*bands, line, points) if few else alt.layer(*bands, line)
    return specification(drawn.properties(width=size.plot - 80, height=280))
