"""Draws an Altair chart as inline SVG: fixed look, one title and description, ids of its own, nothing to load."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from html import escape
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

INK = "#1b1f24"
MUTED = "#505a5f"
HAIRLINE = "#d4d8db"
TREATED = "#12436d"
COMPARISON = "#b5461a"
POOL = "#6b7280"
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
VEGA_LITE = "6.1"


@dataclass(frozen=True)
class Size:
    """One of the two drawings of a chart. plot: width of the plotting area with labels beside it, in pixels; labels: most
    pixels for a label beside the axis; ticks: about how many on the horizontal axis; font: size of those labels."""

    name: str
    plot: int
    labels: int
    ticks: int
    font: int


WIDE = Size("wide", 680, 230, 7, 14)
NARROW = Size("narrow", 285, 150, 4, 12)

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": "transparent"},
    "axis": {
        "labelFontSize": 14,
        "titleFontSize": 14,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": MUTED,
        "gridColor": HAIRLINE,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelPadding": 6,
        "titlePadding": 10,
    },
    "legend": {
        "orient": "top",
        "title": None,
        "labelFontSize": 14,
        "labelColor": INK,
        "labelLimit": 260,
        "symbolSize": 120,
        "symbolStrokeWidth": 2.5,
        "padding": 0,
        "offset": 14,
        "columnPadding": 18,
    },
    # A mitred white edge around letters would stick out as spikes.
    "text": {"fontSize": 14, "color": INK, "strokeJoin": "round"},
}


def data_of(rows: list[dict[str, Any]]) -> Any:
    """Rows as the data of an Altair chart; a tuple, since lists are copied whole with every mark that is added."""
    return alt.Data(values=tuple(rows))  # type: ignore[no-untyped-call]


def names_above(names: list[str], size: Size, rise: int = 10) -> Any:
    """The names of rows, each `rise` pixels above the middle of its row, for a narrow drawing, which has no room beside them.

    They stand there twice: a white edge to part them from the lines behind, then the letters.
    """
    base = alt.Chart(data_of([{"name": name} for name in names])).encode(
        y=alt.Y("name:N", sort=names, axis=None), x=alt.value(2), text="name:N"
    )
    look: dict[str, Any] = {"align": "left", "baseline": "middle", "dy": -rise, "fontSize": size.font, "limit": size.plot}
    return base.mark_text(**look, stroke="#ffffff", strokeWidth=4) + base.mark_text(**look, color=INK)


def quickly() -> AbstractContextManager[None]:
    """Inside it Altair does not check every part against its schema (two thirds of the time); Vega-Lite still does."""
    return debug_mode(False)


def specification(chart: Any) -> dict[str, Any]:
    """The Vega-Lite specification of an Altair chart; Vega-Lite itself refuses what is wrong when it draws."""
    return dict(chart.to_dict(validate=False))


def draw(wanted: dict[str, Any], *, name: str, title: str, description: str) -> str:
    """The SVG of a Vega-Lite specification. name: unique on the page; title, description: what a screen reader says.

    Same specification, same text. Raises where Vega-Lite refuses the specification.
    """
    whole = {**wanted, "config": {**CONFIG, **wanted.get("config", {})}, "padding": 4}
    return finish(vl_convert.vegalite_to_svg(whole, vl_version=VEGA_LITE), name=name, title=title, description=description)


def finish(svg: str, *, name: str, title: str, description: str) -> str:
    """The SVG as one image with a title and description; ids are `name` and a number; inner roles and namespaces go."""
    inside = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", svg)
    inside = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", inside)
    # The drawer counts its ids on from one drawing to the next; counted anew, the same drawing has the same bytes.
    ids = {found: f"{name}-{number}" for number, found in enumerate(re.findall(r'\bid="([^"]*)"', inside))}
    inside = re.sub(r'(\bid="|url\(#|href="#)([^")]*)', lambda found: found[1] + ids[found[2]], inside)
    width, height = _size(svg)
    head = (
        f'<svg class="plot" role="img" aria-labelledby="{name}-title {name}-description" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" focusable="false">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(description)}</desc>'
    )
    return f"{head}{inside}</svg>"


def standalone(svg: str) -> str:
    """An inline drawing as a file of its own: with its namespace and a white ground."""
    named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
    width, height = _size(svg)
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return named.replace("</desc>", f"</desc>{ground}", 1)


def png_bytes(svg: str) -> bytes:
    """A standalone drawing as PNG, twice its size."""
    return bytes(vl_convert.svg_to_png(svg, scale=2))


def _size(svg: str) -> tuple[str, str]:
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("the drawing has no viewBox")
    return found[1], found[2]
