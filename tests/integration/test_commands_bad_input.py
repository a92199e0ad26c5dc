"""`datalab run` on bad input: the right exit code, a clear sentence, no traceback, no value of a person, nothing lost."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.command_line import Answer, call, files_of, upload_rows, write_study, write_upload
from tests.world_fixture import world_folder

import datalab

Rows = list[list[str]]
DATES = ("programme_start", "programme_end", "index_date", "conviction_date")


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's country."""
    return world_folder(tmp_path_factory)


def column(rows: Rows, name: str) -> int:
    return rows[0].index(name)


def assert_refused(answer: Answer, code: int, folder: Path, *words: str) -> None:
    """Told in sentences, without a traceback or a value; nothing but the inputs is left."""
    assert answer.code == code, answer.err
    assert answer.out == ""
    told = "\n".join(line for line in answer.err.splitlines() if not line.startswith("["))
    assert "Traceback" not in told
    assert "went wrong on our side" not in told
    for word in words:
        assert word in told
    assert not [path.name for path in folder.iterdir() if path.name.startswith((".", "out"))]


def assert_no_cell_told(answer: Answer, rows: Rows) -> None:
    """No name, date of birth or identifier of any row is in the answer."""
    told = answer.out + answer.err
    for name in ("reference", "forename", "surname", "date_of_birth", "pnc_id", "prison_number", "postcode"):
        place = column(rows, name)
        assert not [row[place] for row in rows[1:] if len(row[place]) > 4 and row[place] in told]


def cut_to_59(rows: Rows) -> Rows:
    return rows[:60]


def before_the_records(rows: Rows) -> Rows:
    """Every person took part in 1993, as an adult."""
    places = {column(rows, name): f"{day}/03/1993" for name, day in zip(DATES, (1, 20, 25, 2), strict=True)}
    born = column(rows, "date_of_birth")
    old = [[places.get(place, cell) for place, cell in enumerate(row)] for row in rows[1:]]
    return [rows[0], *([*row[:born], "14/05/1960", *row[born + 1 :]] for row in old)]


def other_columns(rows: Rows) -> Rows:
    return [["person", "when", "what"], *(row[:3] for row in rows[1:])]


def nothing(rows: Rows) -> Rows:
    return []


def broken_everywhere(rows: Rows) -> Rows:
    """Each person's date of birth and sex are impossible."""
    born, sex = column(rows, "date_of_birth"), column(rows, "sex")
    return [
        rows[0],
        *(["31/02/" + c[-4:] if i == born else "Vkjqx" if i == sex else c for i, c in enumerate(r)] for r in rows[1:]),
    ]


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (nothing, ["The file is empty", "Fill in the template"]),
        (other_columns, ["No headings were found", "forename, surname, date_of_birth"]),
        (cut_to_59, ["at least 60 are needed", "Only 5"]),
        (before_the_records, ["programme starts: rows 2 to 214", "The central records cover 1 January 1995", "Only 0 rows"]),
        (broken_everywhere, ["The calendar has no such day", "Only M, F or U", "rows 2 to"]),
    ],
)
def test_bad_uploads_are_refused_with_every_fault(
    harm: Callable[[Rows], Rows], words: list[str], world: Path, tmp_path: Path
) -> None:
    rows = upload_rows(world)
    study = write_study(tmp_path / "s.toml", world, upload=write_upload(tmp_path / "u.csv", harm(rows)))
    before = files_of(tmp_path)
    answer = call("run", study, "--out", tmp_path / "out")
    assert_refused(answer, 1, tmp_path, *words)
    assert_no_cell_told(answer, rows)
    assert files_of(tmp_path) == before


def test_random_bytes_named_as_a_workbook(world: Path, tmp_path: Path) -> None:
    (tmp_path / "u.xlsx").write_bytes(random.Random(1).randbytes(4000))
    study = write_study(tmp_path / "s.toml", world, upload=json.dumps(str(tmp_path / "u.xlsx")))
    assert_refused(call("run", study, "--out", tmp_path / "out"), 1, tmp_path, "not an XLSX workbook inside")


def test_an_absent_upload_and_an_absent_study(world: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "s.toml", world, upload='"absent.csv"')
    assert_refused(call("run", study, "--out", tmp_path / "out"), 1, tmp_path, "no file there")
    assert_refused(call("run", tmp_path / "absent.toml", "--out", tmp_path / "out"), 1, tmp_path, "There is no file")


