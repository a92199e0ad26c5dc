"""Table: the frozen value from which the page, the workbooks and the CSV files all print the same figures.

A cell holds the rounded figure and its printed text, so no format ever rounds for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from datalab.disclosure.results import Number
from datalab.errors import InternalError
from datalab.report.numbers import fixed, interval, is_shown, rounded, shown, symbol
from datalab.wording import say

Kind = Literal["text", "number", "interval"]
Value = str | int | float


@dataclass(frozen=True)
class Cell:
    """One cell. text: as printed on the page. values: what a spreadsheet holds, one value (an interval: two), each a
    number or a text (a symbol such as `[c]`). decimals: how many a spreadsheet shows of its numbers."""

    text: str
    values: tuple[Value, ...]
    decimals: int = field(default=0, repr=False)


@dataclass(frozen=True)
class Column:
    """A column; an `interval` becomes two columns (lower, upper) in spreadsheets. title: the heading; name: for `chosen`."""

    title: str
    kind: Kind = "number"
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its heading and notes. name: an identifier, unique in a report; the first column heads the rows."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"every row of {self.name} must have {len(self.columns)} cells")


def text_cell(text: str) -> Cell:
    """A cell of text; an empty one holds nothing but prints nothing either."""
    return Cell(text, (text,))


def number_cell(value: Number, decimals: int = 0, shift: int = 0, suffix: str = "", text: str | None = None) -> Cell:
    """A number times 10**shift rounded to `decimals`, printed with `suffix` (or as `text`); or its symbol.

    >>> number_cell(0.274, 0, 2, "%")
    Cell(text='27%', values=(27,))
    """
    printed = fixed(value, decimals, shift, suffix) if text is None else text
    return Cell(printed, (figure(value, decimals, shift),), decimals)


def interval_cell(low: Number, high: Number, decimals: int = 0, shift: int = 0) -> Cell:
    """An interval as "lower to upper" with both figures behind it.

    >>> interval_cell(-0.071, -0.012, 0, 2)
    Cell(text='−7 to −1', values=(-7, -1))
    """
    return Cell(interval(low, high, decimals, shift), (figure(low, decimals, shift), figure(high, decimals, shift)), decimals)


def figure(value: Number, decimals: int = 0, shift: int = 0) -> Value:
    """The rounded figure as a spreadsheet holds it: an int where there are no decimals, else a float, or the symbol."""
    if not is_shown(value):
        return symbol(value)
    exact = rounded(shown(value), decimals, shift)
    return int(exact) if decimals <= 0 else float(exact)


def plain_headings(table: Table) -> tuple[str, ...]:
    """Headings for spreadsheets and CSV: an interval column gives two."""
    return tuple(title for column in table.columns for title in _headings(column))


def plain_rows(table: Table) -> tuple[tuple[Value, ...], ...]:
    """The values under `plain_headings`."""
    return tuple(tuple(value for cell in row for value in cell.values) for row in table.rows)


def plain_decimals(table: Table) -> tuple[tuple[int, ...], ...]:
    """How many decimals a spreadsheet shows of each of the `plain_rows`."""
    return tuple(tuple(cell.decimals for cell in row for _ in cell.values) for row in table.rows)


def columns(specification: str, **values: str) -> tuple[Column, ...]:
    """Columns named in a text such as "step:text n percent", whose headings are `report.columns.<name>` of the wording; a
    name without a kind is a number.

    >>> [column.title for column in columns("step:text n")]
    ['Step', 'Left']
    """
    return tuple(_column(part, values) for part in specification.split())


def _column(part: str, values: dict[str, str]) -> Column:
    name, _, kind = part.partition(":")
    if kind not in ("", "text", "interval"):
        raise InternalError(f"a column is a number, a text or an interval, not {kind}")
    return Column(say(f"report.columns.{name}", **values), kind or "number", name)  # type: ignore[arg-type]


def chosen(table: Table, names: str) -> Table:
    """The table with only the columns of these names, in that order; a column is left out where all its cells are empty or
    `[z]`, and the `analysis` column where there is only one analysis."""
    places = {column.name: index for index, column in enumerate(table.columns)}
    keep = [places[name] for name in names.split() if _says_something(table, places[name])]
    rows = tuple(tuple(row[index] for index in keep) for row in table.rows)
    return replace(table, columns=tuple(table.columns[index] for index in keep), rows=rows)


def _says_something(table: Table, index: int) -> bool:
    texts = {row[index].text for row in table.rows}
    return len(texts) > 1 if table.columns[index].name == "analysis" else bool(texts - {"", "[z]"})


def every_column(table: Table) -> Table:
    """The table without its empty columns."""
    return chosen(table, " ".join(column.name for column in table.columns))


def _headings(column: Column) -> tuple[str, ...]:
    if column.kind != "interval":
        return (column.title,)
    return tuple(f"{column.title}: {say(f'report.columns.{end}')}" for end in ("lower", "upper"))
