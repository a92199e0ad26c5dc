"""Writes the upload template, empty or filled in, as XLSX, ODS or CSV, with the same bytes every time."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from datalab.constraints import unknown
from datalab.engines.archives import normalise_zip
from datalab.errors import UsageError
from datalab.fields.justice.upload import UPLOAD
from datalab.schema.form import Form
from datalab.schema.ods import ods_bytes
from datalab.schema.template import DROP_DOWN_ROWS, Record, TemplateSheet, template_sheets, upload_sheet
from datalab.store import write_new
from datalab.wording import say

FORMATS = ("xlsx", "ods", "csv")
FIXED_TIME = datetime.datetime(1980, 1, 1)  # the file format has no time zone


def template_bytes(file_format: str, records: Sequence[Record] = (), groups: Sequence[str] = (), *, form: Form = UPLOAD) -> bytes:
    """The upload template as the bytes of a file, deterministic.

    file_format: xlsx, ods or csv. records: people already filled in (column name -> text), none by default. groups:
    further columns `group:NAME`. A CSV holds the headings (and records) alone. Raises UsageError for another format.

    >>> template_bytes("csv").decode("utf-8-sig").split(",")[:3]
    ['reference', 'forename', 'middle_names']
    """
    if file_format not in FORMATS:
        raise UsageError(unknown("format", file_format, FORMATS))
    first = upload_sheet(form, records, groups)
    if file_format == "csv":
        return _csv_bytes(first)
    sheets = (first, *template_sheets(form))
    return _xlsx_bytes(sheets) if file_format == "xlsx" else ods_bytes(sheets)


def write_template(path: Path, file_format: str, *, overwrite: bool = False, form: Form = UPLOAD) -> None:
    """Writes the empty template to `path`. Raises UsageError where a file is in the way and `overwrite` is not said."""
    write_new(path, template_bytes(file_format, form=form), overwrite=overwrite)


def _csv_bytes(sheet: TemplateSheet) -> bytes:
    # With the mark, spreadsheet programs take the file for UTF-8 and save it so.
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\r\n").writerows(sheet.rows)
    return made.getvalue().encode("utf-8-sig")


def _xlsx_bytes(sheets: Sequence[TemplateSheet]) -> bytes:
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties(
            {"title": say("template.title.document"), "author": say("template.title.author"), "created": FIXED_TIME}
        )
        heading = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        for sheet in sheets:
            _add_sheet(book.add_worksheet(sheet.name), sheet, heading, text)
    return normalise_zip(made.getvalue())


def _add_sheet(target: xlsxwriter.worksheet.Worksheet, sheet: TemplateSheet, heading: object, text: object) -> None:
    for place, width in enumerate(sheet.widths):
        # Set as text, so that a date stays as it is typed and 00/223R is not taken for a number.
        target.set_column(place, place, width, text)
    for number, row in enumerate(sheet.rows):
        for place, cell in enumerate(row):
            if cell:
                target.write_string(number, place, cell, heading if number == sheet.headings else text)
    target.freeze_panes(sheet.headings + 1, 0)
    for place, codes in (sheet.drop_downs or {}).items():
        rule = {
            "validate": "list",
            "source": list(codes),
            "error_title": say("template.validation.title"),
            "error_message": say("template.validation.message", codes=", ".join(codes)),
        }
        target.data_validation(sheet.headings + 1, place, sheet.headings + DROP_DOWN_ROWS, place, rule)
