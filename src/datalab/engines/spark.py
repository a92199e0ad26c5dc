"""Spark sessions with the face of a DuckDB connection: statements come in DuckDB's dialect and run on Apache Spark.

Only what is fetched comes to this process. What a stage keeps is written to the scratch folder, from where Spark reads it
again, until the stage drops it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa

from datalab.engines.spark_settings import SparkSettings
from datalab.errors import InternalError, UsageError
from datalab.wording import say

if TYPE_CHECKING:
    from datalab.engines.dialect import Macro, Statement

# Spark's types as DuckDB names them, for what is asked of a table's columns.
_TYPES = {
    "string": "VARCHAR",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "float": "FLOAT",
    "date": "DATE",
    "boolean": "BOOLEAN",
}
# Shuffles of what is small need few parts; adaptive execution joins those that turn out small, and never makes more.
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number out of range or a text that is no date raises, as in DuckDB
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.hadoop.fs.permissions.umask-mode": "077",  # what is written holds personal data
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_QUIET = "rootLogger.level = error\nrootLogger.appenderRef.out.ref = out\nappender.out.type = Console\nappender.out.name = out\n"


@dataclass(frozen=True)
class Answer:
    """What a statement gave: rows that are still in Spark, or none. The faces of a DuckDB result that the stages use."""

    frame: Any = None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row as a tuple."""
        return [] if self.frame is None else [tuple(row) for row in self.frame.collect()]

    def to_arrow_table(self) -> pa.Table:
        """Every row, in the query's order; as in DuckDB no column says that it is never null."""
        rows: pa.Table = self.frame.toArrow()
        return rows.cast(pa.schema([column.with_nullable(True) for column in rows.schema]))


@dataclass(frozen=True)
class Described:
    """The columns of a table, each with the type as DuckDB names it."""

    columns: tuple[tuple[str, str], ...]

    def fetchall(self) -> list[tuple[str, str]]:
        """Every column: name and type."""
        return list(self.columns)


