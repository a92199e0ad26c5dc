"""Lines of a truth table: a figure with its Monte Carlo error beside what it is held to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure. row: of the table in design 3.8. cell: what was varied. value, error: figure and its Monte Carlo error
    (NaN for none). low, high: what it is held to, infinite for no limit; both infinite: reported only."""

    row: str
    cell: str
    value: float
    error: float
    low: float = -math.inf
    high: float = math.inf
    decimals: int = 2

    @property
    def held(self) -> bool:
        """True where there is something to hold it to."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    @property
    def fails(self) -> bool:
        """True where the figure is outside its limits, or is not a number. The point figure decides, as the table says."""
        return self.held and not self.low <= self.value <= self.high

    @property
    def figure(self) -> str:
        """Value and error as text."""
        error = "" if math.isnan(self.error) else f" ± {self.error:.{self.decimals}f}"
        return f"{self.value:.{self.decimals}f}{error}"

    @property
    def limits(self) -> str:
        """What it is held to, as text."""
        low, high = f"{self.low:g}", f"{self.high:g}"
        if not self.held:
            return "reported"
        if math.isinf(self.low):
            return f"≤ {high}"
        return f"within ±{high}" if self.low == -self.high else f"{low} to {high}"

    @property
    def judgement(self) -> str:
        """ok, FAILS, or nothing where it is only reported."""
        return ("FAILS" if self.fails else "ok") if self.held else ""


HEADINGS = ("check", "cell", "figure", "held to", "")


def table_text(lines: Sequence[Line]) -> str:
    """The lines as an aligned table, the row's name where it changes."""
    rows = [HEADINGS, *((a.row if first else "", a.cell, a.figure, a.limits, a.judgement) for a, first in _marked(lines))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def table_markdown(lines: Sequence[Line]) -> str:
    """The same as a Markdown table, for the documents."""
    rows = ["| check | cell | figure ± Monte Carlo error | held to | |", "| --- | --- | --- | --- | --- |"]
    rows += [f"| {a.row if first else ''} | {a.cell} | {a.figure} | {a.limits} | {a.judgement} |" for a, first in _marked(lines)]
    return "\n".join(rows) + "\n"


def _marked(lines: Sequence[Line]) -> Iterable[tuple[Line, bool]]:
    before = ""
    for line in lines:
        yield line, line.row != before
        before = line.row


def in_rows(lines: Iterable[Line]) -> list[Line]:
    """Lines of one row together, rows in the order in which they first come."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.row, []).append(line)
    return [line for row in grouped.values() for line in row]


def verdict(lines: Sequence[Line]) -> str:
    """One sentence at the end of a table."""
    held, failed = [line for line in lines if line.held], [line for line in lines if line.fails]
    if not failed:
        return f"All {len(held)} figures that are held to something are within their limits."
    named = "; ".join(f"{line.row}: {line.cell}, {line.figure} (held to {line.limits})" for line in failed)
    return f"{len(failed)} of {len(held)} figures are outside their limits: {named}."


def into_page(page: str, name: str, text: str) -> str:
    """The page with the text between the marks of this name in place of what stood there. Raises ValueError without marks."""
    first, last = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    if page.count(first) != 1 or page.count(last) != 1:
        raise ValueError(f"the page must have the marks of {name} once each")
    before, rest = page.split(first)
    return f"{before}{first}{text}{last}{rest.split(last)[1]}"
