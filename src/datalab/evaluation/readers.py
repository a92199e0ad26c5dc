"""Reads a table to evaluate: a CSV or Parquet file, or a frame (pandas, Polars, PyArrow) already in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from datalab.errors import InputError
from datalab.wording import say

EXTENSIONS = (".csv", ".parquet")
DELIMITERS = (",", ";", "\t")


def read_table(path: Path) -> pa.Table:
    """The table in a CSV (comma, semicolon or tab; UTF-8; a header) or Parquet file. Raises InputError where it is neither."""
    if path.is_dir():
        raise InputError(say("evaluate.evaluate.folder", path=path))
    if not path.is_file():
        raise InputError(say("evaluate.evaluate.no_file", path=path))
    if path.suffix.lower() not in EXTENSIONS:
        raise InputError(say("evaluate.evaluate.extension", path=path, allowed=" or ".join(EXTENSIONS)))
    if path.stat().st_size == 0:
        raise InputError(say("evaluate.evaluate.empty_file", path=path))
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeDecodeError) as error:
        raise InputError(say("evaluate.evaluate.unreadable", path=path)) from error
    return _distinct(table)


def _read_csv(path: Path) -> pa.Table:
    """A CSV whose delimiter is the one that parts its header most often: comma, semicolon or tab."""
    with path.open("rb") as handle:
        header = handle.readline().decode("utf-8-sig", errors="replace")
    delimiter = max(DELIMITERS, key=header.count)
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(delimiter=delimiter))


def arrow_table(frame: Any) -> pa.Table:
    """A PyArrow table from any frame that narwhals knows, without copying where it can. Raises InputError for others."""
    if isinstance(frame, pa.Table):
        return _distinct(frame)
    import narwhals.stable.v2 as nw  # noqa: PLC0415 (slow to load, and files need it not)

    if nw.dependencies.is_pandas_dataframe(frame):
        # An index is a label, not a column: as a column it would be taken for a covariate.
        return _distinct(pa.Table.from_pandas(frame, preserve_index=False))
    try:
        native = nw.from_native(frame)
    except TypeError as error:
        raise InputError(say("evaluate.evaluate.frame", given=type(frame).__name__)) from error
    eager = native.collect("pyarrow") if isinstance(native, nw.LazyFrame) else native
    return _distinct(eager.to_arrow())


def _distinct(table: pa.Table) -> pa.Table:
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        raise InputError(say("evaluate.evaluate.twice", names=", ".join(twice)))
    return table
