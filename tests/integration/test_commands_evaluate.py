"""`datalab evaluate` as a stranger uses it: good tables, bad tables, exit codes, no traceback, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import datalab as dl
from datalab.errors import InputError, UsageError

COMMAND = [sys.executable, "-m", "datalab.cli", "evaluate"]


def people(rows: int = 4000, seed: int = 1) -> pd.DataFrame:
    """Made-up people: age, work and area decide who takes part and who comes back; true effect about -10 points."""
    rng = np.random.default_rng(seed)
    age, works = rng.normal(35, 9, rows), rng.integers(0, 2, rows)
    area = rng.choice(["north", "south", "west"], rows)
    part = rng.random(rows) < 0.08 * np.exp(0.02 * (age - 35) + 0.4 * works)
    risk = 1 / (1 + np.exp(0.3 + 0.03 * (age - 35) + 0.4 * works - 0.2 * (area == "north") + 0.5 * part))
    return pd.DataFrame(
        {"part": part.astype(int), "age": age, "works": works, "area": area, "back": (rng.random(rows) < risk).astype(int)}
    )


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run([*COMMAND, *arguments], check=False, capture_output=True, text=True, timeout=120, env=environment)


def assert_refused(found: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert found.returncode == code, found.stderr
    assert "Traceback" not in found.stderr
    for word in words:
        assert word in found.stderr


def test_a_good_table_gives_a_whole_folder_that_verifies_and_reruns(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "people.csv", index=False)
    out = tmp_path / "out"
    found = call(str(tmp_path / "people.csv"), "--treatment", "part", "--outcome", "back:binary", "--out", str(out), "--json")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert answer["status"] == "own_data"
    assert {row["estimator"] for row in answer["estimates"]} == {"default", "classic", "unadjusted"}
    names = {path.name for path in out.iterdir()}
    assert {"report.html", "annex.xlsx", "annex.ods", "results.json", "balance.csv", "manifest.json"} <= names
    assert dl.verify_folder(out).ok
    assert dl.rerun(out).ok


@pytest.mark.parametrize("status", ["balance_failed", "too_few"])
def test_a_refused_match_says_why_in_json_too(tmp_path: Path, status: str) -> None:
    frame = people()
    if status == "too_few":
        frame["part"] = (frame.index < 12).astype(int)
    else:
        frame["age"] += 30 * frame["part"] * (frame.index % 3 > 0)
    frame.to_csv(tmp_path / "people.csv", index=False)
    arguments = ("--treatment", "part", "--outcome", "back:binary", "--out", str(tmp_path / "out"), "--json", "--no-sensitivity")
    found = call(str(tmp_path / "people.csv"), *arguments)
    assert found.returncode == 1, found.stderr
    answer = json.loads(found.stdout)
    assert (answer["analysis"], answer["verdict"], answer["estimates"]) == (status, "withheld", [])
    assert answer["reasons"]
    assert all(reason.endswith(".") for reason in answer["reasons"])


def test_results_obey_their_published_schema(tmp_path: Path) -> None:
    dl.evaluate(people(), treatment="part", outcomes="back:binary").write(tmp_path / "out")
    schema = json.loads((Path(dl.__file__).parent / "report" / "results.schema.json").read_text())
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(results)) == []


def test_the_answer_is_near_the_truth_and_the_naive_one_is_not_better() -> None:
    found = dl.evaluate(people(20_000), treatment="part", outcomes="back:binary").outcome("back")
    assert found.effect is not None
    assert found.effect.low < -0.11 < found.effect.high
    assert found.verdict == "lower"
    assert found.comparison == pytest.approx(found.treated - found.effect.estimate)


def test_frames_of_several_kinds_give_the_same_answer(tmp_path: Path) -> None:
    import pyarrow as pa

    frame = people()
    frame.to_parquet(tmp_path / "p.parquet")
    answers = [
        dl.evaluate(table, treatment="part", outcomes="back:binary").outcome("back").effect
        for table in (frame, pa.Table.from_pandas(frame), tmp_path / "p.parquet")
    ]
    assert answers[0] == answers[1] == answers[2]


def test_row_order_changes_nothing() -> None:
    frame = people()
    first = dl.evaluate(frame, treatment="part", outcomes="back:binary").outcome("back").effect
    shuffled = frame.sample(frac=1, random_state=3)
    second = dl.evaluate(shuffled, treatment="part", outcomes="back:binary").outcome("back").effect
    assert first is not None
    assert second is not None
    assert (first.estimate, first.low, first.p) == pytest.approx((second.estimate, second.low, second.p), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", ["is empty"]),
        ("header.csv", b"part,age,back\n", ["no rows"]),
        ("bytes.parquet", bytes(range(256)) * 8, ["could not be read"]),
        ("ragged.csv", b"part,age,back\n1,2\n1,2,3,4\n", ["could not be read"]),
        ("table.xls", b"x", ["must end in"]),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, name: str, content: bytes, words: list[str]) -> None:
    (tmp_path / name).write_bytes(content)
    found = call(str(tmp_path / name), "--treatment", "part", "--outcome", "back:binary", "--out", str(tmp_path / "out"))
    assert_refused(found, 1, *words)
    assert not (tmp_path / "out").exists()


def test_wrong_columns_are_all_named_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        dl.evaluate(people(), treatment="prt", outcomes=["bak:binary"], covariates=["age", "wroks"])
    assert len(caught.value.faults) == 3
    assert any("Did you mean part?" in fault for fault in caught.value.faults)


def test_treatment_with_one_value() -> None:
    with pytest.raises(InputError) as caught:
        dl.evaluate(people().assign(part=1), treatment="part", outcomes="back:binary")
    assert "both 0 and 1" in caught.value.faults[0]


def test_missing_outcomes_are_counted_not_shown() -> None:
    frame = people().astype({"back": float})
    frame.loc[:2, "back"] = np.nan
    with pytest.raises(InputError) as caught:
        dl.evaluate(frame, treatment="part", outcomes="back:binary")
    assert caught.value.faults == ("back is missing in 3 rows. Fill them in or remove the rows.",)


def test_constant_covariates_are_left_out_and_named() -> None:
    found = dl.evaluate(people().assign(same=7, none="x"), treatment="part", outcomes="back:binary")
    assert any("same" in warning for warning in found.analysis.warnings)
    assert any("none" in warning for warning in found.analysis.warnings)
    with pytest.raises(InputError):
        dl.evaluate(people().assign(same=7), treatment="part", outcomes="back:binary", covariates=["same"])


def test_perfect_separation_is_finite_and_refused_by_the_gate(tmp_path: Path) -> None:
    frame = people()
    frame["giveaway"] = frame["part"] * 10.0 + np.random.default_rng(0).normal(size=len(frame))
    frame.to_csv(tmp_path / "s.csv", index=False)
    found = call(str(tmp_path / "s.csv"), "--treatment", "part", "--outcome", "back:binary", "--out", str(tmp_path / "out"))
    assert found.returncode == 1
    assert "Traceback" not in found.stderr


def test_unbalanced_tables_are_refused_with_a_report_and_research_shows_them_marked(tmp_path: Path) -> None:
    frame = people(1500)
    # The treated are much older than all but a few: no comparison group can be like them.
    frame["age"] = frame["age"] + 25 * frame["part"]
    refused = dl.evaluate(frame, treatment="part", outcomes="back:binary")
    assert not refused.balanced
    assert refused.analysis.outcomes == ()
    shown = dl.evaluate(frame, treatment="part", outcomes="back:binary", research=True)
    assert [result.verdict for result in shown.analysis.outcomes] == ["withheld"]
    assert shown.releasable.release.status == "balance_failed"
    output = shown.write(tmp_path / "out")
    assert "not evidence" in (output.folder / "report.html").read_text()


def test_columns_taken_by_default_are_named() -> None:
    found = dl.evaluate(people(), treatment="part", outcomes="back:binary")
    assert "age, works, area" in found.analysis.warnings[0]
    assert "note: No covariates were named" in found.summary()
    named = dl.evaluate(people(), treatment="part", outcomes="back:binary", covariates=["age", "works", "area"])
    assert not named.analysis.warnings


def test_outcomes_that_can_tell_nothing_are_refused() -> None:
    frame = people().assign(never=0, huge=np.arange(4000) * 1e300)
    for outcome, words in (("part:binary", "is the treatment"), ("never:binary", "same in every row"), ("huge:number", "beyond")):
        with pytest.raises(InputError) as caught:
            dl.evaluate(frame, treatment="part", outcomes=outcome, covariates=["age"])
        assert words in caught.value.faults[0]


def test_semicolons_and_other_encodings(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "semi.csv", index=False, sep=";")
    comma = dl.evaluate(people(), treatment="part", outcomes="back:binary").outcome("back").effect
    assert dl.evaluate(tmp_path / "semi.csv", treatment="part", outcomes="back:binary").outcome("back").effect == comma
    latin = people().assign(area="M\u00e4nn").to_csv(index=False).encode("latin-1")
    (tmp_path / "latin.csv").write_bytes(latin)
    with pytest.raises(InputError) as caught:
        dl.evaluate(tmp_path / "latin.csv", treatment="part", outcomes="back:binary", covariates=["age", "area"])
    assert "UTF-8" in caught.value.faults[0]


def test_a_parent_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "p.csv", index=False)
    found = call(
        str(tmp_path / "p.csv"), "--treatment", "part", "--outcome", "back:binary", "--out", str(tmp_path / "p.csv" / "x")
    )
    assert_refused(found, 2, "is a file")


def test_wrong_calls_are_usage_errors(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "p.csv", index=False)
    table = str(tmp_path / "p.csv")
    assert_refused(call(table, "--treatment", "part", "--outcome", "back:binry", "--out", str(tmp_path / "o")), 2, "COLUMN:KIND")
    assert_refused(call(table, "--treatment", "part", "--outcome", "age:time:back", "--out", str(tmp_path / "o")), 2, "--horizon")
    assert call(table, "--out", str(tmp_path / "o")).returncode == 2
    with pytest.raises(UsageError, match="caliper"):
        dl.evaluate(people(), treatment="part", outcomes="back:binary", caliper_sd_logit=0)


def test_a_folder_in_the_way_is_kept(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "p.csv", index=False)
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "mine.txt").write_text("keep")
    arguments = (str(tmp_path / "p.csv"), "--treatment", "part", "--outcome", "back:binary", "--out", str(tmp_path / "o"))
    assert_refused(call(*arguments), 2, "already holds files")
    assert_refused(call(*arguments, "--overwrite"), 2, "did not make")
    assert (tmp_path / "o" / "mine.txt").read_text() == "keep"
