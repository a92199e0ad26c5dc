"""`datalab feasibility` as a stranger uses it, and the proof that no outcome of anybody who took part moves a byte of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from referencing import Registry, Resource
from tests.command_line import answer_of, call, files_of, finished_run, printed_files, upload_rows, write_study, write_upload
from tests.world_fixture import world_folder

from datalab.chain import cohort_settings
from datalab.cohort import build_cohort
from datalab.engines import duckdb as engine
from datalab.feasibility.find import find_feasibility, pool_of
from datalab.intake import read_submission
from datalab.linkage import link
from datalab.progress import Silent
from datalab.report.feasibility_page import feasibility_schema
from datalab.report.results import results_schema
from datalab.schema.store import open_central
from datalab.study import read_study

FILES = {"feasibility.html", "feasibility.json", "attrition.csv", "balance.csv", "breakdown.csv", "manifest.json"}
FILES |= {"release.json", "csv-metadata.json", *printed_files("feasibility.pdf")}
OUTCOMES = ("rate", "frequency", "days_to_first", "first_summary_rate")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's country."""
    return world_folder(tmp_path_factory)


def write_plan(path: Path, world: Path) -> Path:
    """The country's main study with an effect stated for the frequency."""
    text = write_study(path, world, outcomes=OUTCOMES).read_text(encoding="utf-8")
    more = r"\g<0>\nstated_effects = { frequency = 0.2 }"
    path.write_text(re.sub(r"^headline *=.*$", more, text, flags=re.MULTILINE), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, world: Path) -> Path:
    """A folder with a study and its finished feasibility study in `out`."""
    folder = tmp_path_factory.mktemp("feasibility")
    study = write_plan(folder / "study.toml", world)
    answer = call("feasibility", study, "--out", folder / "out")
    assert answer.code == 0, answer.err
    assert "Can be evaluated." in answer.out
    assert "Smallest change found" in answer.out
    assert "feasibility.html" in answer.out
    return folder


def document_of(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "feasibility.json").read_text(encoding="utf-8"))
    return found


def require_valid(document: dict[str, object]) -> None:
    """The document obeys its published schema and those parts of results.json's that it names."""
    ours = Resource.from_contents(feasibility_schema())
    theirs = Resource.from_contents(results_schema())
    registry = Registry().with_resources([("feasibility.schema.json", ours), ("results.schema.json", theirs)])
    jsonschema.Draft202012Validator(feasibility_schema(), registry=registry).validate(document)


def test_it_writes_its_files_verifies_and_runs_again(done: Path) -> None:
    out = done / "out"
    assert {path.name for path in out.iterdir()} == FILES | {"private"}
    assert call("verify", out).code == 0
    again = call("rerun", out, "--quiet")
    count = len(json.loads((out / "manifest.json").read_text(encoding="utf-8"))["outputs"])
    assert (again.code, again.out) == (0, f"Run again: all {count} files have the same bytes.\n"), again.err
    document = document_of(out)
    require_valid(document)
    assert document["kind"] == json.loads((out / "manifest.json").read_text(encoding="utf-8"))["body"]["kind"] == "feasibility"
    changed = done / "changed"
    shutil.copytree(out, changed)
    (changed / "feasibility.json").write_text(json.dumps({**document, "manifest_sha256": "0" * 64}), encoding="utf-8")
    told = call("verify", changed)
    assert told.code == 1
    assert "feasibility.json: it belongs to another manifest" in told.out


