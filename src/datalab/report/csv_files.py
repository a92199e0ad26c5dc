"""CSV of a table: UTF-8, comma, CRLF (RFC 4180), the same figures as on the page; no formula can start a cell.

Beside the files stands `csv-metadata.json`, in the vocabulary "CSV on the Web" (W3C, 2015): what every file and column is,
which columns are numbers, which symbols stand for a number that is not shown, and the notes that belong to a table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from datalab.report.results import plain_document, symbols_used
from datalab.report.tables import Column, Table, Value, plain_headings, plain_rows
from datalab.wording import spoken

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
METADATA = "csv-metadata.json"
VOCABULARY = "http://www.w3.org/ns/csvw"
NULLS = ["[c]", "[x]", "[z]", "[low]"]


def csv_files(tables: Mapping[str, Table], title: str, about: tuple[str, ...]) -> dict[str, bytes]:
    """The tables as CSV by their file's name, with the metadata of them all. title, about: of the whole set."""
    files = {name: csv_bytes(table) for name, table in tables.items()}
    return {**files, METADATA: plain_document(csv_metadata(tables, title, about))}


def csv_bytes(table: Table) -> bytes:
    """The table as CSV: one line of headings, then its rows. Texts that a spreadsheet would run as a formula are quoted
    with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(plain_headings(table))
    writer.writerows([_safe(value) for value in row] for row in plain_rows(table))
    return text.getvalue().encode()


def csv_metadata(tables: Mapping[str, Table], title: str, about: tuple[str, ...]) -> dict[str, Any]:
    """The metadata document of the tables (a table group), as JSON's own types."""
    symbols = symbols_used(tuple(tables.values())).values()
    return {
        "@context": [VOCABULARY, {"@language": spoken().tag}],
        "dc:title": title,
        "notes": [*about, *symbols],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "lineTerminators": ["\r\n"], "header": True},
        "null": NULLS,
        "tables": [_described(name, table) for name, table in tables.items()],
    }


def _described(name: str, table: Table) -> dict[str, Any]:
    rows, headings = plain_rows(table), plain_headings(table)
    columns = [
        {"name": column, "titles": heading, "datatype": "number" if is_number else "string"}
        for column, heading, is_number in zip(_names(table), headings, _are_numbers(table, rows), strict=True)
    ]
    notes = {"notes": list(table.notes)} if table.notes else {}
    return {"url": name, "dc:title": table.title, **notes, "tableSchema": {"columns": columns}}


def _names(table: Table) -> list[str]:
    """The name of every column of the file: an interval has two."""
    return [name for column in table.columns for name in _names_of(column)]


def _names_of(column: Column) -> tuple[str, ...]:
    return (column.name,) if column.kind != "interval" else (f"{column.name}_lower", f"{column.name}_upper")


def _are_numbers(table: Table, rows: tuple[tuple[Value, ...], ...]) -> list[bool]:
    """Whether each column of the file holds numbers and symbols only; a text such as "<0.01" makes it one of texts."""
    kinds = [column.kind != "text" for column in table.columns for _ in _names_of(column)]
    only = [all(not isinstance(row[place], str) or row[place] in NULLS for row in rows) for place in range(len(kinds))]
    return [kind and numbers for kind, numbers in zip(kinds, only, strict=True)]


def _safe(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