def test_central_records_with_a_table_missing_or_absent_altogether(world: Path, tmp_path: Path) -> None:
    central = tmp_path / "central"
    shutil.copytree(world / "central", central)
    (central / "offence.parquet").unlink()
    study = write_study(tmp_path / "s.toml", world, central=json.dumps(str(central)))
    assert_refused(call("run", study, "--out", tmp_path / "out"), 3, tmp_path, "offence.parquet is missing")
    write_study(study, world, central='"nowhere"')
    assert_refused(call("run", study, "--out", tmp_path / "out"), 3, tmp_path, "There is no such folder")


def test_central_records_with_a_bad_value_in_a_column(world: Path, tmp_path: Path) -> None:
    central = tmp_path / "central"
    shutil.copytree(world / "central", central)
    table = pq.read_table(central / "person.parquet")
    values = table["sex"].to_pylist()
    values[3] = "Vkjqx"
    place = table.schema.get_field_index("sex")
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(values)), central / "person.parquet")
    study = write_study(tmp_path / "s.toml", world, central=json.dumps(str(central)))
    answer = call("run", study, "--out", tmp_path / "out")
    assert_refused(answer, 3, tmp_path, "person.sex must be one of M, F, U: 1 row is not.")
    assert "Vkjqx" not in answer.err


def test_a_study_with_faults_names_them_all(world: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "s.toml", world, setting='"prison"', caliper_sd_logit="0", headline='"rte"')
    answer = call("run", study, "--out", tmp_path / "out", "--json")
    assert answer.code == 1
    assert len(answer.document["faults"]) == 3  # type: ignore[arg-type]
    assert "Did you mean rate?" in answer.err


def assert_reported(answer: Answer, folder: Path, status: str, reason: str) -> dict[str, object]:
    """A whole folder, whose results are valid and name the reason, though no outcome is in them; exit code 1."""
    assert answer.code == 1, answer.err
    results: dict[str, object] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    schema = json.loads((Path(datalab.__file__).parent / "report" / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(results)
    analysis = results["analyses"][0]  # type: ignore[index]
    assert (results["status"], analysis["status"]) == (status, reason)
    assert not [outcome for outcome in analysis["outcomes"] if outcome["effect"] is not None]
    sentence = results["headline"]["sentence"]  # type: ignore[index]
    assert sentence in answer.out
    assert sentence in (folder / "report.html").read_text(encoding="utf-8")
    assert datalab.verify_folder(folder).ok
    return results


def test_an_unbalanced_match_gives_a_report_that_says_what_failed(world: Path, tmp_path: Path) -> None:
    """Everybody is close enough to everybody: the groups stay as different as selection made them."""
    study = write_study(tmp_path / "s.toml", world, caliper_sd_logit="5", families='["demographics", "index", "history"]')
    answer = call("run", study, "--out", tmp_path / "out")
    assert_reported(answer, tmp_path / "out", "balance_failed", "balance_failed")
    assert "Furthest apart" in answer.out
    assert "could not be made alike" in answer.out


def test_too_few_matched_gives_a_report(world: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "s.toml", world, caliper_sd_logit="0.0001")
    answer = call("run", study, "--out", tmp_path / "out")
    assert_reported(answer, tmp_path / "out", "released", "too_few")
    assert "Too few people could be analysed" in answer.out


def test_nobody_linked_gives_a_report_without_an_analysis(world: Path, tmp_path: Path) -> None:
    rows = upload_rows(world)
    place = {name: column(rows, name) for name in rows[0]}
    for number, row in enumerate(rows[1:]):
        row[place["forename"]] = "Zqxw" + "abcdefghij"[number % 10]
        row[place["surname"]] = "Vkjq" + "abcdefghij"[number // 10 % 10] + "abc"[number // 100]
        row[place["date_of_birth"]] = f"{13 + number % 15}/{1 + number % 12:02d}/{1941 + number % 7}"
        for name in ("middle_names", "pnc_id", "prison_number", "postcode", "conviction_date"):
            row[place[name]] = ""
        row[place["sex"]] = "M"
    study = write_study(tmp_path / "s.toml", world, upload=write_upload(tmp_path / "u.csv", rows))
    answer = call("run", study, "--out", tmp_path / "out")
    assert_reported(answer, tmp_path / "out", "released", "too_few")
    assert_no_cell_told(answer, rows)


def test_nobody_in_the_programmes_window_gives_a_report_without_an_analysis(world: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "s.toml", world, start="2003-01-01", end="2003-02-01")
    answer = call("run", study, "--out", tmp_path / "out")
    results = assert_reported(answer, tmp_path / "out", "released", "too_few")
    assert results["attrition"][-1]["n"] in (0, {"suppressed": "[c]"})  # type: ignore[index]
