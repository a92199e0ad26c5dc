"""Clerical review: the sheet out, the answers back, every fault named by its line and never with a value."""

from __future__ import annotations

import csv
import datetime as dt
import stat
from pathlib import Path

import pytest
from tests.command_line import call

from datalab.errors import DataLabError, InputError
from datalab.linkage import read_decisions
from datalab.reviewing import decide_links, review_links

DAY = dt.date(2026, 12, 1)
PAIRS = [("2", "p1", "=SMITH"), ("2", "p2", "SMYTH"), ("5", "p3", "JONES")]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    (folder / "private").mkdir(parents=True)
    with (folder / "private" / "doubtful.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row", "person_id", "rule", "submitted_surname"])
        writer.writerows([row, person, "tie", f"'{name}" if name.startswith("=") else name] for row, person, name in PAIRS)
    return folder


def fill(sheet: Path, answers: list[str]) -> list[list[str]]:
    with sheet.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    for line, answer in zip(lines[1:], answers, strict=True):
        line[0] = answer
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    return lines


def test_a_sheet_goes_out_and_comes_back_as_decisions(run: Path, tmp_path: Path) -> None:
    sheet, decisions = tmp_path / "lab" / "review.csv", tmp_path / "lab" / "decisions.csv"
    assert review_links(run, sheet).pairs == 3
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    lines = fill(sheet, ["Accept", "r", ""])
    assert lines[0] == ["decision", "row", "person_id", "rule", "submitted_surname"]
    assert lines[1][4] == "'=SMITH", "a formula is no formula in a spreadsheet"
    made = decide_links(run, sheet, decisions, by=" J. D. ", when=DAY)
    assert (made.pairs, made.decided) == (3, 2)
    assert stat.S_IMODE(decisions.stat().st_mode) == 0o600
    found = read_decisions(decisions).decisions
    assert [(d.row, d.person_id, d.decision, d.by, d.when) for d in found] == [
        (2, "p1", "accept", "J. D.", DAY),
        (2, "p2", "reject", "J. D.", DAY),
    ]


def test_later_decisions_are_added_and_none_is_changed_in_silence(run: Path, tmp_path: Path) -> None:
    sheet, first, both = (tmp_path / name for name in ("review.csv", "first.csv", "both.csv"))
    review_links(run, sheet)
    fill(sheet, ["accept", "", ""])
    decide_links(run, sheet, first, by="JD", when=DAY)
    fill(sheet, ["", "", "reject"])
    assert decide_links(run, sheet, both, by="KL", when=DAY, earlier=first).decided == 2
    assert [d.by for d in read_decisions(both).decisions] == ["JD", "KL"]
    for answers in (["reject", "", ""], ["", "accept", ""]):
        fill(sheet, answers)
        with pytest.raises(InputError) as told:
            decide_links(run, sheet, tmp_path / "no.csv", by="KL", when=DAY, earlier=first)
        assert "earlier file" in told.value.faults[0]
        assert not (tmp_path / "no.csv").exists()


@pytest.mark.parametrize(
    ("answers", "words"),
    [(["accept", "accept", ""], "Line 3: line 2 accepts another person"), (["perhaps", "", ""], "Line 2: decision must be")],
)
def test_answers_that_cannot_be_are_refused(answers: list[str], words: str, run: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "review.csv"
    review_links(run, sheet)
    fill(sheet, answers)
    with pytest.raises(InputError) as told:
        decide_links(run, sheet, tmp_path / "no.csv", by="JD", when=DAY)
    assert words in told.value.faults[0]
    assert "SMITH" not in str(told.value)


def test_a_pair_of_another_run_and_a_pair_twice_are_refused(run: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "review.csv"
    sheet.write_text("decision,row,person_id\naccept,9,p1\nreject,2,p1\nreject,2,p1\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        decide_links(run, sheet, tmp_path / "no.csv", by="JD", when=DAY)
    assert [fault[:7] for fault in told.value.faults] == ["Line 2:", "Line 4:"]


@pytest.mark.parametrize("content", [b"", b"row,person_id\n1,p\n", b"\xff\xfe", b"decision,row,person_id\na\n"])
def test_what_is_no_sheet_is_refused(content: bytes, run: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "review.csv"
    sheet.write_bytes(content)
    with pytest.raises(DataLabError, match="must be a CSV"):
        decide_links(run, sheet, tmp_path / "no.csv", by="JD", when=DAY)


def test_the_commands_say_what_they_did(run: Path, tmp_path: Path) -> None:
    sheet, decisions = tmp_path / "review.csv", tmp_path / "decisions.csv"
    answer = call("links", "review", run, "--out", sheet)
    assert "3 doubtful pairs" in answer.out
    assert call("links", "review", run, "--out", sheet).code == 2, "nothing is replaced unasked"
    fill(sheet, ["reject", "", ""])
    asked = ("links", "decide", run, sheet, "--out", decisions, "--today", DAY)
    assert call(*asked, "--by", " ").code == 2
    assert "1 decision is in" in call(*asked, "--by", "JD").out
    assert call("links", "review", tmp_path, "--out", tmp_path / "x.csv").code == 1
