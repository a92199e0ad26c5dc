"""Charts of points: the funnel (difference against standard error) and effect against size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

from datalab.report.svg import INK, POOL, WIDE, Size
from portal.library.charts import (
    Chart,
    axis_title,
    both_sizes,
    layered,
    named_mark,
    plot_width,
    results_table,
    source_looks,
    times,
    zero_line,
)
from portal.library.drawing import Mark, mark
from portal.library.models import Result
from portal.wording import say

MOST_POINTS = 400  # more are gathered in cells, with their number
CELLS = 24
REACH = 1.96
Point = dict[str, Any]


@dataclass(frozen=True)
class Scattered:
    """The results of a chart of points: each one's difference, its other figure and whose it is; the first of them whole, as many
    as a table shows; and how many have no place in the chart."""

    places: list[tuple[float, float, str]]
    first: list[Result]
    silent: int


def side_of(name: str) -> str:
    """The column that a chart of points has on its upright axis."""
    return "se" if name == "funnel" else "n_treated"


def scatter(name: str, found: Scattered, unit: str, centre: float | None = None) -> Chart:
    """Differences against their standard error (funnel) or the number of people (size). Many points are gathered in cells."""
    points = _points(found.places, times(unit), times(unit) if name == "funnel" else 1.0)
    gathered = len(points) > MOST_POINTS
    if gathered:
        points, marks = _gather(points, log=name == "size")
    else:
        marks = [named_mark(one) for one in found.first]
    heads, rows = results_table(found.first)
    lines = [say(f"library.charts.{name}_lead")]
    lines += [say("library.charts.silent", count=f"{found.silent:,}")] if found.silent else []
    lines += [say("library.charts.gathered", count=f"{len(found.places):,}", most=MOST_POINTS)] if gathered else []
    title = say(f"library.charts.{name}")
    middle = None if centre is None else centre * times(unit)
    plot = partial(_scatter, name, points, unit=unit, centre=middle, gathered=gathered)
    drawn = both_sizes(name, title, " ".join(lines), marks, plot) if points else {}
    return Chart(name, title, tuple(lines), heads, rows, **drawn)


def _points(places: list[tuple[float, float, str]], across: float, up: float) -> list[Point]:
    names = {source: say(f"library.sources_short.{source}") for source in {source for _, _, source in places}}
    return [
        {"x": difference * across, "y": side * up, "source": names[source], "mark": mark(place)}
        for place, (difference, side, source) in enumerate(places)
    ]


def _gather(points: list[Point], *, log: bool) -> tuple[list[Point], list[Mark]]:
    """The points by cells of the plane, each with its number."""
    places = [(one["x"], math.log10(max(one["y"], 1)) if log else one["y"]) for one in points]
    lows = [min(axis) for axis in zip(*places, strict=True)]
    steps = [(max(axis) - min(axis)) / CELLS or 1.0 for axis in zip(*places, strict=True)]
    cells: dict[tuple[int, ...], list[Point]] = {}
    for point, place in zip(points, places, strict=True):
        cell = tuple(int((value - low) / step) for value, low, step in zip(place, lows, steps, strict=True))
        cells.setdefault(cell, []).append(point)
    gathered: list[Point] = []
    marks: list[Mark] = []
    for inside in cells.values():
        middle = {name: sum(one[name] for one in inside) / len(inside) for name in ("x", "y")}
        gathered.append({**middle, "count": len(inside), "mark": mark(len(marks))})
        marks.append(Mark(say("library.charts.cell", count=len(inside), x=f"{middle['x']:.1f}", y=f"{middle['y']:,.1f}")))
    return gathered, marks


def _scatter(name: str, points: list[Point], size: Size, *, unit: str, centre: float | None, gathered: bool) -> dict[str, Any]:
    funnel = name == "funnel"
    scale = {"reverse": True, "zero": True} if funnel else {"type": "log", "nice": True}
    axis = {"tickCount": 5, "format": "~s"}
    y = {"field": "y", "type": "quantitative", "title": say(f"library.axes.{name}_y"), "scale": scale, "axis": axis}
    x = {"field": "x", "type": "quantitative", "title": axis_title(unit), "axis": {"tickCount": size.ticks}}
    number = {"field": "count", "type": "quantitative", "legend": None}
    looks = {"size": number, "color": {"value": INK}} if gathered else source_looks(size)
    point = {"type": "point", "filled": True, "size": 80, "opacity": 0.85}
    marks = {"mark": point, "encoding": {"x": x, "y": y, "description": {"field": "mark"}, **looks}}
    sides = _sides(points, centre, {"x": x, "y": y}) if funnel and centre is not None else []
    return layered(points, [zero_line(), *sides, marks], plot_width(size), 360 if size is WIDE else 300)


def _sides(points: list[Point], centre: float, places: dict[str, Any]) -> list[dict[str, Any]]:
    """The middle of the funnel and its sides, between which 95 of 100 results would lie if there were one true effect."""
    most = max(point["y"] for point in points) * 1.05
    look = {"type": "line", "color": POOL, "strokeDash": [2, 3], "strokeWidth": 1.5}
    lines = [[{"x": centre, "y": 0}, {"x": centre + way * REACH * most, "y": most}] for way in (-1, 0, 1)]
    return [{"data": {"values": line}, "mark": look, "encoding": places} for line in lines]
