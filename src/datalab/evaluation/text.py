"""Rows as plain text in columns, without a library of frames, which takes longer to load than a small table to analyse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence


def text_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """The named columns of the rows under their headings, each set to the right; numbers to four figures, NaN left empty.

    >>> print(text_table(("outcome", "low"), [{"outcome": "back", "low": -0.123456}]))
    outcome     low
       back -0.1235
    """
    lines = [list(columns), *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(" ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.4g}"
