"""Parts the rows below the headings into people, totals, remarks and blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from datalab.intake.headings import Layout
from datalab.intake.results import Fault

TOTALS = re.compile(
    r"^(grand |sub)?[- ]?(total|totals|sum|count|average|mean)s?( number)?( of .*)?\s*[:=]?\s*\d*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Row:
    """A row with something in it. number: as a spreadsheet shows it. cells: canonical column -> text, stripped.

    dates: the columns whose cell was a true date of a workbook.
    """

    number: int
    cells: Mapping[str, str]
    dates: frozenset[str] = frozenset()

    def text(self, column: str) -> str:
        """The cell's text; empty where the upload has no such column."""
        return self.cells.get(column, "")


def find_rows(layout: Layout, required: tuple[str, ...]) -> tuple[list[Row], list[Fault]]:
    """The rows of people, and notes about what was left out (totals, remarks under the table).

    A row of totals says so in a cell and has none of the dates of a person; a remark is a lone cell after the last row
    that has two or more cells. Rows covered by a merged cell are faults: nobody can tell to which row its value belongs.
    So are rows of a CSV with something beyond the last heading: every cell after a stray comma stands one place off.
    """
    sheet = layout.sheet
    rows = [_row(layout, index) for index in range(layout.header + 1, len(sheet.rows))]
    filled = {index: sum(bool(cell.strip()) for cell in sheet.rows[layout.header + 1 + index]) for index in range(len(rows))}
    last = max((index for index, count in filled.items() if count > 1), default=-1)
    people: list[Row] = []
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        if not filled[index]:
            continue
        if _is_total(sheet.rows[layout.header + 1 + index], row):
            faults.append(Fault("totals_row", "note", row.number))
        elif index > last and filled[index] == 1 and len(required) > 1:
            faults.append(Fault("remark_row", "note", row.number))
        else:
            people.append(row)
    merged = [row.number for row in people if row.number in sheet.merged]
    faults += [Fault("merged_cells", "row", number) for number in merged]
    faults += [Fault("hidden_row", "note", row.number) for row in people if row.number in sheet.hidden_rows]
    return people, faults + [Fault("extra_cells", "row", row.number) for row in people if _has_extra_cells(layout, row)]


def _has_extra_cells(layout: Layout, row: Row) -> bool:
    sheet = layout.sheet
    width = max((place + 1 for place, heading in enumerate(sheet.rows[layout.header]) if heading.strip()), default=0)
    return sheet.delimited and any(cell.strip() for cell in sheet.rows[row.number - sheet.first_row][width:])


def _row(layout: Layout, index: int) -> Row:
    texts = layout.sheet.rows[index]
    cells = {name: texts[place].strip() if place < len(texts) else "" for name, place in layout.columns.items()}
    dates = frozenset(name for name, place in layout.columns.items() if (index, place) in layout.sheet.dates)
    return Row(layout.sheet.first_row + index, cells, dates)


def _is_total(texts: tuple[str, ...], row: Row) -> bool:
    says_so = any(TOTALS.match(text.strip()) for text in texts)
    return says_so and not row.text("date_of_birth") and not row.text("programme_start")
