"""One hundred people as dots: how many of them have an outcome, as inline SVG that needs no colour to be read."""

from __future__ import annotations

from html import escape

from datalab.errors import InternalError
from datalab.wording import say

ACROSS, STEP, RADIUS = 10, 20, 7
# The outline of a dot; a full one is filled with it.
TREATED, COMPARISON = "#12436d", "#8f3410"


def hundred_dots(count: int, *, name: str, title: str, color: str) -> str:
    """Ten rows of ten dots, `count` of them full, from the first. name: unique on the page, for ids.

    Raises InternalError where `count` is not 0 to 100.
    """
    if not 0 <= count <= 100:
        raise InternalError(f"of 100 people {count} cannot have an outcome")
    side = ACROSS * STEP
    dots = "".join(_dot(place, color, full=place < count) for place in range(100))
    return (
        f'<svg class="dots" role="img" aria-labelledby="{name}-title {name}-description" viewBox="0 0 {side} {side}" '
        f'width="{side}" height="{side}" focusable="false"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(say("summary.page.desc", count=count))}</desc>{dots}</svg>'
    )


def _dot(place: int, color: str, *, full: bool) -> str:
    x, y = (STEP // 2 + STEP * part for part in (place % ACROSS, place // ACROSS))
    return f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{color if full else "#ffffff"}" stroke="{color}" stroke-width="1.5"/>'
