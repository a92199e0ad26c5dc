"""Which engine runs the queries: DuckDB in this process, or Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from datalab.constraints import Options, require
from datalab.engines import duckdb, spark
from datalab.engines.spark_settings import SparkSettings, read_spark_settings
from datalab.engines.sql import Connection
from datalab.errors import UsageError
from datalab.wording import say

ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class EngineChoice:
    """The engine by name, and how Spark is reached where it is Spark (None where it is not).

    >>> EngineChoice().versions
    {}
    """

    name: str = "duckdb"
    spark: SparkSettings | None = None

    @property
    def versions(self) -> dict[str, str]:
        """What the manifest records: the version of PySpark; nothing for DuckDB, which is among its packages."""
        return {} if self.spark is None else {"pyspark": metadata.version("pyspark")}

    @contextmanager
    def connect(self, memory: str = "3GB") -> Iterator[Connection]:
        """A connection, closed at the end. memory: DuckDB's limit; Spark's is in its own settings."""
        with duckdb.session(memory=memory) if self.spark is None else spark.session(self.spark) as connection:
            yield connection


def choose_engine(name: str = "duckdb", settings: Path | None = None) -> EngineChoice:
    """The engine of that name. settings: the file with Spark's settings; None is this machine with all its cores.

    Raises UsageError for another name, a faulty file, settings for DuckDB, or where PySpark or Java is missing.

    >>> choose_engine("duckdb").name
    'duckdb'
    """
    require({"engine": Options(ENGINES)}, {"engine": name})
    if name == "duckdb":
        if settings is not None:
            raise UsageError(say("engines.spark.settings_unused"))
        return EngineChoice()
    found = read_spark_settings(settings) if settings is not None else SparkSettings()
    spark.require_spark()
    return EngineChoice(name, found)
