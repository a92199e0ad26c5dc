"""The whole study on DuckDB and on Spark: the same links, cohort, outcomes and covariates, row for row, and the same results.

One country of 5,000 people and one upload of 800, dirty as uploads are. Both runs go through the command line.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from tests.command_line import STUDY, Answer, call, write_study, write_upload
from tests.world_fixture import world_folder

from datalab import chain
from datalab.chain import Evidence
from datalab.engines.duckdb import session as duckdb_session
from datalab.engines.spark import session
from datalab.engines.spark_settings import SparkSettings, read_spark_settings
from datalab.errors import CentralDataError, UsageError
from datalab.fields.justice.tables import TABLES
from datalab.linkage.results import Links
from datalab.schema.store import open_central
from datalab.table import AnalysisTable

PEOPLE = 5000
MOST_DIFFERENT_PAIRS = 2 / 1000
OUTCOMES = ("rate", "frequency", "days_to_first", "custody_frequency", "employed_any", "days_employed", "days_on_benefit")
# Small data on one machine: no code is compiled for a query, and nothing is planned anew.
SETTINGS = """
format = 1
master = "local[2]"
partitions = 1

[conf]
"spark.sql.codegen.wholeStage" = false
"spark.sql.codegen.factoryMode" = "NO_CODEGEN"
"spark.sql.adaptive.enabled" = false
"spark.driver.memory" = "1g"
"spark.driver.extraJavaOptions" = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC"
"""
# 150 people who came out of prison in those years, and 500 others, who have no event of the programme's kind.
PEOPLE_QUERY = """
    with first_stay as (select person_id, min(start) as start from custody where start >= date '2008-01-01'
        and start < date '2014-12-01' group by person_id)
    select forename, middle_names, surname, strftime(date_of_birth, '%d/%m/%Y'), sex, postcode, pnc_id, prison_number,
        strftime(coalesce(start + 20, date '2012-06-01'), '%d/%m/%Y')
    from (
        select *, row_number() over (partition by start is null order by person_id) as place
        from identity left join first_stay using (person_id) where not is_alias)
    where place <= case when start is null then 500 else 150 end
    order by person_id"""


@dataclass
class Seen:
    """What a run found on its way, and what it answered."""

    evidence: Evidence
    table: AnalysisTable
    answer: Answer
    folder: Path

    @property
    def links(self) -> Links:
        return self.evidence.links


def changed(cells: dict[str, str], draw: random.Random) -> dict[str, str]:
    """One row as a provider might write it: identifiers missing, titles, a letter wrong, names the other way round, an accent."""
    kind = draw.randrange(8)
    if kind < 4:
        cells |= {"pnc_id": "", "prison_number": ""}
    if kind == 0:
        cells |= {"forename": f"Mr {cells['forename']}", "surname": f"{cells['surname']}-Jr", "postcode": ""}
    if kind == 1 and len(cells["surname"]) > 3:
        place = draw.randrange(1, len(cells["surname"]))
        cells["surname"] = cells["surname"][:place] + draw.choice("aeklmnrst") + cells["surname"][place + draw.randrange(2) :]
        cells |= {"middle_names": "", "postcode": "" if draw.random() < 0.7 else cells["postcode"]}
    if kind == 2:
        cells |= {"forename": cells["surname"], "surname": cells["forename"]}
    if kind == 3:
        cells |= {"forename": cells["forename"].replace("e", "é"), "postcode": "", "middle_names": ""}
    return cells


def dirty_upload(path: Path, world: Path) -> str:
    """The programme's own upload and 650 people more, with faults drawn from a fixed seed."""
    with (world / "uploads" / f"{STUDY}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    draw = random.Random(11)
    with duckdb.connect() as connection:
        for name in ("identity", "custody"):
            connection.execute(f"create view {name} as from '{world}/central/{name}.parquet'")
        people = connection.execute(PEOPLE_QUERY).fetchall()
    names = ("forename", "middle_names", "surname", "date_of_birth", "sex", "postcode", "pnc_id", "prison_number")
    for person in people:
        cells = dict.fromkeys(rows[0], "")
        cells |= changed({name: value or "" for name, value in zip(names, person, strict=False)}, draw)
        rows.append(list((cells | {"programme_start": person[-1]}).values()))
    return write_upload(path, rows)


def run(study: Path, out: Path, *more: object) -> Seen:
    """One run by the command, with what its stages handed on."""
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("gather_evidence", "build_table"):
            whole = getattr(chain, name)
            patch.setattr(chain, name, lambda *a, whole=whole, name=name, **k: found.setdefault(name, whole(*a, **k)))
        answer = call("run", study, "--out", out, *more)
    assert answer.code in (0, 1), answer.err  # 1: so few people may not balance
    return Seen(found["gather_evidence"], found["build_table"], answer, out)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """The same study on DuckDB and on Spark."""
    folder = tmp_path_factory.mktemp("engines")
    world = world_folder(tmp_path_factory, PEOPLE, replicates=2)
    upload = dirty_upload(folder / "upload.csv", world)
    families = '["demographics", "index", "history", "work", "needs", "region"]'
    study = write_study(folder / "study.toml", world, outcomes=OUTCOMES, upload=upload, families=families)
    (folder / "spark.toml").write_text(SETTINGS, encoding="utf-8")
    spark = run(study, folder / "spark", "--engine", "spark", "--spark-settings", folder / "spark.toml")
    return run(study, folder / "duckdb"), spark


def texts_of(rows: pa.Table) -> list[dict[str, Any]]:
    """The rows without their probabilities, which are sums in another order."""
    return rows.drop_columns(["probability", "match_weight"]).to_pylist()


def same(ours: Any, theirs: Any) -> bool:
    return bool(np.array_equal(np.asarray(ours), np.asarray(theirs), equal_nan=np.asarray(ours).dtype.kind == "f"))


@pytest.mark.spark
def test_links_are_the_same_but_for_pairs_whose_likeness_of_names_differs(both: tuple[Seen, Seen]) -> None:
    duck, spark = (seen.links for seen in both)
    rows = list(zip(duck.links.to_pylist(), spark.links.to_pylist(), strict=True))
    assert len(rows) > 600
    told = ("row", "person_id", "status", "rule")
    different = sum(any(one[name] != other[name] for name in told) for one, other in rows)
    assert different <= MOST_DIFFERENT_PAIRS * len(rows)
    statuses = {row["status"] for row, _ in rows}
    assert statuses >= {"accepted", "review", "unlinked"}
    weights = [(one["match_weight"], other["match_weight"]) for one, other in rows if one["match_weight"] is not None]
    assert sum(abs(one - other) > 1e-9 for one, other in weights) <= MOST_DIFFERENT_PAIRS * len(rows)
    assert duck.seen_person_ids == spark.seen_person_ids
    assert duck.doubtful.num_rows > 5
    assert different or texts_of(duck.doubtful) == texts_of(spark.doubtful)


@pytest.mark.spark
def test_the_central_records_and_the_cohort_are_the_same_row_for_row(both: tuple[Seen, Seen]) -> None:
    duck, spark = (seen.evidence for seen in both)
    assert duck.central == spark.central
    assert duck.cohort.events.num_rows > 200
    assert duck.cohort.events.schema.equals(spark.cohort.events.schema)
    assert duck.cohort.events.to_pylist() == spark.cohort.events.to_pylist()
    assert (duck.cohort.attrition, duck.cohort.counts, duck.cohort.lost) == (
        spark.cohort.attrition,
        spark.cohort.counts,
        spark.cohort.lost,
    )


@pytest.mark.spark
def test_outcomes_and_covariates_are_the_same_row_for_row(both: tuple[Seen, Seen]) -> None:
    duck, spark = (seen.table for seen in both)
    assert [one.name for one in duck.covariates] == [one.name for one in spark.covariates]
    assert len(duck.covariates) > 50
    assert all(same(one.values, other.values) for one, other in zip(duck.covariates, spark.covariates, strict=True))
    assert [one.levels for one in duck.covariates] == [one.levels for one in spark.covariates]
    assert [one.measure.name for one in duck.outcomes] == [*OUTCOMES]
    assert all(same(one.values, other.values) for one, other in zip(duck.outcomes, spark.outcomes, strict=True))
    for name in ("row_id", "treated", "strata", "cluster", "duration", "event"):
        assert same(getattr(duck, name), getattr(spark, name)), name


@pytest.mark.spark
def test_the_run_says_which_engine_it_ran_on_and_finds_the_same(both: tuple[Seen, Seen]) -> None:
    duck, spark = both
    manifests = [json.loads((seen.folder / "manifest.json").read_text(encoding="utf-8")) for seen in both]
    assert "engine" not in manifests[0]["body"]["settings"]
    assert manifests[1]["body"]["settings"]["engine"] == "spark"
    assert manifests[1]["body"]["versions"]["pyspark"]
    assert manifests[1]["beside"]["locations"]["spark-settings"] == "../spark.toml"
    assert (duck.folder / "balance.csv").read_bytes() == (spark.folder / "balance.csv").read_bytes()
    found = [json.loads((seen.folder / "results.json").read_text(encoding="utf-8")) for seen in both]
    for document in found:
        document.pop("manifest_sha256")
    assert found[0] == found[1]
    pages = [(seen.folder / "private" / "linkage.html").read_text(encoding="utf-8") for seen in both]
    assert pages[0].partition('id="effects"')[2] == pages[1].partition('id="effects"')[2] != ""
    assert duck.answer.code == spark.answer.code
    assert "WARN" not in spark.answer.err
    assert "Spark" not in spark.answer.err


@pytest.mark.spark
def test_tables_of_a_catalogue_and_files_that_are_no_tables(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    central = world_folder(tmp_path_factory, PEOPLE, replicates=2) / "central"
    card = tmp_path / "card"
    card.mkdir()
    shutil.copy(central / "central.json", card)
    (tmp_path / "spark.toml").write_text(SETTINGS.replace("[conf]", 'tables = "central"\n[conf]'), encoding="utf-8")
    with session(read_spark_settings(tmp_path / "spark.toml")) as connection, duckdb_session() as duck:
        connection.spark.sql("CREATE SCHEMA central")
        for table in TABLES:
            place = (central / f"{table.name}.parquet").as_uri()
            connection.spark.sql(f"CREATE TABLE central.{table.name} USING parquet LOCATION '{place}'")
        found, expected = open_central(connection, card, quick=True), open_central(duck, central, quick=True)
        assert (found.rows, found.coverage) == (expected.rows, expected.coverage)
        assert found.sha256 == open_central(connection, card, quick=True).sha256
        assert found.sha256["person.parquet"] != found.sha256["identity.parquet"]
        shutil.copytree(central, tmp_path / "cut")
        (tmp_path / "cut" / "offence.parquet").write_bytes((central / "offence.parquet").read_bytes()[:5000])
        connection.execute("create or replace temp table kept as select 1 as x").fetchall()
        place = connection.spark.table("kept").inputFiles()[0]
        written = Path(urlparse(place).path)
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700
        with pytest.raises(UsageError, match="already open"), session(SparkSettings()):
            pass
        connection.catalogue = ""
        with pytest.raises(CentralDataError, match=r"offence\.parquet cannot be read as Parquet"):
            open_central(connection, tmp_path / "cut", quick=True)
