"""Worksheet: what both workbook formats print of a table, and how wide its columns are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat

from datalab.report.numbers import fixed
from datalab.report.tables import Table, Value, plain_decimals, plain_headings, plain_rows

NARROWEST, WIDEST = 10, 60


@dataclass(frozen=True)
class Sheet:
    """A worksheet. name: of its tab. lines: texts between its title and the headings. links: for each row, the sheet that
    its first cell leads to; empty where the rows lead nowhere."""

    name: str
    table: Table
    lines: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def heading_row(self) -> int:
        """Place of the headings, counted from 0: below the title and the lines."""
        return 1 + len(self.lines)

    @property
    def heading_columns(self) -> int:
        """How many columns head the rows: the first, and the one after it where the first names the analysis."""
        columns = self.table.columns
        return 2 if len(columns) > 2 and columns[0].name == "analysis" and columns[1].kind == "text" else 1


@dataclass(frozen=True)
class Cover:
    """The first worksheet: its tab, the workbook's title, and lines of text."""

    name: str
    title: str
    lines: tuple[str, ...]


def column_widths(table: Table) -> tuple[int, ...]:
    """Width of each column in characters: room for its longest word and cell, from NARROWEST to WIDEST; longer texts wrap."""
    rows, places = plain_rows(table), plain_decimals(table)
    widths = []
    for index, heading in enumerate(plain_headings(table)):
        words = (len(word) for word in heading.split())
        cells = (len(cell_text(row[index], decimals[index])) for row, decimals in zip(rows, places, strict=True))
        widths.append(min(WIDEST, max(NARROWEST, 2 + max(chain(words, cells)))))
    return tuple(widths)


def cell_text(value: Value, decimals: int) -> str:
    """A cell as a spreadsheet shows it: a number with its decimals and a comma at thousands, or the text.

    >>> cell_text(0.2, 2), cell_text(12345, 0), cell_text("[c]", 2)
    ('0.20', '12,345', '[c]')
    """
    return value if isinstance(value, str) else fixed(value, decimals)


def row_links(sheet: Sheet) -> tuple[str, ...]:
    """The link of every row's first cell, "" where it has none."""
    return sheet.links or tuple(repeat("", len(sheet.table.rows)))
