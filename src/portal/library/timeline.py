"""Charts over time: results by year of publication, and the survival curves of one analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from datalab.report.svg import COMPARISON, TREATED, WIDE, Size
from portal.library.charts import Chart, both_sizes, layered, plot_width
from portal.library.drawing import Mark, mark
from portal.library.models import Analysis, Result
from portal.library.search import address_of
from portal.wording import say

COLOURS = {"lower": TREATED, "more_people": "#8a94a0", "higher": COMPARISON, "not_stated": "#d4d8db", "withheld": "#d4d8db"}


def timeline(found: QuerySet[Result], asked: Mapping[str, Any]) -> Chart:
    """How many results went which way, by year of publication; those of no known year stand in the table alone."""
    counted = found.order_by().values_list("analysis__year", "verdict").annotate(count=Count("id"))
    counts = {(year, verdict): count for year, verdict, count in counted}
    years = sorted({year for year, _ in counts if year is not None})
    verdicts = [name for name in COLOURS if any(verdict == name for _, verdict in counts)]
    rows: list[dict[str, Any]] = []
    marks: list[Mark] = []
    for year in years:
        for verdict in verdicts:
            if count := counts.get((year, verdict)):
                name = say(f"library.verdicts.{verdict}")
                rows.append({"year": str(year), "verdict": name, "count": count, "mark": mark(len(marks))})
                address = f"{reverse('library')}?{address_of(asked, first=year, last=year, verdict=verdict)}#results"
                marks.append(Mark(say("library.charts.year", year=year, count=count, verdict=name.lower()), address))
    title, lead = say("library.charts.time"), say("library.charts.time_lead")
    heads = (say("library.heads.year"), *(say(f"library.verdicts.{name}") for name in verdicts))
    no_year = [None] if any(year is None for year, _ in counts) else []
    table = tuple(
        (say("library.unknown.year") if year is None else str(year), *(f"{counts.get((year, name), 0):,}" for name in verdicts))
        for year in (*reversed(years), *no_year)
    )
    drawn = (
        both_sizes("time", title, lead, marks, lambda size: _bars(rows, verdicts, range(years[0], years[-1] + 1), size))
        if rows
        else {}
    )
    return Chart("time", title, (lead,), heads, table, **drawn)


def _bars(rows: list[dict[str, Any]], verdicts: Sequence[str], years: Sequence[int], size: Size) -> dict[str, Any]:
    names = [say(f"library.verdicts.{name}") for name in verdicts]
    colour = {
        "field": "verdict",
        "type": "nominal",
        "scale": {"domain": names, "range": [COLOURS[name] for name in verdicts]},
        "legend": {"orient": "top", "title": None, "columns": 3 if size is WIDE else 1},
    }
    order = {"field": "verdict", "type": "nominal", "sort": names}
    count = {"field": "count", "type": "quantitative", "stack": "zero"}
    title = {"title": say("library.axes.results"), "axis": {"tickMinStep": 1, "tickCount": 5}}
    # Wide: years from left to right. Narrow: from top to bottom, where there is room for them.
    year = {
        "field": "year",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": 0},
        "scale": {"domain": [str(one) for one in years]},
    }
    places = {"x": year, "y": {**count, **title}} if size is WIDE else {"y": year, "x": {**count, **title}}
    bar = {
        "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {**places, "color": colour, "order": order, "description": {"field": "mark"}},
    }
    return layered(rows, [bar], plot_width(size), 320 if size is WIDE else 26 * len(years))


def survival(analysis: Analysis) -> Chart:
    """Both groups' share with the event by day with bands, of one analysis made here."""
    groups = {"treated": say("library.curves.treated"), "comparison": say("library.curves.comparison")}
    rows: list[dict[str, Any]] = []
    marks: list[Mark] = []
    for point in analysis.curves:
        for group, name in groups.items():
            share, low, high = (point[f"{group}{end}"] for end in ("", "_low", "_high"))
            if share is None:
                continue
            band = {"low": 100 * low, "high": 100 * high} if low is not None and high is not None else {}
            rows.append({"day": point["day"], "group": name, "share": 100 * share, "mark": mark(len(marks)), **band})
            marks.append(Mark(say("library.curves.mark", group=name, day=f"{point['day']:g}", share=f"{100 * share:.0f}")))
    title = say("library.curves.title", programme=analysis.programme)
    lead = say("library.curves.lead")
    heads = tuple(say(f"library.curves.{name}") for name in ("day", "treated", "treated_range", "comparison", "comparison_range"))
    table = tuple(_day(point) for point in analysis.curves)
    drawn = both_sizes("survival", title, lead, marks, lambda size: _curves(rows, list(groups.values()), size)) if rows else {}
    return Chart("survival", title, (lead,), heads, table, **drawn)


def _day(point: Mapping[str, float | None]) -> tuple[str, ...]:
    def percent(name: str) -> str:
        value = point[name]
        return say("library.unknown.figure") if value is None else f"{100 * value:.0f}%"

    ranges = (
        say("library.curves.range", low=percent(f"{group}_low"), high=percent(f"{group}_high"))
        for group in ("treated", "comparison")
    )
    treated, comparison = ranges
    return (f"{point['day']:g}", percent("treated"), treated, percent("comparison"), comparison)


def _curves(rows: list[dict[str, Any]], groups: list[str], size: Size) -> dict[str, Any]:
    legend = {"orient": "top", "title": None, "columns": 2 if size is WIDE else 1}
    colour = {"field": "group", "type": "nominal", "scale": {"domain": groups, "range": [TREATED, COMPARISON]}, "legend": legend}
    dash = {"field": "group", "type": "nominal", "scale": {"domain": groups, "range": [[1, 0], [7, 4]]}, "legend": legend}
    x = {
        "field": "day",
        "type": "quantitative",
        "title": say("library.curves.axis_days"),
        "axis": {"tickCount": size.ticks, "grid": False},
    }
    y = {"field": "share", "type": "quantitative", "title": say("library.curves.axis_share"), "axis": {"tickCount": 5}}
    shape = {"x": x, "color": colour}
    plain = {name: value for name, value in colour.items() if name != "legend"} | {"legend": None}
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.15},
        "encoding": {"x": x, "color": plain, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    line = {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": {**shape, "y": y, "strokeDash": dash}}
    point = {
        "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
        "encoding": {**shape, "y": y, "description": {"field": "mark"}},
    }
    return layered(rows, [band, line, point], plot_width(size), 300)
