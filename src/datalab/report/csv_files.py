"""CSV of a table: UTF-8, comma, CRLF (RFC 4180), the same figures as on the page; no formula can start a cell."""

from __future__ import annotations

import csv
import io

from datalab.report.tables import Table, Value, plain_headings, plain_rows

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(table: Table) -> bytes:
    """The table as CSV: one line of headings, then its rows. Texts that a spreadsheet would run as a formula are quoted
    with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(plain_headings(table))
    writer.writerows([_safe(value) for value in row] for row in plain_rows(table))
    return text.getvalue().encode()


def _safe(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
