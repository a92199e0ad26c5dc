"""The charts of the dashboard: each a specification in two sizes, the names of its marks, and the table of its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from datalab.library import Told, amount, span, verdict_key
from datalab.report.svg import COMPARISON, INK, MUTED, NARROW, POOL, TREATED, WIDE, Size
from portal.library.drawing import Mark, draw, mark
from portal.library.models import Result, Source
from portal.library.words import difference_text, ends, found_text, range_text, strength_text
from portal.wording import say

NAMES, FOREST, FIGURES = 330, 400, 210  # pixels of the wide forest: names, lines, figures
SHAPES = {Source.PUBLISHED: "square", Source.MADE_HERE: "circle", Source.DEMO: "diamond"}
COLOURS = {Source.PUBLISHED: INK, Source.MADE_HERE: TREATED, Source.DEMO: COMPARISON}
# Of a unit: what a figure is multiplied by on an axis.
_TIMES = {"share": 100.0}
Specification = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart as it stands on a page. lines: what there is to say about it. wide, narrow: "" where nothing can be drawn."""

    name: str
    title: str
    lines: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: SafeString = field(default_factory=SafeString)
    narrow: SafeString = field(default_factory=SafeString)


def both_sizes(
    name: str, title: str, description: str, marks: Sequence[Mark], make: Callable[[Size], Specification]
) -> dict[str, SafeString]:
    """The drawings for wide and for narrow windows. Our own drawing: what is written in it is escaped."""
    return {
        size.name: mark_safe(  # noqa: S308
            draw(make(size), name=f"{name}-{size.name}", title=title, description=description, marks=marks)
        )
        for size in (WIDE, NARROW)
    }


def times(unit: str) -> float:
    """What a figure of a unit is multiplied by on an axis and in a table."""
    return _TIMES.get(unit, 1.0)


def axis_title(unit: str) -> str:
    """What the axis of differences says."""
    return say(f"library.axes.{unit.replace(' ', '_') or 'other'}")


def label_of(result: Result) -> str:
    """A result's programme and organisation."""
    organisation = f" ({result.analysis.organisation})" if result.analysis.organisation else ""
    return f"{result.analysis.programme}{organisation}"


def named_mark(result: Result) -> Mark:
    """The mark of a result: what was found, leading to its page."""
    text = say("library.charts.mark", label=label_of(result), found=found_text(result))
    return Mark(text, reverse("library-analysis", args=[result.analysis.name]))


def source_looks(size: Size) -> Specification:
    """Colour and shape of whose result it is, with a legend."""
    names = [say(f"library.sources_short.{one}") for one in SHAPES]
    legend = {"orient": "top", "title": None, "columns": 3 if size is WIDE else 1}

    def look(values: list[str]) -> Specification:
        return {"field": "source", "type": "nominal", "scale": {"domain": names, "range": values}, "legend": legend}

    return {"color": look(list(COLOURS.values())), "shape": look(list(SHAPES.values()))}


def plot_width(size: Size) -> int:
    """Of a chart with figures on its left axis."""
    return size.plot + 120 if size is WIDE else size.plot - 60


def layered(rows: list[Specification], layers: list[Specification], width: float, height: float) -> Specification:
    """A specification of layers over the same rows."""
    schema = "https://vega.github.io/schema/vega-lite/v6.json"
    return {"$schema": schema, "data": {"values": rows}, "layer": layers, "width": width, "height": height}


def zero_line() -> Specification:
    """The dashed line of no difference."""
    look = {"type": "rule", "strokeDash": [5, 4], "color": MUTED}
    return {"data": {"values": [{"zero": 0}]}, "mark": look, "encoding": {"x": {"field": "zero", "type": "quantitative"}}}


