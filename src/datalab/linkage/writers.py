"""Writes the links and the doubtful pairs where only their owner may read them. Both name people: they never leave the lab."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from datalab.linkage.decisions import Decision
from datalab.linkage.results import Links

FOLDER_MODE, FILE_MODE = 0o700, 0o600
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_private(links: Links, folder: Path, page: str | None = None) -> tuple[Path, Path]:
    """Writes `links.csv` and `doubtful.csv` (mode 0600) into `folder` (made, mode 0700) and returns their paths.

    Both are CSV in UTF-8, one line a submitted row and one line a doubtful pair, in row order. page: what `linkage.html`
    holds, where there is one. Existing files of these names are replaced.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    if page is not None:
        with _open_private(folder / "linkage.html") as stream:
            stream.write(page)
    return _write(links.links, folder / "links.csv"), _write(links.doubtful, folder / "doubtful.csv")


def write_sheet(rows: Sequence[Mapping[str, object]], path: Path) -> Path:
    """Writes rows that name people as CSV for a spreadsheet (mode 0600; the folder is made). An existing file is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _write_rows(tuple(rows[0]) if rows else (), rows, path)


def write_decisions(decisions: Sequence[Decision], path: Path) -> Path:
    """Writes the decisions file that a run takes (mode 0600). An existing file is replaced."""
    columns = ("row", "person_id", "decision", "by", "when")
    rows = [dict(zip(columns, (d.row, d.person_id, d.decision, d.by, d.when.isoformat()), strict=True)) for d in decisions]
    path.parent.mkdir(parents=True, exist_ok=True)
    return _write_rows(columns, rows, path)


def _write(table: pa.Table, path: Path) -> Path:
    return _write_rows(table.column_names, table.to_pylist(), path)


def _write_rows(columns: Sequence[str], rows: Sequence[Mapping[str, object]], path: Path) -> Path:
    with _open_private(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in record.values()] for record in rows)
    return path


def _open_private(path: Path) -> TextIO:
    """A new file for text; its mode is set before the first byte is written."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def _cell(value: object) -> str:
    """Numbers at ten significant digits; a text that a spreadsheet might run as a formula gets a quotation mark before it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