def test_it_finds_the_people_and_the_match_of_the_run_it_foresees(done: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Same people, same comparison group, the comparison people's rate to the digit, and a smallest effect near the run's."""
    run = finished_run(tmp_path_factory)
    assert answer_of(run).code == 0
    results = json.loads((run / "out" / "results.json").read_text(encoding="utf-8"))["analyses"][0]
    found = document_of(done / "out")["analyses"][0]  # type: ignore[index]
    # What one of the two hides, since its other tables are others, is left to it.
    both = [(value, results["people"][name]) for name, value in found["people"].items()]
    shown = [pair for pair in both if not any(isinstance(value, dict) for value in pair)]
    assert len(shown) >= 4
    assert all(foreseen == seen for foreseen, seen in shown)
    rate = next(line for line in found["expectations"] if line["measure"] == "rate")
    outcome = next(line for line in results["outcomes"] if line["measure"] == "rate")
    assert rate["base"] == outcome["comparison_plain"]
    assert rate["expected_people"] == outcome["n_treated"]
    stated = {line["measure"]: line["stated_effect"] for line in found["expectations"]}
    assert (stated["rate"], stated["frequency"], stated["days_to_first"]) == (0.05, 0.2, {"suppressed": "[z]"})
    assert rate["smallest_effect"] == pytest.approx(outcome["smallest_effect"], rel=0.15)


def test_the_page_speaks_of_what_could_be_and_holds_no_result(done: Path) -> None:
    page = (done / "out" / "feasibility.html").read_text(encoding="utf-8")
    assert "No outcome of anybody in the programme was linked or read." in page
    assert "The criteria" in page
    assert 'data-table="expected"' in page
    for word in ("Estimates of impact", "associated with", "What you can say"):
        assert word not in page
    assert "<script" not in page


def treated_clocks(study: Path) -> dict[str, object]:
    """Person -> start of the clock, of everybody of the upload who has an event."""
    plan = read_study(study)
    with engine.session() as connection:
        central = open_central(connection, plan.inputs.central)
        submission = read_submission(plan.inputs.upload, today=plan.today, coverage=central.coverage)
        links = link(connection, submission, today=plan.today)
        cohort = build_cohort(connection, submission, links, cohort_settings(plan), plan.seed)
    events = cohort.events.filter(cohort.events["treated"])
    assert not pool_of(cohort).events["treated"].to_pylist().count(True)
    return dict(zip(events["person_id"].to_pylist(), events["clock_start"].to_pylist(), strict=True))


def spoil_outcomes(world: Path, target: Path, clocks: dict[str, object]) -> int:
    """A copy of the country in which every offence that treated people committed after their clock no longer counts, and those
    that did not count do; what a court made of them is changed too, and employment after it is gone."""
    shutil.copytree(world, target)
    path = target / "central" / "offence.parquet"
    offences = pq.read_table(path)
    rows = offences.to_pylist()
    moved = 0
    for row in rows:
        clock = clocks.get(row["person_id"])
        if clock is not None and row["offence_date"] > clock:
            row["recordable"] = not row["recordable"]
            row["mode_of_trial"] = "summary" if row["mode_of_trial"] != "summary" else "either_way"
            moved += 1
    pq.write_table(pa.Table.from_pylist(rows, schema=offences.schema), path)
    path = target / "central" / "employment.parquet"
    spells = pq.read_table(path)
    kept = [row for row in spells.to_pylist() if not (row["person_id"] in clocks and row["start"] > clocks[row["person_id"]])]
    assert len(kept) < spells.num_rows
    pq.write_table(pa.Table.from_pylist(kept, schema=spells.schema), path)
    return moved


def test_outcomes_of_those_who_took_part_change_nothing(
    done: Path, world: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every record of what treated people did after their clock is turned round: the run's result moves, the feasibility
    study does not, by a byte, but for the hashes of the records it was made from."""
    moved = spoil_outcomes(world, tmp_path / "world", treated_clocks(done / "study.toml"))
    assert moved > 50
    study = write_plan(tmp_path / "study.toml", tmp_path / "world")
    assert call("feasibility", study, "--out", tmp_path / "out", "--quiet").code == 0
    before, after = document_of(done / "out"), document_of(tmp_path / "out")
    assert before.pop("manifest_sha256") != after.pop("manifest_sha256")
    assert before == after
    ours, theirs = files_of(done / "out"), files_of(tmp_path / "out")
    same = {name for name in ours if ours[name] == theirs[name]}
    assert same >= {"attrition.csv", "balance.csv", "breakdown.csv", "private/links.csv", "private/doubtful.csv"}
    footer = [line for line in ours["feasibility.html"].splitlines() if line not in theirs["feasibility.html"].splitlines()]
    assert len(footer) == 1
    assert b"manifest" in footer[0]
    run = write_study(tmp_path / "run.toml", tmp_path / "world")
    call("run", run, "--out", tmp_path / "run", "--quiet")
    rates = [
        json.loads((folder / "results.json").read_text(encoding="utf-8"))["analyses"][0]["outcomes"][0]["treated"]
        for folder in (finished_run(tmp_path_factory) / "out", tmp_path / "run")
    ]
    assert rates[0] != rates[1], "what was turned round is what a run reads"


def test_no_outcome_query_is_ever_given_a_treated_event(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from within: what the outcome queries are asked of holds nobody who took part, and the matched table no outcome."""
    asked: list[pa.Table] = []
    from datalab.features import build

    real = build.read_outcomes

    def spy(connection: object, measures: object, events: pa.Table, **more: object) -> object:
        asked.append(events)
        return real(connection, measures, events, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "read_outcomes", spy)
    findings, _ = find_feasibility(read_study(done / "study.toml"), Silent())
    assert len(asked) == 1
    assert not any(asked[0]["treated"].to_pylist())
    assert asked[0].num_rows > 100
    assert findings.deaths is None
    assert findings.analyses[0].outcomes == ()


def test_too_few_people_is_an_answer_with_exit_code_1(world: Path, tmp_path: Path) -> None:
    """40 rows: a run refuses them, a feasibility study counts them, says cannot, and shows no number of a few."""
    upload = write_upload(tmp_path / "u.csv", upload_rows(world)[:41])
    study = write_study(tmp_path / "study.toml", world, upload=upload)
    assert call("run", study, "--out", tmp_path / "run").code == 1
    answer = call("feasibility", study, "--out", tmp_path / "out", "--json")
    assert answer.code == 1
    assert answer.document["answer"] == "cannot"
    document = document_of(tmp_path / "out")
    require_valid(document)
    standings = {line["name"]: line["standing"] for line in document["analyses"][0]["criteria"]}  # type: ignore[index]
    assert standings["people"] == "not_met"
    assert "Send in more people" in (tmp_path / "out" / "feasibility.html").read_text(encoding="utf-8")


def test_faults_of_the_file_are_refused_like_a_runs(world: Path, tmp_path: Path) -> None:
    rows = upload_rows(world)
    place = rows[0].index("surname")
    rows = [[*row[:place], *row[place + 1 :]] for row in rows]
    study = write_study(tmp_path / "study.toml", world, upload=write_upload(tmp_path / "u.csv", rows))
    answer = call("feasibility", study, "--out", tmp_path / "out")
    assert answer.code == 1
    assert "surname" in answer.err
    assert not (tmp_path / "out").exists()


def test_the_strict_profile_rounds_every_count_to_five(done: Path, tmp_path: Path) -> None:
    answer = call("feasibility", done / "study.toml", "--out", tmp_path / "out", "--profile", "strict", "--quiet")
    assert answer.code == 0, answer.err
    document = document_of(tmp_path / "out")
    require_valid(document)
    analysis = document["analyses"][0]  # type: ignore[index]
    counts = [analysis["people"]["matched"], *(line["expected_people"] for line in analysis["expectations"])]
    assert all(count % 5 == 0 for count in counts if not isinstance(count, dict))
