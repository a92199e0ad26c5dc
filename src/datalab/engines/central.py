"""Where the central tables come from: a folder of Parquet files, or the tables of a catalogue that a Spark session knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from datalab.engines.duckdb import attach_central
from datalab.engines.spark import SparkConnection
from datalab.store import sha256_file


class UnreadableTableError(Exception):
    """What lies there is no table that this engine can read."""


def has_table(connection: Any, folder: Path, name: str) -> bool:
    """Whether there is something to read under the table's name."""
    if isinstance(connection, SparkConnection) and connection.catalogue:
        return connection.has(name)
    return (folder / f"{name}.parquet").is_file()


def attach_table(connection: Any, folder: Path, name: str) -> None:
    """Makes a central table a view of the connection. Raises UnreadableTableError where it is no table."""
    if isinstance(connection, SparkConnection):
        try:
            connection.attach(name, folder / f"{name}.parquet")
        except Exception as error:
            raise UnreadableTableError(name) from error
        return
    try:
        attach_central(connection, folder, (name,))
    except duckdb.Error as error:
        raise UnreadableTableError(name) from error


def is_readable(connection: Any, name: str) -> bool:
    """Whether every cell of an attached file can be read: one damaged before its end shows columns and types all the same.

    Spark is not asked, and its tables are taken to be readable.
    """
    if isinstance(connection, SparkConnection):
        return True
    try:
        connection.execute(f'select bit_xor(hash("{name}")) from "{name}"').fetchall()
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error:
        return False
    return True


def hash_table(connection: Any, folder: Path, name: str) -> str:
    """SHA-256 of the table's file; of a catalogue's table, of its columns, its number of rows and the sum of their hashes."""
    if isinstance(connection, SparkConnection) and connection.catalogue:
        return connection.fingerprint(name)
    return sha256_file(folder / f"{name}.parquet")