def results_table(results: Sequence[Result]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The table beside a chart of results."""
    names = ("programme", "found", "difference", "range", "people", "strength", "source")
    heads = tuple(say(f"library.heads.{name}") for name in names)
    rows = tuple(
        (
            label_of(one),
            say(f"library.verdicts.{verdict_key(one.verdict, one.n_treated)}"),
            difference_text(one),
            range_text(one),
            say("library.unknown.figure") if one.n_treated is None else f"{one.n_treated:,}",
            strength_text(one),
            say(f"library.sources_short.{one.analysis.source}"),
        )
        for one in results
    )
    return heads, rows


def forest(results: Sequence[Result], told: Told | None, unit: str) -> Chart:
    """Each result's difference with its range, in the order given; a direction without a figure has its own words instead."""
    title, factor = say("library.charts.forest"), times(unit)
    rows = [_line(place, one, factor) for place, one in enumerate(results)]
    marks = [named_mark(one) for one in results]
    pool = told.found.pool if told else None
    if pool is not None:
        mean = pool.random
        likely = span(mean.low, mean.high, unit)
        rows.append(_together(len(marks), (mean.estimate, mean.low, mean.high), unit))
        marks.append(Mark(say("library.charts.pooled", amount=amount(mean.estimate, unit), range=likely)))
    heads, table = results_table(results)
    silent = sum(one.difference is None for one in results)
    lines = [say("library.charts.forest_lead")] + ([say("library.charts.forest_silent", count=silent)] if silent else [])
    drawn = both_sizes("forest", title, " ".join(lines), marks, lambda size: _forest(rows, size, unit)) if results else {}
    return Chart("forest", title, tuple(lines), heads, table, **drawn)


def _line(place: int, result: Result, factor: float) -> Specification:
    """A row of the forest: the figures where there are any."""
    verdict = verdict_key(result.verdict, result.n_treated)
    row: Specification = {
        "row": f"{place:03}",
        "label": label_of(result),
        "words": say(f"library.charts.direction_{verdict}") if result.difference is None else range_text(result),
        "source": say(f"library.sources_short.{result.analysis.source}"),
        "mark": mark(place),
    }
    low, high = ends(result)
    if result.difference is None or low is None or high is None:
        return row
    return {**row, "middle": result.difference * factor, "low": low * factor, "high": high * factor}


def _together(place: int, figures: tuple[float, float, float], unit: str) -> Specification:
    """The row of the average."""
    factor, decimals = times(unit), 0 if unit in ("share", "days") else 2
    middle, low, high = (factor * value for value in figures)
    words = say("library.curves.range", low=f"{low:.{decimals}f}", high=f"{high:.{decimals}f}").replace("-", "−")
    label = say("library.charts.together")
    return {"row": "999", "label": label, "words": words, "pool": middle, "low": low, "high": high, "mark": mark(place)}


def _forest(rows: list[Specification], size: Size, unit: str) -> Specification:
    """Wide: names, ranges, figures beside each other. Narrow: the name above its line."""
    wide = size is WIDE
    plot = FOREST if wide else size.plot
    y = {"field": "row", "type": "ordinal", "sort": [row["row"] for row in rows], "axis": None}
    x = {"field": "low", "type": "quantitative", "title": axis_title(unit), "axis": {"tickCount": size.ticks, "grid": True}}
    text = {"type": "text", "baseline": "middle", "fontSize": size.font}
    name = {**text, "align": "left", **({"limit": NAMES - 10} if wide else {"limit": plot, "dy": -14})}
    figures = {**text, "align": "right", "limit": FIGURES - 10, "color": MUTED}
    silent = {"transform": [{"filter": "!isValid(datum.low)"}]}
    known = {"transform": [{"filter": "isValid(datum.low)"}]}
    # Where there is no figure, the words are the mark.
    said = {**silent, **_text("words", y, plot + FIGURES if wide else 0, figures if wide else {**figures, "align": "left"})}
    said["encoding"]["description"] = {"field": "mark"}
    beside = [{**known, **_text("words", y, plot + FIGURES, figures)}] if wide else []
    texts = [_text("label", y, -NAMES if wide else 0, name), *beside, said]
    line = {"mark": {"type": "rule", "strokeWidth": 2, "color": INK}, "encoding": {"y": y, "x": x, "x2": {"field": "high"}}}
    layers = [
        zero_line(),
        *texts,
        {**_where("low"), **line},
        _point("middle", y, {"size": 80}, source_looks(size)),
        _point("pool", y, {"size": 220, "shape": "diamond", "color": POOL}, {}),
    ]
    return layered(rows, layers, plot, (30 if wide else 44) * len(rows))


def _text(column: str, y: Specification, place: float, look: Specification) -> Specification:
    return {"mark": look, "encoding": {"y": y, "x": {"value": place}, "text": {"field": column}}}


def _point(column: str, y: Specification, look: Specification, further: Specification) -> Specification:
    x = {"field": column, "type": "quantitative", "scale": {"zero": True}}
    looks = {"type": "point", "filled": True, "opacity": 1, **look}
    return {**_where(column), "mark": looks, "encoding": {"y": y, "x": x, "description": {"field": "mark"}, **further}}


def _where(column: str) -> Specification:
    """Only the rows that have the figure."""
    return {"transform": [{"filter": f"isValid(datum.{column})"}]}
