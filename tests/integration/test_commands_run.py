"""`datalab run`, `verify`, `rerun` and `demo` as a stranger uses them: files, bytes, decisions, streams, folders in the way."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from tests.command_line import (
    Answer,
    answer_of,
    call,
    files_of,
    finished_run,
    printed_files,
    upload_rows,
    write_study,
    write_upload,
)
from tests.world_fixture import world_folder

import datalab
from datalab.demo import run_demo
from datalab.fields.justice.measures import REOFFENDING

FILES = {"report.html", *printed_files("report.pdf", "summary.pdf"), "summary.html", "annex.xlsx", "annex.ods", "results.json"}
FILES |= {"release.json", "manifest.json", "attrition.csv", "balance.csv", "csv-metadata.json", "tables"}


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished run of the session."""
    return finished_run(tmp_path_factory)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's country."""
    return world_folder(tmp_path_factory)


def strangers(path: Path, world: Path, count: int = 70) -> str:
    """An upload of people who are in no record: the quickest whole run there is."""
    rows = upload_rows(world)[: count + 1]
    for number, row in enumerate(rows[1:]):
        cells = dict(zip(rows[0], row, strict=True))
        cells |= {"forename": "Zqxw" + "abcdefghij"[number % 10], "surname": "Vkjq" + "abcdefghij"[number // 10], "sex": "M"}
        cells |= {"middle_names": "", "pnc_id": "", "prison_number": "", "postcode": "", "conviction_date": ""}
        cells["date_of_birth"] = f"{13 + number % 15}/{1 + number % 12:02d}/{1941 + number % 7}"
        row[:] = cells.values()
    return write_upload(path, rows)


def manifest_of(folder: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def private_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "private" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def assert_valid_results(folder: Path, status: str) -> dict[str, object]:
    """results.json obeys its published schema and says this status."""
    schema = json.loads((Path(datalab.__file__).parent / "report" / "results.schema.json").read_text(encoding="utf-8"))
    found: dict[str, object] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    assert found["status"] == status
    return found


def test_a_run_writes_every_file_and_verifies(run: Path) -> None:
    answer, out = answer_of(run), run / "out"
    assert answer.code == 0, answer.err
    assert {path.name for path in out.iterdir()} == FILES | {"private"}
    found = assert_valid_results(out, "released")
    assert found["synthetic"] is True
    verified = call("verify", out)
    count = len(manifest_of(out)["outputs"]) + len(manifest_of(out)["printed"])
    assert count == sum(path.is_file() for path in out.rglob("*")) - 4  # the manifest and three private files
    assert (verified.code, verified.out) == (0, f"All {count} files are as they were written.\n")
    for place in (line.split()[-1] for line in answer.out.splitlines() if "/out/" in line):
        assert (out / place.partition("/out/")[2]).is_file()


def test_a_run_prints_people_results_and_the_headline(run: Path) -> None:
    """The printed figures are those of results.json."""
    answer, results = answer_of(run), json.loads((run / "out" / "results.json").read_text(encoding="utf-8"))
    lines = answer.out.splitlines()
    people = lines[4].split()
    assert people[0] == str(results["attrition"][0]["n"])
    assert people[-3:-1] == [f"{results['analyses'][0]['people'][name]:,}" for name in ("matched", "comparison")]
    measured = [line for line in lines if line.strip().startswith(("Reoffending rate", "Number of reoffences"))]
    assert len(measured) == 2
    assert results["headline"]["sentence"] in lines
    assert "True effect" not in answer.out


def test_progress_is_plain_lines_on_the_other_stream(run: Path) -> None:
    answer = answer_of(run)
    stages = [line.split("] ")[1] for line in answer.err.splitlines()]
    assert stages[:2] == ["central records", "upload"]
    assert stages[-2:] == ["disclosure control", "report"]
    assert all(line.startswith("[") for line in answer.err.splitlines())
    assert "\x1b" not in answer.out + answer.err


def test_a_changed_file_is_found(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "out", tmp_path / "out")
    with (tmp_path / "out" / "balance.csv").open("a", encoding="utf-8") as stream:
        stream.write("1\n")
    (tmp_path / "out" / "new.txt").write_text("new", encoding="utf-8")
    answer = call("verify", tmp_path / "out", "--json")
    assert answer.code == 1
    assert answer.document["ok"] is False
    assert len(answer.document["faults"]) == 2  # type: ignore[arg-type]
    assert call("verify", tmp_path / "nothing").code == 1


@pytest.mark.pdf  # as the run of the session, with which it is compared
def test_the_same_study_gives_the_same_bytes_and_one_json_document(run: Path, world: Path, tmp_path: Path) -> None:
    """The second run lies elsewhere: no path and no clock is in any byte but beside the manifest's body."""
    study = write_study(tmp_path / "elsewhere.toml", world)
    answer = call("run", study, "--out", tmp_path / "again", "--json")
    assert answer.code == 0
    assert answer.document["folder"] == str(tmp_path / "again")
    assert "[" in answer.err
    first, second = files_of(run / "out"), files_of(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == ["manifest.json"]
    ours, theirs = manifest_of(run / "out"), manifest_of(tmp_path / "again")
    assert ours.pop("beside")["locations"] == {"study": "../study.toml"}
    assert theirs.pop("beside")["locations"] == {"study": "../elsewhere.toml"}
    assert ours == theirs
    assert str(tmp_path) not in json.dumps(theirs)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, Answer]:
    """A run with a person's decision that a link, certain as it seemed, is of two people."""
    run, world = finished_run(tmp_path_factory), world_folder(tmp_path_factory)
    folder = tmp_path_factory.mktemp("decided")
    link = next(line for line in private_rows(run / "out", "links.csv") if line["rule"] == "probabilistic")
    decision = f"row,person_id,decision,by,when\n{link['row']},{link['person_id']},reject,A. Reader,2018-01-30\n"
    (folder / "decisions.csv").write_text(decision, encoding="utf-8")
    study = write_study(folder / "study.toml", world)
    answer = call("run", study, "--out", folder / "out", "--link-decisions", folder / "decisions.csv", "--quiet")
    return folder, int(link["row"]), answer


def test_decisions_change_the_row_and_the_manifest(decided: tuple[Path, int, Answer], run: Path) -> None:
    folder, row, answer = decided
    assert (answer.code, answer.err) == (0, "")
    assert answer.out
    status = {int(line["row"]): line["status"] for line in private_rows(folder / "out", "links.csv")}
    before = {int(line["row"]): line["status"] for line in private_rows(run / "out", "links.csv")}
    assert {number for number in status if status[number] != before[number]} == {row}
    assert (before[row], status[row]) == ("accepted", "unlinked")
    roles = [item["role"] for item in manifest_of(folder / "out")["body"]["inputs"]]  # type: ignore[attr-defined]
    assert "link-decisions" in roles
    assert manifest_of(folder / "out")["body_sha256"] != manifest_of(run / "out")["body_sha256"]


def test_rerun_gives_the_same_bytes_where_the_tree_was_moved(decided: tuple[Path, int, Answer], tmp_path: Path) -> None:
    shutil.copytree(decided[0], tmp_path / "moved")
    answer = call("rerun", tmp_path / "moved" / "out" / "manifest.json", "--quiet")
    count = len(manifest_of(tmp_path / "moved" / "out")["outputs"])
    assert (answer.code, answer.out, answer.err) == (0, f"Run again: all {count} files have the same bytes.\n", "")


def test_rerun_says_what_it_cannot_find_and_what_has_changed(decided: tuple[Path, int, Answer], tmp_path: Path) -> None:
    shutil.copytree(decided[0] / "out", tmp_path / "out")
    answer = call("rerun", tmp_path / "out")
    assert answer.code == 1
    assert "--study" in answer.err
    assert "--link-decisions" in answer.err
    (tmp_path / "other.csv").write_text("row,person_id\n", encoding="utf-8")
    answer = call("rerun", tmp_path / "out", "--study", decided[0] / "study.toml", "--link-decisions", tmp_path / "other.csv")
    assert answer.code == 1
    assert "Traceback" not in answer.err


def test_rerun_compares_nothing_with_another_study(run: Path, world: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "s.toml", world, upload=strangers(tmp_path / "u.csv", world), title='"Another"')
    answer = call("rerun", run / "out", "--study", study, "--json")
    assert answer.code == 1
    assert len(answer.document["faults"]) == 2  # type: ignore[arg-type]
    assert "upload" in answer.err
    assert "settings" in answer.err


def test_a_demo_knows_its_study_from_within_so_that_it_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few covariates and measures, so that it takes a few seconds."""
    monkeypatch.setattr("datalab.synthetic.plans.FAMILIES", ("demographics", "index"))
    monkeypatch.setattr("datalab.synthetic.plans.REOFFENDING", REOFFENDING[:2])
    monkeypatch.setattr("datalab.synthetic.plans.FURTHER", ("days_employed",))
    made = run_demo(7000, 1, tmp_path / "demo")
    assert made.output.folder == tmp_path / "demo" / "run"
    assert set(json.loads((tmp_path / "demo" / "truth.json").read_text(encoding="utf-8"))) == {
        "everyone",
        "analysed",
        "analyses",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo"]
    assert str(tmp_path) not in (tmp_path / "demo" / "run" / "manifest.json").read_text(encoding="utf-8")
    locations = manifest_of(tmp_path / "demo" / "run")["beside"]["locations"]
    assert locations == {"study": "../country/studies/thames-workshop.toml"}
    assert (tmp_path / "demo" / "run" / "../country/studies/thames-workshop.toml").is_file()


def test_a_two_year_study_runs_from_upload_to_report(world: Path, tmp_path: Path) -> None:
    """More reoffend in two years than in one; the curve, the landmarks and the days reach to the end of the second."""
    outcomes = ("rate", "frequency", "violent_rate", "days_employed")
    study = write_study(tmp_path / "study.toml", world, outcomes=outcomes, follow_up_months="24")
    answer = call("run", study, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    found = assert_valid_results(tmp_path / "out", "released")
    analysis = next(item for item in found["analyses"] if item["name"] == "everyone")
    measured = {item["measure"]: item for item in analysis["outcomes"]}
    assert found["follow_up_months"] == 24 and "within 24 months" in found["headline"]["sentence"]
    assert 0.3 < measured["rate"]["treated"] < 0.5
    assert measured["violent_rate"]["treated"] < measured["rate"]["treated"]
    assert measured["days_employed"]["status"] == "estimated" and 100 < measured["days_employed"]["treated"] < 350
    assert analysis["survival"]["horizon"] == 730
    assert [day for day, _, _ in analysis["survival"]["landmarks"]][-1] == 730
    assert "24 months (a two-year study)" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_private_files_are_their_owners_alone(run: Path) -> None:
    private = run / "out" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in private.iterdir()} == {
        "links.csv": 0o600,
        "doubtful.csv": 0o600,
        "linkage.html": 0o600,
    }


def test_a_folder_in_the_way_is_kept_until_overwrite_and_a_strangers_always(run: Path, world: Path, tmp_path: Path) -> None:
    study, out = write_study(tmp_path / "s.toml", world, upload=strangers(tmp_path / "u.csv", world)), tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years", encoding="utf-8")
    answer = call("run", study, "--out", out)
    assert answer.code == 2
    assert "--overwrite" in answer.err
    assert call("run", study, "--out", out, "--overwrite").code == 2
    assert files_of(out) == {"thesis.txt": b"years"}
    assert call("run", study, "--out", out / "thesis.txt").code == 2
    shutil.rmtree(out)
    shutil.copytree(run / "out", out)
    assert call("run", study, "--out", out, "--quiet").code == 2
    assert files_of(out) == files_of(run / "out")
    assert call("run", study, "--out", out, "--overwrite", "--quiet").code == 1
    assert_valid_results(out, "released")
    assert files_of(out)["results.json"] != files_of(run / "out")["results.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"s.toml", "u.csv", "out"}


def test_a_fault_of_ours_tells_no_value_and_leaves_nothing(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("MARSHALL 20/06/1969")

    monkeypatch.setattr("datalab.report.write_report", fail)
    study = write_study(tmp_path / "s.toml", world, upload=strangers(tmp_path / "u.csv", world))
    answer = call("run", study, "--out", tmp_path / "out", "--json")
    assert answer.code == 4
    assert answer.document["exit_code"] == 4
    assert "ValueError at test_commands_run.py" in answer.err
    assert "MARSHALL" not in answer.out + answer.err
    assert {path.name for path in tmp_path.iterdir()} == {"s.toml", "u.csv"}


def test_help_comes_at_once_and_wrong_use_is_told() -> None:
    """A real process, to count its imports too."""
    command = [sys.executable, "-m", "datalab.cli"]
    began = os.times().children_user
    found = subprocess.run([*command, "--help"], check=True, capture_output=True, text=True, timeout=60)
    spent = os.times().children_user - began
    assert spent < 1.0, "heavy imports belong inside the commands"
    assert all(name in found.stdout for name in ("demo", "run", "check", "evaluate", "verify", "rerun", "template"))
    assert call("run").code == 2
    assert call("ruun").code == 2
    assert call("--version").out.startswith("datalab ")


def test_a_terminal_gets_its_cursor_back_after_an_error(world: Path, tmp_path: Path) -> None:
    """A real process on a pseudo-terminal: the bar hides the cursor, and an error must not leave it hidden."""
    (tmp_path / "u.csv").write_text("", encoding="utf-8")
    study = write_study(tmp_path / "s.toml", world, upload=json.dumps(str(tmp_path / "u.csv")))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "datalab.cli", "run", str(study), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = _read_all(ours)
    os.close(ours)
    assert process.returncode == 1
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l") > -1
    assert b"The file is empty" in shown
    assert b"Traceback" not in shown


def _read_all(handle: int) -> bytes:
    """Everything until the other side closes, which Linux tells as an error."""
    read = b""
    try:
        while piece := os.read(handle, 65536):
            read += piece
    except OSError:
        return read
    return read


def test_a_release_is_registered_and_one_that_differs_by_a_few_people_is_refused(tmp_path: Path, world: Path) -> None:
    """The plan again over a few rows less: the difference of the two reports would be those few people."""
    key, register = tmp_path / "key", tmp_path / "register.sqlite"
    key.write_bytes(bytes(range(40)))
    rows = upload_rows(world)
    flags = ("--register", str(register), "--register-key", str(key))
    answers = {}
    for name, kept in (("whole", rows), ("few-less", rows[:-4])):
        upload = write_upload(tmp_path / f"{name}.csv", kept)
        study = write_study(tmp_path / f"{name}.toml", world, upload=upload, id=json.dumps(name))
        answers[name] = call("run", str(study), "--out", str(tmp_path / name), *flags)
    assert answers["whole"].code == 0, answers["whole"].err
    assert answers["few-less"].code == 1
    assert "fewer than 10 people" in answers["few-less"].err
    assert "whole: " in answers["few-less"].err
    assert not (tmp_path / "few-less").exists()
    one_file = call("run", str(study), "--out", str(tmp_path / "x"), "--register", str(register))
    assert one_file.code == 2
    assert "given together" in one_file.err
