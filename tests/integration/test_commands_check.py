"""`datalab check` and the template: grades, exit codes, date orders, and an answer without progress."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.command_line import call, upload_rows, write_study, write_upload
from tests.intake_factory import csv_text, records
from tests.world_fixture import world_folder

from datalab.checking import check_upload
from datalab.errors import UsageError

PEOPLE = 61
TODAY = "2016-01-31"


def upload(path: Path, **rows: dict[str, str]) -> Path:
    """A sound upload of 61 people, changed where told."""
    path.write_text(csv_text(records(PEOPLE, **rows)), encoding="utf-8")
    return path


def test_a_sound_upload_is_fine(tmp_path: Path) -> None:
    answer = call("check", upload(tmp_path / "u.csv"), "--today", TODAY)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"Nothing needs putting right: {PEOPLE} rows were read and all can be used.\n"


def test_notes_are_told_and_stop_nothing(tmp_path: Path) -> None:
    answer = call("check", upload(tmp_path / "u.csv", row5={"postcode": "nowhere"}, row9={"pnc_id": "12"}), "--today", TODAY)
    assert (answer.code, answer.err) == (0, "")
    assert "2 things to know:" in answer.out
    assert "nowhere" not in answer.out


def test_faults_of_rows_and_notes_are_told_apart(tmp_path: Path) -> None:
    path = upload(tmp_path / "u.csv", row5={"postcode": "nowhere"}, row9={"sex": "", "date_of_birth": "31/02/1984"})
    answer = call("check", path, "--today", TODAY)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[0] == "2 things need putting right."
    assert lines[3:5] == ["60 rows of 61 can be used.", "1 thing to know:"]
    graded = call("check", path, "--today", TODAY, "--json").document
    assert graded["ok"] is False
    faults = graded["faults"]
    assert isinstance(faults, list)
    assert [(fault["grade"], fault["column"], fault["rows"]) for fault in faults] == [
        ("row", "date_of_birth", [9]),
        ("row", "sex", [9]),
        ("note", "postcode", [5]),
    ]


def test_a_fault_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_bytes(b"")
    answer = call("check", tmp_path / "u.csv", "--json")
    assert answer.code == 1
    assert [fault["grade"] for fault in answer.document["faults"]] == ["file"]  # type: ignore[attr-defined]
    assert call("check", tmp_path / "absent.csv").code == 1


def test_dates_are_held_against_the_central_records(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    world = world_folder(tmp_path_factory)
    early = {"date_of_birth": "13/04/1960", "programme_start": "16/04/1992", "programme_end": "17/05/1992", "index_date": ""}
    path = upload(tmp_path / "u.csv", row7=early)
    assert call("check", path, "--today", TODAY).code == 0
    answer = call("check", path, "--today", TODAY, "--central", world / "central")
    assert answer.code == 1
    assert "row 7. The central records cover" in answer.out
    assert call("check", path, "--central", tmp_path / "nothing").code == 3


def test_a_filled_in_template_is_read_back(tmp_path: Path) -> None:
    for kind in ("xlsx", "ods", "csv"):
        assert call("template", "--out", tmp_path / f"t.{kind}", "--format", kind).code == 0
        answer = call("check", tmp_path / f"t.{kind}")
        assert answer.code == 1
        assert "at least 60 are needed" in answer.out or "is empty" in answer.out
    assert call("template", "--out", tmp_path / "t.csv", "--format", "csv").code == 2


def test_wrong_calls_are_usage_errors(tmp_path: Path) -> None:
    assert call("check", upload(tmp_path / "u.csv"), "--date-order", "ymd").code == 2
    assert call("check").code == 2
    with pytest.raises(UsageError, match="2016-01-31"):
        check_upload(tmp_path / "u.csv", today="yesterday")


def test_a_study_can_settle_an_order_of_dates_that_the_file_leaves_open(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Every day and month of the upload is 12 or less: only a person knows which comes first."""
    world = world_folder(tmp_path_factory)
    rows = upload_rows(world)
    dates = [place for place, name in enumerate(rows[0]) if "date" in name or name.startswith("programme_")]
    for number, row in enumerate(rows[1:]):
        for place in dates:
            row[place] = f"{1 + number % 11:02d}/{2 + number % 11:02d}{row[place][5:]}" if row[place] else ""
    path = json.loads(write_upload(tmp_path / "u.csv", rows))
    assert "day or with the month first" in call("check", path, "--today", "2018-01-31").out
    assert "day or with the month first" not in call("check", path, "--today", "2018-01-31", "--date-order", "dmy").out
    study = write_study(tmp_path / "s.toml", world, upload=json.dumps(path))
    refused = call("run", study, "--out", tmp_path / "out")
    assert refused.code == 1
    assert "date_order" in refused.err
    write_study(study, world, upload=json.dumps(path), date_order='"dmy"')
    settled = call("run", study, "--out", tmp_path / "out", "--json")
    assert "status" in settled.document
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["body"]["settings"]["date_order"] == "dmy"
    write_study(study, world, date_order='"ymd"')
    assert "auto, dmy, mdy" in call("run", study, "--out", tmp_path / "two").err
