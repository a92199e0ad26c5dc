"""CSV as text: its encoding (UTF-8, else Windows; mixtures line by line) and its delimiter, found from the content."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable

from datalab.intake.results import Fault
from datalab.intake.sheet import Sheet

DELIMITERS = (",", ";", "\t")
SNIFFED_ROWS = 20
ZIP_MARK = b"PK\x03\x04"  # XLSX and ODS are zips
BINARY_MARKS = (ZIP_MARK, b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
# C0 controls that no text file holds; tab, line ends are text, and the rest is refused cell by cell.
BINARY_SHARE = 0.01


Score = Callable[[tuple[str, ...]], int]


def parse_delimited(content: bytes, rows: int, columns: int, score: Score) -> tuple[Sheet | None, tuple[Fault, ...]]:
    """The one sheet of a CSV file and its faults; no sheet where the content is not text or too big."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, (Fault("utf16", "file"),)
    if _is_binary(content):
        return None, (Fault("workbook_as_csv" if content.startswith(ZIP_MARK) else "not_text", "file"),)
    text, faults = decode(content)
    if text is None:
        return None, faults
    try:
        table = split_rows(text, find_delimiter(text, score), rows + 1)
    except csv.Error:
        return None, (*faults, Fault("broken_csv", "file"))
    if len(table) > rows or max(map(len, table), default=0) > columns:
        return None, (*faults, Fault("too_many_cells", "file", values={"rows": rows, "columns": columns}))
    return Sheet(number=1, rows=tuple(table), delimited=True), faults


def _is_binary(content: bytes) -> bool:
    controls = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", content))
    return b"\0" in content or content.startswith(BINARY_MARKS) or controls > BINARY_SHARE * len(content)


def decode(content: bytes) -> tuple[str | None, tuple[Fault, ...]]:
    """The text of a file: UTF-8 (with or without a mark), else Windows-1252, else line by line where the two are mixed."""
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pieces = [_decode_line(line) for line in content.removeprefix(codecs.BOM_UTF8).split(b"\n")]
    if any(text is None for text, _ in pieces):
        return None, (Fault("encoding", "file"),)
    rule = "mixed_encodings" if any(multibyte for _, multibyte in pieces) else "windows_encoding"
    return "\n".join(text or "" for text, _ in pieces), (Fault(rule, "note"),)


def _decode_line(line: bytes) -> tuple[str | None, bool]:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding), encoding == "utf-8" and not line.isascii()
        except UnicodeDecodeError:
            continue
    return None, False


def find_delimiter(text: str, score: Score) -> str:
    """The delimiter under which one of the first twenty rows scores best (most known headings); the comma on a tie.

    >>> find_delimiter("forename;surname;sex\\nA, B;C;M", len), find_delimiter("forename", len)
    (';', ',')
    """

    def best(delimiter: str) -> int:
        try:
            return max(map(score, split_rows(text, delimiter, SNIFFED_ROWS)), default=0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=best)


def split_rows(text: str, delimiter: str, most: int) -> list[tuple[str, ...]]:
    """Up to `most` rows, blank ones included, so that row numbers are those of a spreadsheet."""
    rows: list[tuple[str, ...]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False):
        rows.append(tuple(row))
        if len(rows) >= most:
            break
    return rows
