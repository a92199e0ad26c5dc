"""`world make` and `world describe` say what a small country is good for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.command_line import call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A country of a thousand people, by the command."""
    folder = tmp_path_factory.mktemp("small") / "country"
    answer = call("world", "make", "--people", "1000", "--out", folder)
    assert answer.code == 0, answer.err
    assert "too small to be analysed" in answer.out + answer.err
    return folder


def test_a_small_country_is_described_with_a_caution(folder: Path) -> None:
    answer = call("world", "describe", folder)
    assert answer.code == 0, answer.err
    assert "points away on average" in answer.out
    assert "With 1,000 people" in answer.out


def test_a_program_gets_rows_alone(folder: Path) -> None:
    answer = call("world", "describe", folder, "--json")
    assert answer.code == 0, answer.err
    rows = json.loads(answer.out)
    assert {"published", "ours", "difference"} <= set(rows[0])


def test_too_little_memory_is_said(folder: Path) -> None:
    answer = call("world", "describe", folder, "--memory", "1MB")
    assert answer.code == 2
    assert "Allow more with --memory" in answer.err
