"""Opening central data: a folder that obeys the schema opens; each way of not obeying it is named, counted, valueless."""
# ruff: noqa: E501  (one fault and its sentence a line)

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from datalab.engines.duckdb import session
from datalab.errors import CentralDataError
from datalab.fields.justice.tables import TABLES
from datalab.schema.store import open_central

NEEDS = (
    "accommodation",
    "education_work",
    "relationships",
    "lifestyle",
    "drugs",
    "alcohol",
    "emotional",
    "thinking",
    "attitudes",
)
QUERIES = {
    "person": """select 'P' || lpad(i::varchar, 8, '0') person_id, null::date tax_identity, null::date date_of_death, 'M' sex,
        'W1' ethnicity, 'white' ethnicity_group, true uk_national, date '1980-01-01' + (i % 5000)::int date_of_birth,
        date '2005-01-01' first_sanction_date from range({n}) t(i)""",
    "identity": """select 'I' || i identity_id, 'P' || lpad((i % {n})::varchar, 8, '0') person_id, 'ANN' forename,
        null::varchar middle_names, 'SECRETNAME' surname, date '1980-01-01' date_of_birth, 'M' sex, 'AA9 9AA' postcode,
        '2000/0000223R' pnc_id, 'A1234BC' prison_number, 'police' source, i >= {n} is_alias from range({n} * 2) t(i)""",
    "occasion": """select 'O' || i occasion_id, 'P' || lpad((i % {n})::varchar, 8, '0') person_id, date '2012-01-01' "date",
        'conviction' kind, 'custody' court_outcome, 'wales' area from range({n} * 5) t(i)""",
    "offence": """select 'F' || i offence_id, 'O' || (i % ({n} * 5)) occasion_id, 'P' || lpad((i % {n})::varchar, 8, '0') person_id,
        date '2011-12-01' offence_date, '00101' code, 'summary' mode_of_trial, true recordable, 'england_wales' jurisdiction,
        'police' prosecutor, false is_breach, 'fine' disposal, 30::bigint disposal_days, i < {n} * 5 is_principal
        from range({n} * 7) t(i)""",
    "custody": """select 'S' || i spell_id, 'P' || lpad(i::varchar, 8, '0') person_id, 'O' || i occasion_id,
        date '2012-01-01' start, date '2012-06-01' "release", 'HMP X' establishment, 300::int sentence_days from range({n}) t(i)""",
    "court_order": """select 'R' || i order_id, 'P' || lpad(i::varchar, 8, '0') person_id, 'O' || i occasion_id, 'community' kind,
        date '2012-01-01' start, null::date "end", true unpaid_work, true supervision, false programme, false treatment,
        false curfew, 'wales' region from range({n}) t(i)""",
    "assessment": "select 'A' || i assessment_id, 'P' || lpad(i::varchar, 8, '0') person_id, date '2012-01-01' \"date\", "
    + ", ".join(f"(i % 11)::smallint {name}" for name in NEEDS)
    + " from range({n}) t(i)",
    "employment": """select 'E' || i employment_id, 'P' || lpad(i::varchar, 8, '0') person_id, date '2012-01-01' start,
        null::date "end" from range({n}) t(i)""",
    "benefit": """select 'B' || i benefit_id, 'P' || lpad(i::varchar, 8, '0') person_id, 'JSA' benefit, date '2012-01-01' start,
        null::date "end" from range({n}) t(i)""",
    "coverage": """select * from (values ('reoffending', 'cohort', date '2012-01-01', date '2012-12-31'),
        ('reoffending', 'events', date '2000-01-01', date '2015-06-30')) t(dataset, kind, first_date, last_date)""",
}


def make_country(folder: Path, people: int = 20, **replaced: str) -> Path:
    """A tiny central folder that obeys the schema, save for the tables whose query is replaced (`{own}`: the sound one)."""
    folder.mkdir(exist_ok=True)
    connection = duckdb.connect()
    for name, query in QUERIES.items():
        sound = query.format(n=people)
        chosen = replaced[name].format(own=f"({sound})", n=people) if name in replaced else sound
        connection.execute(f"copy ({chosen}) to '{folder / f'{name}.parquet'}' (format parquet)").fetchall()
    connection.close()
    (folder / "central.json").write_text(json.dumps({"format": 1, "name": "test", "synthetic": True}))
    return folder


def refused(folder: Path) -> CentralDataError:
    with session(memory="1GB") as connection, pytest.raises(CentralDataError) as caught:
        open_central(connection, folder)
    assert caught.value.exit_code == 3
    assert "SECRETNAME" not in str(caught.value)
    return caught.value


def test_a_sound_folder_opens(tmp_path: Path) -> None:
    with session(memory="1GB") as connection:
        central = open_central(connection, make_country(tmp_path / "c"))
        assert central.rows["offence"] == 140
        assert central.synthetic and central.name == "test"
        assert set(central.sha256) == {"central.json", *(f"{table.name}.parquet" for table in TABLES)}
        assert central.coverage.contains(date(2012, 12, 31))
        assert not central.coverage.contains(date(2013, 1, 1))
        assert central.coverage.words() == "1 January 2012 to 31 December 2012"
        assert central.coverage.last() == date(2015, 6, 30)
        assert connection.execute("select count(*) from person").fetchall() == [(20,)]


