"""The annex: every table of the report as an XLSX and an ODS workbook, with a cover, a table of contents and notes.

After the good-practice rules of the Government Analysis Function for spreadsheets: one table a sheet that begins in column
A, no merged cells, no empty rows inside, symbols explained. Same release, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from datalab.disclosure.results import Releasable
from datalab.report.annex_tables import annex_tables
from datalab.report.ods import ods_bytes
from datalab.report.results import symbols_used
from datalab.report.sentences import is_research, tell
from datalab.report.tables import Column, Table, text_cell
from datalab.report.xlsx import xlsx_bytes
from datalab.wording import say


@dataclass(frozen=True)
class Workbook:
    """What both formats print. cover: title, then its lines. sheets: name of the worksheet and its table, in order."""

    title: str
    cover: tuple[str, ...]
    contents: Table
    notes: Table
    sheets: tuple[tuple[str, Table], ...]


def annex_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """`annex.xlsx` and `annex.ods` with the same tables."""
    book = annex_workbook(releasable, manifest_sha256=manifest_sha256, version=version)
    sheets = {
        say("report.annex.contents_sheet"): book.contents,
        say("report.annex.notes_sheet"): book.notes,
        **dict(book.sheets),
    }
    cover = (say("report.annex.cover_sheet"), book.title, book.cover)
    return {"annex.xlsx": xlsx_bytes(cover, sheets), "annex.ods": ods_bytes(cover, sheets)}


def annex_workbook(releasable: Releasable, *, manifest_sha256: str, version: str) -> Workbook:
    """The workbook as frozen values, before it becomes bytes."""
    release = releasable.release
    tables = annex_tables(releasable)
    sheets = tuple((f"{number}_{table.name}", table) for number, table in enumerate(tables, start=1))
    marks = {
        "synthetic": release.synthetic,
        "own_data": release.status == "own_data",
        "research": is_research(release),
    }
    about = tell(
        release,
        "annex.about",
        study_id=release.study_id,
        plan=release.plan_sha256 or say("report.methods.no_tables"),
        manifest=manifest_sha256,
        version=version,
    )
    cover = (*(say(f"report.annex.{name}") for name, holds in marks.items() if holds), say("report.annex.intro"), about)
    return Workbook(tell(release, "annex.title"), cover, _contents(sheets), _notes(tables), sheets)


def _contents(sheets: tuple[tuple[str, Table], ...]) -> Table:
    heads = (Column(say("report.annex.column_sheet"), "text"), Column(say("report.annex.column_table"), "text"))
    rows = tuple((text_cell(name), text_cell(table.title)) for name, table in sheets)
    return Table("contents", say("report.annex.contents"), heads, rows)


def _notes(tables: tuple[Table, ...]) -> Table:
    """The symbols that occur, then every note of the tables once."""
    heads = (Column(say("report.annex.column_note"), "text"), Column(say("report.annex.column_text"), "text"))
    symbols = [(f"[{name}]", text.split("] ", 1)[1]) for name, text in symbols_used(tables).items()]
    notes = list(dict.fromkeys(note for table in tables for note in table.notes))
    rows = [*symbols, *((say("report.annex.note", number=number), note) for number, note in enumerate(notes, start=1))]
    return Table("notes", say("report.annex.notes"), heads, tuple((text_cell(name), text_cell(text)) for name, text in rows))
