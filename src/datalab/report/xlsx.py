"""A workbook of tables as XLSX, with gptables; dates and properties are fixed so that the bytes are."""

from __future__ import annotations

import io
import warnings
from datetime import datetime
from typing import Any

import pandas as pd

from datalab.engines.archives import normalise_zip
from datalab.report.sheets import Cover, Sheet, column_widths
from datalab.report.tables import Table, Value, plain_decimals, plain_headings, plain_rows
from datalab.wording import say

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # gptables leaves its own theme file open when it is imported
    from gptables import Cover as FrontPage
    from gptables import GPTable
    from gptables.core.wrappers import GPWorkbook

CREATED = datetime(1980, 1, 1)
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
EMPTY = "[z]"
ROOM = 1.15  # the tables are set a little larger than the letters that Excel counts widths in


def xlsx_bytes(cover: Cover, sheets: tuple[Sheet, ...]) -> bytes:
    """The workbook: the cover, then the worksheets in order; each keeps its headings in sight."""
    made = io.BytesIO()
    book = GPWorkbook(made, options=OPTIONS)
    book.set_properties({"title": cover.title, "created": CREATED, "author": "", "comments": ""})
    front = FrontPage(cover_label=cover.name, title=_plain(cover.title), intro=[_plain(line) for line in cover.lines])
    page = book.add_worksheet(cover.name, gridlines="hide_all")
    page.write_cover(front)
    # Above the lines gptables writes two words of its own, in English.
    page.write_string(1, 0, say("report.annex.cover_intro"), book.add_format(page.theme.cover_subtitle_format))
    for sheet in sheets:
        _add_sheet(book, sheet)
    book.close()
    return normalise_zip(made.getvalue())


def _add_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name, gridlines="hide_all")
    page.write_gptable(_gptable(sheet), False)
    for index, width in enumerate(column_widths(sheet.table)):
        page.set_column(index, index, width * ROOM)
    page.freeze_panes(sheet.heading_row + 1, sheet.heading_columns)
    for place, target in enumerate(sheet.links, start=sheet.heading_row + 1):
        page.write_url(place, 0, f"internal:'{target}'!A1", string=target)


def _gptable(sheet: Sheet) -> GPTable:
    table = sheet.table
    frame = pd.DataFrame(
        [[_plain(value) if isinstance(value, str) else value for value in row] for row in plain_rows(table)],
        columns=[_plain(heading) for heading in plain_headings(table)],
        dtype=object,
    )
    return GPTable(
        table=frame,
        table_name=f"table_{sheet.name}",
        title=_plain(table.title),
        instructions=" ".join(sheet.lines),
        index_columns={2: 0},
        additional_formatting=_formats(table),
    )


def _formats(table: Table) -> list[dict[str, Any]]:
    """The number format of every cell that holds a number (one entry a cell: gptables heeds only the last of several)."""
    return [
        {"cell": {"cells": (row, column), "format": {"num_format": "#,##0" + ("." + "0" * places if places else "")}}}
        for row, (values, decimals) in enumerate(zip(plain_rows(table), plain_decimals(table), strict=True), start=1)
        for column, (value, places) in enumerate(zip(values, decimals, strict=True))
        if not isinstance(value, str)
    ]


def _plain(value: Value) -> str:
    """A text that gptables prints as it stands: nothing empty, and none of its marks for notes and links."""
    text = str(value).replace("$$", "$ $").replace("](", "] (")
    return text if any(letter.isalnum() for letter in text) else f"{text} {EMPTY}".strip()
