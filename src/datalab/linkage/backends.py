"""What linkage asks of the engine beyond its SQL: Splink's face to it, how much is laid out at a time, what stands in it."""

from __future__ import annotations

from typing import Any

from datalab.engines.spark import SparkConnection

TEMPORARY_OBJECTS = """
    select table_name, 'table' from duckdb_tables() where temporary
    union all select view_name, 'view' from duckdb_views() where temporary"""


def splink_api(connection: Any) -> Any:
    """Splink's own face to the engine."""
    if isinstance(connection, SparkConnection):
        from splink.backends import spark  # noqa: PLC0415 (an extra)

        made: Any = spark.SparkAPI
        return made(spark_session=connection.spark, break_lineage_method="persist")
    from splink import DuckDBAPI  # noqa: PLC0415 (heavy)

    return DuckDBAPI(connection=connection)


def splink_table(connection: Any, api: Any, name: str) -> Any:
    """A table of the connection as Splink takes it; its name to Splink has `_in` after it."""
    table = connection.spark.table(name) if isinstance(connection, SparkConnection) else name
    return api.register(table, dataset_display_name=f"{name}_in")


def drop_splink_tables(connection: Any, api: Any) -> None:
    """Removes what Splink made."""
    if isinstance(connection, SparkConnection):
        connection.drop_cached("__splink__*|linkage_*_in")
    else:
        api.delete_tables_created_by_splink_from_db()


def starts_of_parts(connection: Any, query: str, part: int) -> list[str]:
    """The first person of each part that is laid out at a time; Spark splits its work itself, so there it is one part."""
    if isinstance(connection, SparkConnection):
        return [""]
    return [str(start) for (start,) in connection.execute(query, {"part": part}).fetchall()]


def temporary_objects(connection: Any) -> dict[str, str]:
    """Temporary tables and views by name: `table` or `view`."""
    if isinstance(connection, SparkConnection):
        return dict.fromkeys(connection.kept, "table")
    return dict(connection.execute(TEMPORARY_OBJECTS).fetchall())
