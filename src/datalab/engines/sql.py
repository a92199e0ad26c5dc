"""Small named queries put together: the common table expressions of one statement, and how its rows come to Python.

Queries are written in DuckDB's dialect, which sqlglot carries to others. Values are parameters ($name) or numbers that our
own code made; no text from an upload, a plan or a record ever becomes part of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa


class Result(Protocol):
    """Rows that a connection found."""

    def fetchall(self) -> list[tuple[Any, ...]]: ...

    def to_arrow_table(self) -> pa.Table: ...


class Connection(Protocol):
    """What the stages ask of an engine, in DuckDB's dialect: a DuckDB connection has it, and so has `SparkConnection`.

    Always drain a result (`fetchall`, `to_arrow_table`).
    """

    def execute(self, query: str, parameters: Any = ..., /) -> Any: ...

    def sql(self, query: str, /, *, params: Any = ...) -> Any: ...

    def register(self, name: str, rows: pa.Table, /) -> Any: ...

    def unregister(self, name: str, /) -> Any: ...


def compose(parts: Mapping[str, str], final: str) -> str:
    """One statement from named parts, each a select that may use those before it.

    >>> compose({"a": "select 1 as x"}, "select x from a")
    'with a as (\\nselect 1 as x\\n)\\nselect x from a'
    """
    if not parts:
        return final
    blocks = ",\n".join(f"{name} as (\n{text.strip()}\n)" for name, text in parts.items())
    return f"with {blocks}\n{final.strip()}"


def fetch(connection: Connection, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """The rows of a query as an Arrow table, drained. Order is the query's own: end it with a unique `order by`."""
    result: Result = connection.sql(query, params=dict(values or {})) if values else connection.sql(query)
    return result.to_arrow_table()


def keep(connection: Connection, name: str, query: str, values: Mapping[str, Any] | None = None) -> None:
    """Makes (or replaces) the temporary table `name` from a query, in the engine: no row comes to Python."""
    statement = f"create or replace temporary table {name} as {query}"
    connection.execute(statement, dict(values or {})).fetchall()


def hand_over(connection: Connection, name: str, rows: pa.Table) -> None:
    """Copies an Arrow table into the temporary table `name`."""
    connection.register(f"{name}_rows", rows)
    try:
        keep(connection, name, f"select * from {name}_rows")
    finally:
        connection.unregister(f"{name}_rows")


def forget(connection: Connection, names: tuple[str, ...]) -> None:
    """Drops temporary tables, those that exist."""
    for name in names:
        connection.execute(f"drop table if exists temp.{name}").fetchall()
