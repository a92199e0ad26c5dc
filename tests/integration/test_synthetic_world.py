"""A whole made-up country: obeys the schema, is the same each time, and holds together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest
from tests.world_fixture import SMALL, world_folder

from datalab.engines.duckdb import session
from datalab.fields.justice.tables import TABLES
from datalab.intake.submission import read_submission
from datalab.schema.store import open_central
from datalab.study import read_study
from datalab.synthetic import PROGRAMMES, TODAY, make_world, write_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world_folder(tmp_path_factory)


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def one(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    found = connection.execute(query).fetchall()
    return float(found[0][0])


def test_the_country_obeys_the_schema(folder: Path) -> None:
    with session() as connection:
        central = open_central(connection, folder / "central")
        assert central.synthetic
        assert central.rows["person"] == SMALL
        assert all(central.rows[table.name] > 0 for table in TABLES)


def test_same_seed_same_bytes_and_another_seed_another_country(tmp_path: Path) -> None:
    made = {}
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        write_world(make_world(1500, seed=seed, replicates=2), tmp_path / name)
        made[name] = hashes(tmp_path / name)
    assert made["a"] == made["b"]
    assert {path for path in made["a"] if path.startswith("central/")} == {
        *(f"central/{table.name}.parquet" for table in TABLES),
        "central/central.json",
    }
    differing = {path for path in made["a"] if made["a"][path] != made["c"][path]}
    assert differing == set(made["a"]) - {"central/coverage.parquet"}


def test_the_life_of_a_person_does_not_depend_on_how_many_people_there_are() -> None:
    few, many = (make_world(people, seed=2, replicates=2, programmes=()).tables for people in (800, 1600))
    names = ["person_id", "date", "kind", "court_outcome", "area"]
    assert many["occasion"].select(names).slice(0, few["occasion"].num_rows).equals(few["occasion"].select(names))


def test_lives_hold_together(folder: Path) -> None:
    with session() as connection:
        open_central(connection, folder / "central", quick=True)
        faults = {
            "offence after its occasion": "from offence o join occasion d using (occasion_id) where o.offence_date > d.date",
            "first sanction": "from person p join (select person_id, min(date) as first from occasion group by person_id) o"
            " using (person_id) where p.first_sanction_date <> o.first",
            "principal": "from (select sum(is_principal::int) as n from offence group by occasion_id) where n <> 1",
            "filed identity": "from (select sum((not is_alias)::int) as n from identity group by person_id) where n <> 1",
            "offending inside": "from offence o join custody c on c.person_id = o.person_id"
            " where o.offence_date > c.start and o.offence_date < c.release",
            "working inside": "from employment e join custody c on c.person_id = e.person_id"
            " where e.start > c.start and e.start < c.release",
            "after death": "from occasion o join person p using (person_id) where o.date > p.date_of_death",
            "under ten": "from offence o join person p using (person_id)"
            " where o.offence_date < p.date_of_birth + interval 10 year",
        }
        assert {name: one(connection, f"select count(*) {query}") for name, query in faults.items()} == dict.fromkeys(faults, 0)


def test_records_are_as_untidy_as_life(folder: Path) -> None:
    with session() as connection:
        open_central(connection, folder / "central", quick=True)
        lag = "from offence o join occasion d using (occasion_id)"
        late = one(connection, f"select avg((d.date - o.offence_date > 183)::int) {lag}")
        assert 0.02 < late < 0.2
        nested = "select count(*) from custody a join custody b on a.person_id = b.person_id and a.spell_id <> b.spell_id"
        assert one(connection, f"{nested} and b.start between a.start and a.release") > 20
        assert one(connection, "select count(*) from custody where release is null") > 0
        for condition, low, high in (
            ("not recordable", 0.005, 0.03),
            ("jurisdiction <> 'england_wales'", 0.004, 0.02),
            ("prosecutor = 'other'", 0.005, 0.05),
            ("is_breach", 0.01, 0.10),
        ):
            assert low < one(connection, f"select avg(({condition})::int) from offence") < high, condition
        twins = "select count(*) from identity a join identity b on a.surname = b.surname and a.postcode = b.postcode"
        assert (
            one(connection, f"{twins} and a.date_of_birth = b.date_of_birth and a.person_id < b.person_id and not b.is_alias")
            >= 5
        )


def test_assessments_cover_about_as_many_as_in_life(folder: Path) -> None:
    with session() as connection:
        open_central(connection, folder / "central", quick=True)
        share = one(
            connection,
            "select avg((a.person_id is not null)::int) from (select distinct person_id from custody"
            " where release - start >= 28 and start >= '2005-01-01' and start < '2017-06-01') c"
            " left join (select distinct person_id from assessment) a using (person_id)",
        )
    assert 0.65 <= share <= 0.95


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda programme: programme.name)
def test_studies_and_uploads_can_be_read(programme: object, folder: Path) -> None:
    name = getattr(programme, "name")  # noqa: B009 - parametrised as an object
    study = read_study(folder / "studies" / f"{name}.toml")
    assert study.inputs.central.is_dir()
    csv = read_submission(folder / "uploads" / f"{name}.csv", TODAY, date_order="dmy")
    xlsx = read_submission(study.inputs.upload, TODAY, date_order="dmy")
    assert csv.readable >= 60
    assert csv.people.equals(xlsx.people)
    assert csv.readable >= 0.95 * csv.submitted
