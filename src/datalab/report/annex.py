"""The annex: every table of the report as an XLSX and an ODS workbook, with a cover, a table of contents and notes.

After the good-practice rules of the Government Analysis Function for spreadsheets: one table a sheet that begins in column
A, no merged cells, no empty rows inside, symbols explained. Same release, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from datalab.disclosure.results import Releasable, Release
from datalab.report.ods import ods_bytes
from datalab.report.results import symbols_used
from datalab.report.sentences import headline_sentence, is_research, tell
from datalab.report.sheets import Cover, Sheet
from datalab.report.tables import Column, Table, text_cell
from datalab.report.xlsx import xlsx_bytes
from datalab.wording import say


@dataclass(frozen=True)
class Workbook:
    """What both formats print: the cover, then the worksheets in order."""

    cover: Cover
    sheets: tuple[Sheet, ...]


def annex_files(releasable: Releasable, tables: tuple[Table, ...], *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """`annex.xlsx` and `annex.ods` with these tables, of `annex_tables`."""
    book = annex_workbook(releasable, tables, manifest_sha256=manifest_sha256, version=version)
    return {"annex.xlsx": xlsx_bytes(book.cover, book.sheets), "annex.ods": ods_bytes(book.cover, book.sheets)}


def annex_workbook(releasable: Releasable, tables: tuple[Table, ...], *, manifest_sha256: str, version: str) -> Workbook:
    """The workbook as frozen values, before it becomes bytes."""
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    sheets = tuple(
        Sheet(f"{number}_{table.name}", table, (_instructions(table, notes),)) for number, table in enumerate(tables, start=1)
    )
    one_table = (say("report.annex.one_table"),)
    contents = Sheet(
        say("report.annex.contents_sheet"), _contents(sheets), one_table, links=tuple(sheet.name for sheet in sheets)
    )
    symbols_and_notes = Sheet(say("report.annex.notes_sheet"), _notes(tables, notes), one_table)
    cover = _cover(releasable.release, manifest_sha256, version)
    return Workbook(cover, (contents, symbols_and_notes, *sheets))


def _cover(release: Release, manifest_sha256: str, version: str) -> Cover:
    *marks, about = about_lines(release, manifest_sha256, version)
    told = (headline_sentence(release), say("report.annex.intro"), about)
    return Cover(say("report.annex.cover_sheet"), tell(release, "annex.title"), (*marks, *told))


def about_lines(release: Release, manifest_sha256: str, version: str) -> tuple[str, ...]:
    """What must be known of the figures (made-up people, one's own data, no evidence), and last what they were made from."""
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
    return (*(say(f"report.annex.{name}") for name, holds in marks.items() if holds), about)


def _instructions(table: Table, notes: tuple[str, ...]) -> str:
    """What stands between a table's title and its headings: that it is alone, and which notes are about it."""
    texts = [say("report.annex.one_table")]
    numbers = [str(notes.index(note) + 1) for note in table.notes]
    if numbers:
        texts.append(say("report.annex.see_notes", count=len(numbers), numbers=", ".join(numbers)))
    if symbols_used((table,)):
        texts.append(say("report.annex.see_symbols"))
    return " ".join(texts)


def _contents(sheets: tuple[Sheet, ...]) -> Table:
    heads = (Column(say("report.annex.column_sheet"), "text"), Column(say("report.annex.column_table"), "text"))
    rows = tuple((text_cell(sheet.name), text_cell(sheet.table.title)) for sheet in sheets)
    return Table("contents", say("report.annex.contents"), heads, rows)


def _notes(tables: tuple[Table, ...], notes: tuple[str, ...]) -> Table:
    """The symbols that occur, then every note of the tables once."""
    heads = (Column(say("report.annex.column_note"), "text"), Column(say("report.annex.column_text"), "text"))
    symbols = [(f"[{name}]", text.split("] ", 1)[1]) for name, text in symbols_used(tables).items()]
    rows = [*symbols, *((say("report.annex.note", number=number), note) for number, note in enumerate(notes, start=1))]
    return Table("notes", say("report.annex.notes"), heads, tuple((text_cell(name), text_cell(text)) for name, text in rows))