FAULTS = [
    ({"person": "select * exclude (sex) from {own}"}, "person.sex is missing"),
    ({"person": "select *, 1 as shoe from {own}"}, "person has the unknown column shoe"),
    ({"person": "select * replace (date_of_birth::varchar as date_of_birth) from {own}"}, "must be of type date; the file has varchar"),
    ({"person": "select * replace (date_of_birth::timestamp as date_of_birth) from {own}"}, "must be of type date; the file has timestamp"),
    ({"person": "select * replace (null::varchar as sex) from {own}"}, "person.sex must not be empty: 20 rows are."),
    ({"person": "select * replace (case when person_id = 'P00000003' then 'X' else sex end as sex) from {own}"}, "person.sex must be one of M, F, U: 1 row is not."),
    ({"identity": "select * replace ('bad' as pnc_id) from {own}"}, "identity.pnc_id must have the form"),
    ({"offence": "select * replace (-1 as disposal_days) from {own}"}, "offence.disposal_days must be at least 0 and at most 36,500: 140 rows are not."),
    ({"person": "select * from {own} union all select * from {own} where person_id = 'P00000000'"}, "person: person_id must be different in every row; 1 row repeats an earlier one."),
    ({"custody": "select * replace ('O999999' as occasion_id) from {own}"}, "custody.occasion_id must be in occasion.occasion_id: 20 rows are not."),
    ({"custody": "select * replace (date '2011-01-01' as \"release\") from {own}"}, "A spell starts before its release: 20 rows do not hold to this."),
    ({"identity": "select * replace (false as is_alias) from {own}"}, "Every person has exactly one filed identity: 20 have none or several."),
    ({"identity": "select * from {own} where person_id <> 'P00000000'"}, "Every person has exactly one filed identity: 1 has none or several."),
    ({"offence": "select * replace (false as is_principal) from {own}"}, "Every occasion has exactly one principal offence: 100 have none or several."),
    ({"offence": "select * replace ('P00000000' as person_id) from {own}"}, "offence.person_id must be the same as in its occasion: 133 rows differ."),
    ({"coverage": "select * from {own} where kind = 'events'"}, "coverage must hold at least one window of kind cohort"),
]  # fmt: skip


@pytest.mark.parametrize(("replaced", "sentence"), FAULTS)
def test_each_fault_is_named_and_counted(tmp_path: Path, replaced: dict[str, str], sentence: str) -> None:
    faults = refused(make_country(tmp_path / "c", **replaced)).faults
    assert any(sentence in fault for fault in faults), faults


def test_all_faults_at_once(tmp_path: Path) -> None:
    folder = make_country(
        tmp_path / "c",
        person="select * exclude (uk_national) replace ('X' as sex) from {own}",
        benefit="select * replace ('DLA' as benefit) from {own}",
    )
    (folder / "custody.parquet").unlink()
    (folder / "employment.parquet").write_bytes(b"not parquet at all")
    (folder / "central.json").write_text("[]")
    error = refused(folder)
    text = str(error)
    for part in (
        "uk_national",
        "custody.parquet is missing",
        "employment.parquet cannot be read",
        "central.json must be",
        "benefit.benefit",
    ):
        assert part in text
    assert f"{len(error.faults)} faults" in error.message


@pytest.mark.parametrize("name", ["identity", "offence"])
def test_a_file_whose_middle_is_damaged_is_named(tmp_path: Path, name: str) -> None:
    """Its columns and types are still told by its end, so only the reading of its rows finds out."""
    folder = make_country(tmp_path / "c", people=2000)
    path = folder / f"{name}.parquet"
    whole = path.read_bytes()
    start, end = len(whole) // 8, len(whole) // 4
    path.write_bytes(whole[:start] + b"\xff" * (end - start) + whole[end:])
    assert refused(folder).faults == (f"{name}.parquet cannot be read as Parquet.",)


def test_an_error_that_no_file_is_to_blame_for_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> list[str]:
        raise duckdb.OutOfMemoryException("full")

    monkeypatch.setattr("datalab.schema.store.row_faults", stopped)
    with session(memory="1GB") as connection, pytest.raises(duckdb.OutOfMemoryException):
        open_central(connection, make_country(tmp_path / "c"))


def test_missing_folder_and_card(tmp_path: Path) -> None:
    assert "no such folder" in str(refused(tmp_path / "absent"))
    folder = make_country(tmp_path / "c")
    (folder / "central.json").unlink()
    assert "central.json is missing" in str(refused(folder))


def test_a_refused_folder_leaves_no_views(tmp_path: Path) -> None:
    folder = make_country(tmp_path / "c", benefit="select * replace ('DLA' as benefit) from {own}")
    with session(memory="1GB") as connection:
        with pytest.raises(CentralDataError):
            open_central(connection, folder)
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
        open_central(connection, folder, quick=True)  # the structure alone is sound


def test_a_hundred_thousand_people_are_checked_quickly(tmp_path: Path) -> None:
    folder = make_country(tmp_path / "c", people=100_000)
    with session() as connection:
        began = time.perf_counter()
        open_central(connection, folder)
        seconds = time.perf_counter() - began
    assert seconds < 15  # about 2 s on a quiet machine; the bound only catches a change of order
