"""The child that opens a workbook: run as a script with nothing but its limits; text of every cell out as JSON.

A workbook is a stranger's file and its parser native code, so a bomb may cost this process and never its parent.
"""

from __future__ import annotations

import datetime
import io
import json
import posixpath
import re
import resource
import sys
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

TOO_BIG = "too_big"
UNREADABLE = "unreadable"
LINKED = "linked"
# A sheet that is filled from another file, a program or a database.
ODS_LINKS = frozenset({"table:table-source", "table:cell-range-source", "office:dde-source", "table:dde-link"})
LAST_COLUMN = 16_384
HIDDEN_TAG = re.compile(rb"""<(?:\w+:)?(row|col)(?=\s)(?=[^<>]*\shidden=["'](?:1|true)["'])[^<>]*>""")


def main(arguments: list[str]) -> None:
    """Reads a workbook from standard input. arguments: bytes of memory, seconds, most rows, most columns, most cells."""
    memory_bytes, seconds, rows, columns, cells = (int(argument) for argument in arguments)
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    content = sys.stdin.buffer.read()
    json.dump(read_workbook(content, rows, columns, cells), sys.stdout, ensure_ascii=True)


def read_workbook(content: bytes, rows: int, columns: int, cells: int) -> dict[str, Any]:
    """The sheets of a workbook, or an `error`. Each: visible, first row (from 0) and column, cells as text, merged rows."""
    from python_calamine import (  # noqa: PLC0415 - under the limits, and never in the parent
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
        XmlError,
        ZipError,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets: list[dict[str, Any]] = []
        for number, about in enumerate(book.sheets_metadata):
            shown = about.visible == SheetVisibleEnum.Visible
            if about.typ != SheetTypeEnum.WorkSheet:  # a chart has no cells
                sheets.append({"name": about.name, "visible": shown, "start": (0, 0), "rows": [], "merged": []})
                continue
            sheet = book.get_sheet_by_index(number)
            cells -= sheet.total_height * sheet.total_width
            if sheet.total_height > rows or sheet.total_width > columns or cells < 0:
                return {"error": TOO_BIG}
            merged = sheet.merged_cell_ranges or []
            sheets.append(
                {
                    "name": about.name,
                    "visible": shown,
                    "start": sheet.start or (0, 0),
                    "rows": [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)],
                    "merged": [(first[0], last[0]) for first, last in merged],
                }
            )
        hidden = hidden_in_xlsx(content)
    except (CalamineError, XmlError, ZipError, zipfile.BadZipFile, zlib.error, OSError, ValueError):
        return {"error": UNREADABLE}
    spans_of_sheets = merged_in_ods(content)
    if spans_of_sheets is None:
        return {"error": LINKED}
    for sheet_values, spans in zip(sheets, spans_of_sheets, strict=False):
        sheet_values["merged"] = spans
    for sheet_values, (lines, letters) in zip(sheets, hidden, strict=False):
        sheet_values |= {"hidden_rows": lines, "hidden_columns": letters}
    return {"sheets": sheets}


def _text(cell: object) -> list[str]:
    # The second part says what the cell was, where that matters: a true date was never typed day or month first.
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return [cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds"), "date"]
    if isinstance(cell, datetime.date):
        return [cell.isoformat(), "date"]
    if isinstance(cell, bool):
        return ["TRUE" if cell else "FALSE", ""]
    if isinstance(cell, float) and cell.is_integer():
        return [str(int(cell)), "number"]
    return [str(cell), "number" if isinstance(cell, (int, float)) else ""]


def hidden_in_xlsx(content: bytes) -> list[tuple[list[int], list[int]]]:
    """For each sheet of an XLSX workbook, its hidden rows and columns, both counted from 1; empty for other workbooks."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return []
        links = re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", archive.read("xl/_rels/workbook.xml.rels"))
        targets = {_attribute(link, b"Id"): _attribute(link, b"Target") for link in links}
        sheets = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", archive.read("xl/workbook.xml"))
        parts = [posixpath.join("/xl", targets.get(_attribute(sheet, rb"\w+:id"), ""))[1:] for sheet in sheets]
        return [_hidden(archive.read(part)) if part in names else ([], []) for part in parts]


def _hidden(xml: bytes) -> tuple[list[int], list[int]]:
    rows: list[int] = []
    columns: list[int] = []
    for tag in HIDDEN_TAG.finditer(xml):
        if tag[1] == b"row":
            rows += [int(number) for number in [_attribute(tag[0], b"r")] if number]
        else:
            first, last = (int(_attribute(tag[0], name) or 0) for name in (b"min", b"max"))
            columns += range(first, min(last, LAST_COLUMN) + 1)
    return rows, columns


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb"""=["']([^"']*)["']""", tag)
    return found[1].decode("utf-8", "replace") if found else ""


def merged_in_ods(content: bytes) -> list[list[tuple[int, int]]] | None:
    """For each sheet of an ODS workbook, first and last row (from 0) of its merged cells; empty for other workbooks, None for
    one that takes its cells from elsewhere."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" not in archive.namelist():
            return []
        text = archive.read("content.xml")
    sheets: list[list[tuple[int, int]]] = []
    row = [0, 1]  # number of the row being read, and how often it stands
    links: list[str] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        if name in ODS_LINKS:
            links.append(name)
        elif name == "table:table":
            sheets.append([])
            row[:] = [0, 1]
        elif name == "table:table-row":
            row[1] = int(attributes.get("table:number-rows-repeated", "1"))
        elif name == "table:table-cell" and sheets:
            down = int(attributes.get("table:number-rows-spanned", "1"))
            if down > 1 or int(attributes.get("table:number-columns-spanned", "1")) > 1:
                sheets[-1].append((row[0], row[0] + down - 1))

    def ended(name: str) -> None:
        if name == "table:table-row":
            row[0] += row[1]

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.Parse(text, True)
    return None if links else sheets


if __name__ == "__main__":
    main(sys.argv[1:])