class SparkConnection:
    """`execute`, `sql`, `register` and `unregister` as a DuckDB connection has them, on a Spark session.

    spark: the session. catalogue: where the central tables are ("catalogue.schema"), "" where they are Parquet files.
    """

    def __init__(self, spark: Any, scratch: str, catalogue: str = "") -> None:
        # sqlglot takes a while to import, and DuckDB has no use for it.
        from datalab.engines import dialect  # noqa: PLC0415

        self.spark = spark
        self._dialect = dialect
        self.catalogue = catalogue
        self._scratch = scratch
        self._macros: dict[str, Macro] = {}
        self._kept: dict[str, str] = {}
        self._made = 0

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        """Runs one statement in DuckDB's dialect. values: its named parameters. Raises InternalError for a kind unknown."""
        asked = self._dialect.translate(statement, self._macros)
        if asked.kind == "select":
            return Answer(self._frame(asked.query, values))
        if asked.kind == "describe":
            return self._describe(asked.name)
        self._change(asked, values)
        return Answer()

    def sql(self, query: str, *, params: Mapping[str, Any] | None = None) -> Answer:
        """The answer of a query in DuckDB's dialect; nothing runs before it is fetched."""
        return Answer(self._frame(self._dialect.translate(query, self._macros).query, params))

    def register(self, name: str, rows: pa.Table) -> None:
        """Makes an Arrow table a view."""
        self.spark.createDataFrame(rows).createOrReplaceTempView(name)

    def unregister(self, name: str) -> None:
        """Forgets a view that `register` made."""
        self.spark.catalog.dropTempView(name)

    def attach(self, name: str, path: Path) -> None:
        """Makes a central table a view: from the catalogue where there is one, else from its Parquet file or folder."""
        if self.catalogue:
            frame = self.spark.table(f"{self.catalogue}.{name}")
        else:
            frame = self.spark.read.parquet(path.resolve().as_uri())
        frame.createOrReplaceTempView(name)

    def has(self, name: str) -> bool:
        """Whether the catalogue has the central table."""
        return bool(self.spark.catalog.tableExists(f"{self.catalogue}.{name}"))

    def fingerprint(self, name: str) -> str:
        """SHA-256 of what a table holds, whatever the order of its rows: columns, number of rows, sum of the rows' hashes."""
        frame = self.spark.table(name)
        counted = self.spark.sql(f"SELECT COUNT(*), SUM(CAST(XXHASH64(*) AS DECIMAL(38, 0))) FROM {name}").collect()[0]
        return hashlib.sha256(repr((frame.dtypes, *map(str, counted))).encode()).hexdigest()

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of what `execute` made and has not dropped."""
        return tuple(self._kept)

    def drop_cached(self, pattern: str) -> None:
        """Forgets every cached view whose name is like the pattern (`*` is any text); made by a library, not by `execute`."""
        for row in self.spark.sql(f"SHOW VIEWS LIKE '{pattern}'").collect():
            self.spark.table(row["viewName"]).unpersist()
            self.spark.catalog.dropTempView(row["viewName"])

    def _frame(self, query: str, values: Mapping[str, Any] | None) -> Any:
        return self.spark.sql(query, args=self._dialect.parameters(query, values or {}))

    def _describe(self, name: str) -> Described:
        return Described(tuple((column, _TYPES.get(kind, kind.upper())) for column, kind in self.spark.table(name).dtypes))

    def _change(self, asked: Statement, values: Mapping[str, Any] | None) -> None:
        if asked.kind == "macro" and asked.macro is not None:
            self._macros[asked.name] = asked.macro
        elif asked.kind == "create":
            self._keep(asked.name, self._frame(asked.query, values))
        elif asked.kind == "drop":
            self._forget(asked.name)
        else:
            raise InternalError("a statement of a kind that Spark is never asked for")

    def _keep(self, name: str, frame: Any) -> None:
        """Written to the scratch folder and read back: a later query plans from there, and a lost worker costs nothing."""
        self._made += 1
        place = f"{self._scratch}/{name}-{self._made}"
        frame.write.parquet(place)
        self._forget(name)
        self.spark.read.schema(frame.schema).parquet(place).createOrReplaceTempView(name)
        self._kept[name] = place

    def _forget(self, name: str) -> None:
        self.spark.catalog.dropTempView(name)
        if (place := self._kept.pop(name, None)) is not None:
            remove_folder(self.spark, place)


def remove_folder(spark: Any, place: str) -> None:
    """Deletes a folder wherever Spark can write one."""
    path = spark.sparkContext._jvm.org.apache.hadoop.fs.Path(place)
    path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).delete(path, True)


@contextmanager
def session(settings: SparkSettings) -> Iterator[SparkConnection]:
    """A Spark session as a connection, ended at the end with everything it kept. One at a time in a process.

    On one machine ("local[...]") it opens ports on the loopback address alone. What Spark itself says goes to a file in the
    temporary folder. Raises UsageError where PySpark or Java is missing, or the master does not answer.
    """
    require_spark()
    work = Path(tempfile.mkdtemp(prefix="datalab-spark-"))
    spark = None
    try:
        spark = _start(settings, work)
        scratch = f"{settings.scratch or work.as_uri()}/datalab-{uuid4().hex}"
        try:
            yield SparkConnection(spark, scratch, settings.tables)
        finally:
            remove_folder(spark, scratch)
    finally:
        if spark is not None:
            spark.stop()
        shutil.rmtree(work, ignore_errors=True)


def missing_parts() -> tuple[str, ...]:
    """What Spark needs and this machine lacks: "pyspark", "java".

    >>> set(missing_parts()) <= {"pyspark", "java"}
    True
    """
    from importlib.util import find_spec  # noqa: PLC0415 (nobody else asks)

    home = os.environ.get("JAVA_HOME")
    has_java = shutil.which("java") is not None or (home is not None and (Path(home) / "bin" / "java").exists())
    return tuple(name for name, there in (("pyspark", find_spec("pyspark") is not None), ("java", has_java)) if not there)


def require_spark() -> None:
    """Refuses to go on where PySpark or Java is missing (UsageError that says what to install)."""
    if missing := missing_parts():
        faults = [say(f"engines.missing.{name}") for name in missing]
        raise UsageError(say("engines.spark.not_installed", count=len(faults)), faults)


def _start(settings: SparkSettings, work: Path) -> Any:
    from pyspark.sql import SparkSession  # noqa: PLC0415 (an extra)

    if SparkSession.getActiveSession() is not None:  # it would be taken over, and stopped at the end
        raise UsageError(say("engines.spark.busy"))
    builder = SparkSession.builder.appName("datalab").master(settings.master)
    for key, value in _configuration(settings, work).items():
        builder = builder.config(key, value)
    try:
        with _aside(work / "spark.log"):
            spark = builder.getOrCreate()
    except Exception as error:
        fault = say("engines.spark.no_session", master=settings.master, problem=type(error).__name__)
        raise UsageError(fault) from error
    spark.sparkContext.setLogLevel("OFF")
    _silence()
    return spark


def _silence() -> None:
    """PySpark writes a failed query's text to standard error by loggers of its own, beside raising the error."""
    from pyspark.logger import PySparkLogger  # noqa: PLC0415 (an extra)

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).disabled = True


def _configuration(settings: SparkSettings, work: Path) -> dict[str, str]:
    """Every setting of the session; those of the settings file come last."""
    from splink.internals.spark.jar_location import similarity_jar_location  # noqa: PLC0415 (heavy)

    logging = work / "log4j2.properties"
    logging.write_text(_QUIET, encoding="ascii")
    java = f"-Dlog4j2.configurationFile={logging.as_uri()} -Djava.io.tmpdir={work} -Duser.timezone=UTC"
    places = {
        "spark.local.dir": str(work),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.driver.extraJavaOptions": java,
        "spark.driver.memory": "3g",
        "spark.jars": similarity_jar_location(),
        "spark.sql.shuffle.partitions": str(settings.partitions),
        "spark.default.parallelism": str(settings.partitions),
    }
    return {**_ALWAYS, **(_LOOPBACK if settings.is_local else {}), **places, **settings.conf}


@contextmanager
def _aside(path: Path) -> Iterator[None]:
    """What Java writes goes to a file: it takes over the streams that are open when it starts."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as target:
        try:
            os.dup2(target.fileno(), 1)
            os.dup2(target.fileno(), 2)
            yield
        finally:
            for old, stream in zip(kept, (1, 2), strict=True):
                os.dup2(old, stream)
                os.close(old)
