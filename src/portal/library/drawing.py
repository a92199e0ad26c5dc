"""Draws a Vega-Lite specification as SVG whose marks are links with a name of their own (ADR 19): one picture for everybody,
which a small script makes livelier."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import vl_convert

from datalab.report.svg import CONFIG, VEGA_LITE, finish
from datalab.store import canonical_json

_MARK = re.compile(r'<(path|line|rect) aria-label="mark:(\d+)"[^>]*? aria-roledescription="[^"]*"([^>]*)/>')
_TEXT = re.compile(r'<text aria-label="mark:(\d+)"[^>]*? aria-roledescription="[^"]*"([^>]*)>(.*?)</text>')
_KEPT = re.compile(r'<(?:(?:path|line|rect) data-mark="(?P<shape>\d+)"[^>]*/>|text data-mark="(?P<text>\d+)"[^>]*>.*?</text>)')


@dataclass(frozen=True)
class Mark:
    """What a mark says, and where it leads ("": nowhere)."""

    text: str
    address: str = ""


def mark(number: int) -> str:
    """The description by which a mark of a specification is known."""
    return f"mark:{number}"


def draw(specification: dict[str, Any], *, name: str, title: str, description: str, marks: Sequence[Mark]) -> str:
    """The SVG of a specification. name: unique on the page; marks: those that its data describe by `mark(number)`.

    The same specification is drawn once by a process.
    """
    whole = {**specification, "config": {**CONFIG, **specification.get("config", {})}, "padding": 4}
    svg = _MARK.sub(r'<\1 data-mark="\2"\3/>', _drawn(canonical_json(whole)))
    svg = _TEXT.sub(r'<text data-mark="\1"\2>\3</text>', svg)
    plain = finish(svg, name=name, title=title, description=description)
    # A picture whose parts can be reached is a group of them.
    grouped = plain.replace('role="img"', 'role="group"', 1).replace(' focusable="false"', "", 1)
    return _KEPT.sub(lambda found: _linked(found, marks), grouped)


def _linked(found: re.Match[str], marks: Sequence[Mark]) -> str:
    number = int(found["shape"] or found["text"])
    told = marks[number]
    shape = re.sub(r' data-mark="\d+"', "", found[0], count=1)
    name = escape(told.text, quote=True)
    if told.address:
        address = escape(told.address, quote=True)
        return f'<a class="mark" data-place="{number}" href="{address}" tabindex="-1" aria-label="{name}">{shape}</a>'
    return f'<g class="mark" data-place="{number}" role="img" tabindex="-1" aria-label="{name}">{shape}</g>'


@lru_cache(maxsize=64)
def _drawn(specification: bytes) -> str:
    return str(vl_convert.vegalite_to_svg(json.loads(specification), vl_version=VEGA_LITE))


def start_drawer() -> None:
    """Draws next to nothing, so that the first visitor of a process does not wait a second for the drawer to start."""
    point = {"mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    _drawn(canonical_json({"data": {"values": [{"x": 1}]}, **point}))
