"""Reads a table to evaluate: a CSV or Parquet file, or a frame (pandas, Polars, PyArrow, DuckDB) already in memory."""

from __future__ import annotations

import mmap
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from datalab.errors import InputError
from datalab.numerics.blocks import each
from datalab.wording import say

EXTENSIONS = (".csv", ".parquet")
DELIMITERS = (",", ";", "\t")
# What pandas writes beside the columns of a frame: a label of rows, not a column to match on.
INDEX = re.compile(r"__index_level_\d+__")
# A table larger than this share of the machine's memory lies on disk: what is computed from it needs about as much again.
MEMORY_SHARE = 0.25
CELL_BYTES = 8


def read_table(path: Path, memory: int | None = None) -> pa.Table:
    """The table in a CSV (comma, semicolon or tab; UTF-8; a header) or Parquet file. Raises InputError where it is neither.

    memory: bytes that the columns of a Parquet file may take; beyond, they lie in unnamed files on disk (see `outgrows`).
    """
    if path.is_dir():
        raise InputError(say("evaluate.evaluate.folder", path=path))
    if not path.is_file():
        raise InputError(say("evaluate.evaluate.no_file", path=path))
    if path.suffix.lower() not in EXTENSIONS:
        raise InputError(say("evaluate.evaluate.extension", path=path, allowed=" or ".join(EXTENSIONS)))
    if path.stat().st_size == 0:
        raise InputError(say("evaluate.evaluate.empty_file", path=path))
    try:
        table = _read_parquet(path, memory) if path.suffix.lower() == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        key = "cut" if path.suffix.lower() == ".parquet" else "unreadable"
        raise InputError(say(f"evaluate.evaluate.{key}", path=path)) from error
    return _distinct(table)


def outgrows(rows: int, columns: int, memory: int | None = None) -> bool:
    """Whether a table's numbers (8 bytes a cell) would take more than `memory` bytes, a quarter of the machine's where None.

    >>> outgrows(1_000, 10, memory=10_000)
    True
    """
    if memory is None:
        memory = int(MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return rows * columns * CELL_BYTES > memory


def array_on_disk(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same values, read-only, in an unnamed file that the system reads page by page and drops again at will.

    The file has no name from its first byte on, so that nothing is left of it however the process ends.

    >>> array_on_disk(np.array([1.5, 2.5])).tolist()
    [1.5, 2.5]
    """
    if not values.size:
        return values
    with _unnamed_file() as file:
        values.tofile(file)
        return np.frombuffer(_mapped(file), values.dtype)


def column_on_disk(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As `array_on_disk`, for a column of any type in one piece.

    >>> column_on_disk(pa.chunked_array([["a", None]])).to_pylist()
    ['a', None]
    """
    table = pa.table([column], names=["column"])
    with _unnamed_file() as file:
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        mapped = pa.py_buffer(_mapped(file))
    return pa.ipc.open_file(pa.BufferReader(mapped)).read_all().column(0)


@contextmanager
def _unnamed_file() -> Iterator[BinaryIO]:
    try:
        with tempfile.TemporaryFile() as file:
            yield file
    except OSError as error:
        raise InputError(say("evaluate.evaluate.no_scratch", folder=tempfile.gettempdir(), why=error.strerror)) from error


def _mapped(file: BinaryIO) -> mmap.mmap:
    file.flush()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _read_parquet(path: Path, memory: int | None) -> pa.Table:
    """A Parquet file, column by column: texts as codes, each column in one piece, no more than one held twice."""
    schema = pq.read_schema(path)
    _refuse_twice(schema.names)
    settle = column_on_disk if outgrows(pq.read_metadata(path).num_rows, len(schema.names), memory) else _as_it_is
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]

    def read(name: str) -> pa.ChunkedArray:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            column = file.read([name], use_threads=False).column(name)
        return settle(column if column.num_chunks == 1 else pa.chunked_array([column.unify_dictionaries().combine_chunks()]))

    names = [name for name in schema.names if not INDEX.fullmatch(name)]
    return pa.table(each(read, names), names=names)


def _as_it_is(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column


def _read_csv(path: Path) -> pa.Table:
    """A CSV whose delimiter is the one that parts its header most often: comma, semicolon or tab."""
    with path.open("rb") as handle:
        header = handle.readline().decode("utf-8-sig", errors="replace")
    delimiter = max(DELIMITERS, key=header.count)
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(delimiter=delimiter))


def arrow_table(frame: Any) -> pa.Table:
    """A PyArrow table from any frame, without copying where it can.

    pandas, Polars (eager or lazy), PyArrow (table, batch or reader), DuckDB relations, every other frame that narwhals
    knows, and every object that hands out an Arrow stream. A lazy frame is run once. Raises InputError for others.

    >>> arrow_table(pa.record_batch({"x": [1, 2]})).num_rows
    2
    """
    if isinstance(frame, pa.Table):
        return _distinct(frame)
    if isinstance(frame, pa.RecordBatch):
        return _distinct(pa.Table.from_batches([frame]))
    import narwhals.stable.v2 as nw  # noqa: PLC0415 (slow to load, and files need it not)

    if nw.dependencies.is_pandas_dataframe(frame):
        # An index is a label, not a column: as a column it would be taken for a covariate.
        return _distinct(_from_pandas(frame))
    try:
        native = nw.from_native(frame)
    except TypeError as error:
        if hasattr(frame, "__arrow_c_stream__"):
            return _distinct(pa.table(frame))
        raise InputError(say("evaluate.evaluate.frame", given=type(frame).__name__)) from error
    eager = native.collect("pyarrow") if isinstance(native, nw.LazyFrame) else native
    return _distinct(eager.to_arrow())


def _from_pandas(frame: Any) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowException:
        # Its message would show a value of the table.
        mixed = [str(name) for place, name in enumerate(frame.columns) if not _is_of_one_type(frame.iloc[:, place])]
        raise InputError(say("evaluate.evaluate.mixed", names=", ".join(mixed), count=len(mixed))) from None


def _is_of_one_type(column: Any) -> bool:
    try:
        pa.Array.from_pandas(column)
    except pa.ArrowException:
        return False
    return True


def _distinct(table: pa.Table) -> pa.Table:
    _refuse_twice(table.column_names)
    return table


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(say("evaluate.evaluate.twice", names=", ".join(twice)))
