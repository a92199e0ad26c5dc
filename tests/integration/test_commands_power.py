"""`datalab power` as a stranger uses it: words, one JSON document, a picture, a page, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import call

import datalab as dl


def test_a_number_of_people_is_all_it_needs() -> None:
    answer = call("power", "--participants", 120)
    assert answer.code == 0, answer.err
    assert "Of 120 people sent in, about 44 are likely to be analysed (between 24 and 68" in answer.out
    assert "17.7 percentage points" in answer.out
    assert "749 people must be analysed: about 2,025 sent in" in answer.out
    assert "10,000" in answer.out
    assert answer.err == ""


def test_json_is_one_document_with_the_same_numbers_as_python() -> None:
    answer = call("power", "--participants", 500, "--base-rate", 0.4, "--effect", 0.06, "--kept", 0.5, "--json")
    found = dl.power(500, base_rate=0.4, effect=0.06, kept=0.5)
    assert answer.code == 0
    assert answer.document == {**found.to_dict(), "files": []}
    assert answer.document["settings"]["base_rate"] == 0.4


def test_an_effect_out_of_reach_says_so_in_json_without_a_number() -> None:
    need = call("power", "--participants", 500, "--effect", 0.001, "--json").document["need"]
    assert need == {"effect": 0.001, "possible": False, "analysed": None, "participants": None}


@pytest.mark.parametrize("outcome", ["rate", "frequency", "days_to_first", "employed_any", "days_employed"])
def test_every_outcome_gives_picture_and_page(outcome: str, tmp_path: Path) -> None:
    chart, page = tmp_path / "curve.svg", tmp_path / "answer.html"
    answer = call("power", "--participants", 300, "--outcome", outcome, "--chart", chart, "--out", page)
    assert answer.code == 0, answer.err
    assert chart.read_text(encoding="utf-8").startswith("<svg xmlns=")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "</html>" in text
    assert f"Written: {page}" in answer.out.replace("\n", "")


def test_faults_come_all_at_once_with_exit_code_2(tmp_path: Path) -> None:
    answer = call("power", "--participants", 0, "--base-rate", 31)
    assert answer.code == 2
    assert "2 things need putting right." in answer.err
    assert "participants must be" in answer.err
    assert "Write 31 % as 0.31." in answer.err
    kept = tmp_path / "answer.html"
    kept.write_text("mine", encoding="utf-8")
    assert call("power", "--participants", 100, "--out", kept).code == 2
    assert kept.read_text(encoding="utf-8") == "mine"
    assert call("power", "--participants", 100, "--out", kept, "--overwrite").code == 0
    assert call("power", "--participants", 100, "--chart", tmp_path / "curve.pdf").code == 2
    wrong = call("power", "--participants", 100, "--out", tmp_path / "answer.txt")
    assert (wrong.code, (tmp_path / "answer.txt").exists()) == (2, False)
    assert "that ends in .html" in wrong.err
