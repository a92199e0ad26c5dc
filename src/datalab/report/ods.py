"""A workbook of tables as ODS, with odfdo; dates and properties are fixed so that the bytes are."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from odfdo import Cell, Column, Document, Row, Style
from odfdo import Table as Sheet

from datalab.engines.archives import normalise_zip
from datalab.report.tables import Table, plain_headings, plain_rows
from datalab.wording import say

CREATED = datetime(1980, 1, 1)
GENERATOR = "justice-data-lab"
EMPTY = "[z]"
STYLES: dict[str, dict[str, Any]] = {"title": {"bold": True, "size": "16pt"}, "heading": {"bold": True}, "body": {}}
WIDTHS = {"first": "6.5cm", "other": "3.6cm", "cover": "18cm"}


def ods_bytes(cover: tuple[str, str, tuple[str, ...]], sheets: dict[str, Table]) -> bytes:
    """The workbook. cover: name of the sheet, title, lines. sheets: by name, in order."""
    document = Document("spreadsheet")
    document.body.clear()
    document.language = "en-GB"
    for name, style in STYLES.items():
        document.insert_style(Style("table-cell", name=name, area="text", **style), automatic=True)
    for name, width in WIDTHS.items():
        document.insert_style(Style("table-column", name=name, width=width), automatic=True)
    name, title, lines = cover
    front: list[list[Any]] = [[title], *([line] for line in lines)]
    document.body.append(_sheet(name, front, heading=None, widths=("cover",)))
    for label, table in sheets.items():
        document.body.append(_table_sheet(label, table))
    _fix_properties(document, title)
    made = io.BytesIO()
    document.save(made, pretty=False)
    return normalise_zip(made.getvalue())


def _table_sheet(label: str, table: Table) -> Sheet:
    above: list[list[Any]] = [[table.title], *([note] for note in table.notes), [say("report.annex.sheet")]]
    heads = plain_headings(table)
    widths = ("first", *("other" for _ in heads[1:]))
    return _sheet(label, [*above, list(heads), *(list(row) for row in plain_rows(table))], heading=len(above), widths=widths)


def _sheet(name: str, rows: list[list[Any]], *, heading: int | None, widths: tuple[str, ...]) -> Sheet:
    sheet = Sheet(name)
    for width in widths:
        sheet.append(Column(style=width))
    for index, values in enumerate(rows):
        style = "title" if index == 0 else "heading" if index == heading else "body"
        row = Row()
        for value in values:
            row.append(Cell(EMPTY if value == "" else value, style=style))
        sheet.append(row)
    return sheet


def _fix_properties(document: Document, title: str) -> None:
    meta = document.meta
    meta.title = title
    meta.creation_date = CREATED
    meta.date = CREATED
    meta.generator = GENERATOR
    meta.editing_cycles = 1
