"""A workbook of tables as XLSX, with gptables; dates and properties are fixed so that the bytes are."""

from __future__ import annotations

import io
import warnings
from datetime import datetime

import pandas as pd

from datalab.engines.archives import normalise_zip
from datalab.report.tables import Table, Value, plain_headings, plain_rows
from datalab.wording import say

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # gptables leaves its own theme file open when it is imported
    from gptables import Cover, GPTable
    from gptables.core.wrappers import GPWorkbook

CREATED = datetime(1980, 1, 1)
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
EMPTY = "[z]"


def xlsx_bytes(cover: tuple[str, str, tuple[str, ...]], sheets: dict[str, Table]) -> bytes:
    """The workbook. cover: name of the sheet, title, lines. sheets: by name, in order."""
    made = io.BytesIO()
    book = GPWorkbook(made, options=OPTIONS)
    name, title, lines = cover
    book.set_properties({"title": title, "created": CREATED, "author": "", "comments": ""})
    front = Cover(cover_label=name, title=_plain(title), intro=[_plain(line) for line in lines])
    book.add_worksheet(name, gridlines="hide_all").write_cover(front)
    for label, table in sheets.items():
        book.add_worksheet(label, gridlines="hide_all").write_gptable(_gptable(label, table), True)
    book.close()
    return normalise_zip(made.getvalue())


def _gptable(label: str, table: Table) -> GPTable:
    frame = pd.DataFrame(
        [[_plain(value) if isinstance(value, str) else value for value in row] for row in plain_rows(table)],
        columns=[_plain(heading) for heading in plain_headings(table)],
        dtype=object,
    )
    return GPTable(
        table=frame,
        table_name=f"table_{label}",
        title=_plain(table.title),
        subtitles=[_plain(note) for note in table.notes],
        instructions=say("report.annex.sheet"),
        index_columns={2: 0},
    )


def _plain(value: Value) -> str:
    """A text that gptables prints as it stands: nothing empty, and none of its marks for notes and links."""
    text = str(value).replace("$$", "$ $").replace("](", "] (")
    return text if any(letter.isalnum() for letter in text) else f"{text} {EMPTY}".strip()
