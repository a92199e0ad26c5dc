"""Spark's settings and dialect, and what is said where it cannot run; none of this starts Spark."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tests.command_line import call

from datalab import rerunning
from datalab.engines.central import has_table, hash_table
from datalab.engines.choice import EngineChoice, choose_engine
from datalab.engines.dialect import parameters, translate
from datalab.engines.spark import SparkConnection, missing_parts
from datalab.engines.spark_settings import SparkSettings, read_spark_settings
from datalab.errors import InternalError, UsageError
from datalab.links import make_links

WHOLE = """
format = 1
master = "spark://head:7077"
partitions = 40
tables = "justice.central"
scratch = "hdfs:///scratch"
[conf]
"spark.executor.memory" = "4g"
"spark.speculation" = true
"""


def settings(tmp_path: Path, text: str) -> SparkSettings:
    path = tmp_path / "spark.toml"
    path.write_text(text, encoding="utf-8")
    return read_spark_settings(path)


def test_a_whole_file_of_settings_is_read(tmp_path: Path) -> None:
    conf = {"spark.executor.memory": "4g", "spark.speculation": "true"}
    expected = SparkSettings("spark://head:7077", 40, "justice.central", "hdfs:///scratch", conf)
    assert settings(tmp_path, WHOLE) == expected
    assert settings(tmp_path, "format = 1") == SparkSettings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 2", "format must be 1"),
        ("master = 'local'", "format must be 1"),
        ("format = 1\nmastre = 'local'", "Did you mean master?"),
        ("format = 1\nmaster = 3", "master must be a text"),
        ("format = 1\npartitions = 0", "partitions must be a whole number at least 1"),
        ("format = 1\ntables = 'a; drop table b'", "tables must be one to three names"),
        ("format = 1\nmaster = 'yarn'", "a cluster needs one"),
        ("format = 1\n[conf]\nx = []", "conf must be a table"),
        ("format = ", "must be a readable TOML file"),
    ],
)
def test_faults_of_the_settings_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        settings(tmp_path, text)


@pytest.mark.parametrize(
    ("duck", "spark"),
    [
        ("select 1.0 / n as x from t", "SELECT CAST(1.0 AS DOUBLE) / n AS x FROM t"),
        ("select row_number() over (order by a desc, b) from t", "BIGINT"),
        ("select * exclude (a) from t", "SELECT * EXCEPT (a) FROM t"),
        ("select cast(d + interval 6 month as date) from t", "CAST(d + INTERVAL '6' MONTH AS DATE)"),
        ("select regexp_full_match(a, '[0-9]{4}') from t", "RLIKE '\\\\A(?:[0-9]{4})\\\\z'"),
        (
            "select list_sort(list(distinct a) filter (a > 1)) from t",
            "NULLIF(COLLECT_LIST(DISTINCT a) FILTER(WHERE a > 1), ARRAY())",
        ),
        ("select list_concat(a, b) from t", "CONCAT(COALESCE(a, ARRAY()), COALESCE(b, ARRAY()))"),
        ("select string_agg(distinct a, ', ' order by a) from t", "ARRAY_JOIN(SORT_ARRAY(COLLECT_SET(a)), ', ')"),
        (r"select regexp_replace(a, '(b) JR$', '\1') from t", "REGEXP_REPLACE(a, '(b) JR$', '$1')"),
        ("select hash('x', a) from t", "XXHASH64('x', a)"),
        ('select "end" from t where a = $a', "SELECT `end` FROM t WHERE a = :a"),
    ],
)
def test_what_differs_between_the_dialects(duck: str, spark: str) -> None:
    assert spark in translate(duck, {}).query


def test_macros_are_written_out_within_each_other() -> None:
    macros: dict[str, Any] = {}
    for text in ("create temp macro code(x) as upper(x)", "create temp macro short(x) as left(code(x), 2)"):
        made = translate(text, macros)
        macros[made.name] = made.macro
    assert translate("select short(name) as y from t", macros).query == "SELECT (LEFT((UPPER(((name)))), 2)) AS y FROM t"


def test_statements_that_make_and_drop_are_told_apart() -> None:
    made = translate("create or replace temporary table a as select 1 as x", {})
    assert (made.kind, made.name, made.query) == ("create", "a", "SELECT 1 AS x")
    assert [translate(text, {}).name for text in ("drop table if exists temp.b", 'describe "c"')] == ["b", "c"]
    assert parameters("select :first", {"first": date(2012, 1, 1), "last": None}) == {"first": date(2012, 1, 1)}
    with pytest.raises(InternalError, match="replaced once"):
        translate("select regexp_replace(a, 'b', 'c') from t", {})
    with pytest.raises(InternalError):
        translate("insert into a select 1", {})


def test_where_spark_cannot_run_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert missing_parts() == ("pyspark", "java")
    with pytest.raises(UsageError, match="Spark needs 2 things") as refused:
        choose_engine("spark")
    assert "requirements-spark.lock" in refused.value.faults[0]
    assert "openjdk-17" in refused.value.faults[1]


def test_an_engine_is_chosen_by_name(tmp_path: Path) -> None:
    assert choose_engine("duckdb") == EngineChoice()
    with pytest.raises(UsageError, match="engine must be one of duckdb, spark"):
        choose_engine("flink")
    with pytest.raises(UsageError, match="but the engine is duckdb"):
        choose_engine("duckdb", tmp_path / "spark.toml")
    assert "spark" in call("run", "--help").out


class FakeCatalogue:
    """As much of a session as finding a table needs."""

    def __init__(self) -> None:
        self.catalog = SimpleNamespace(tableExists=lambda name: name == "justice.central.person")


def test_tables_of_a_catalogue_are_found_without_their_files(tmp_path: Path) -> None:
    connection = SparkConnection(FakeCatalogue(), "file:///scratch", "justice.central")
    assert has_table(connection, tmp_path, "person")
    assert not has_table(connection, tmp_path, "offence")
    (tmp_path / "person.parquet").write_bytes(b"x")
    assert hash_table(SparkConnection(FakeCatalogue(), "file:///scratch"), tmp_path, "person").startswith("2d711642b726b044")


def test_an_index_file_is_refused_on_spark_and_not_passed_over() -> None:
    study = SimpleNamespace(inputs=SimpleNamespace(linkage_model=None, linkage_index=Path("index.duckdb")))
    connection, anything = SparkConnection(FakeCatalogue(), "file:///scratch"), pa.table({})
    with pytest.raises(UsageError, match="file of DuckDB"):
        make_links(connection, anything, anything, study, None, anything)


def test_a_run_on_spark_is_done_again_on_spark_with_its_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setitem(rerunning.STUDIES, "run", lambda study, out, **more: asked.append(more))
    places = {"study": tmp_path / "study.toml", "spark-settings": tmp_path / "spark.toml"}
    for settings_of_run in ({"engine": "spark"}, {}):
        body = {"kind": "run", "settings": {"disclosure_profile": "default", **settings_of_run}}
        rerunning._again({"body": body}, tmp_path / "out", places, None)
    assert (asked[0]["engine"], asked[0]["spark_settings"]) == ("spark", tmp_path / "spark.toml")
    assert "engine" not in asked[1]
