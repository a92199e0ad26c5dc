"""DuckDB sessions: one in-memory connection with the limits a shared machine needs. Central data is read in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from datalab.errors import UsageError
from datalab.wording import say

MEMORY = "3GB"


@contextmanager
def session(memory: str = MEMORY, threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection that spills to a temporary folder of its own, removed at the end.

    memory: DuckDB size text. threads: at least 1. Always drain a result (`fetchall`, `to_arrow_table`): in DuckDB 2 an
    unread one blocks the connection. Raises UsageError where what is done with it needs more memory.
    """
    spill = Path(tempfile.mkdtemp(prefix="datalab-"))
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = ?", [memory])
        connection.execute("set threads = ?", [threads])
        connection.execute("set temp_directory = ?", [str(spill)])
        connection.execute("set max_temp_directory_size = '20GB'")
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise UsageError(say("engines.duckdb.memory", memory=memory)) from error
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def attach_central(connection: duckdb.DuckDBPyConnection, folder: Path, tables: tuple[str, ...]) -> None:
    """Makes a view of each Parquet file of a central folder, named as the table. No row is read yet."""
    for name in tables:
        path = str(folder / f"{name}.parquet").replace("'", "''")
        connection.execute(f"create or replace view {name} as select * from read_parquet('{path}')")
