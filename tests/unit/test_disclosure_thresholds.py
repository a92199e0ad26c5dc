"""A lab's own thresholds: what is tighter passes the last gate and is told, what is looser or no number is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib import resources
from pathlib import Path

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import as_stored, control, load_thresholds
from datalab.disclosure.readers import read_thresholds
from datalab.disclosure.thresholds import Thresholds, is_tighter, thresholds_text
from datalab.errors import UsageError

OWN = load_thresholds()
NAMES = [item.name for item in fields(Thresholds) if item.name != "version"]


def text(**changed: object) -> str:
    """The package's file with some values changed."""
    found = resources.files("datalab.disclosure").joinpath("thresholds.toml").read_text(encoding="utf-8")
    lines = []
    for line in found.splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name} = {changed[name]!r}".replace("'", '"') if name in changed else line)
    return "\n".join(lines)


def tightened(name: str) -> float:
    value = getattr(OWN, name)
    return 0.5 if name == "dominance_maximum" else value * 2


@pytest.mark.parametrize("name", NAMES)
def test_what_is_tighter_passes_the_last_gate_and_the_report_is_told(name: str) -> None:
    limits = replace(OWN, version="mine", **{name: tightened(name)})
    assert is_tighter(limits, OWN)
    assert not is_tighter(OWN, limits)
    for profile in ("default", "strict"):
        made = as_stored(control(make_findings(matched=200), profile, limits))
        assert any("Stricter limits" in warning for warning in made.release.warnings)


def test_neither_the_same_nor_a_mixture_is_tighter() -> None:
    assert not is_tighter(OWN, replace(OWN, version="another"))
    assert not is_tighter(replace(OWN, cell_minimum=20, width=4), OWN)
    assert not any("Stricter" in warning for warning in control(make_findings()).release.warnings)


@pytest.mark.parametrize(
    "changed",
    [
        {"cell_minimum": 9}, {"cell_minimum": 10.5}, {"treated_minimum": float("inf")}, {"dominance_maximum": 0.95},
        {"dominance_maximum": -1.0}, {"width": True}, {"interval_grid": 0.01}, {"interval_grid": "wide"},
    ],
)  # fmt: skip
def test_what_is_looser_or_no_number_is_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    path = tmp_path / "thresholds.toml"
    path.write_text(text(**changed).replace("= True", "= true"), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_thresholds(path)
    assert next(iter(changed)) in "\n".join(refused.value.faults)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_thresholds(tmp_path / "none.toml")
    assert read_thresholds(None) == OWN


def test_thresholds_written_as_a_file_are_read_back(tmp_path: Path) -> None:
    limits = replace(OWN, version="mine", cell_minimum=12)
    (tmp_path / "thresholds.toml").write_text(thresholds_text(limits), encoding="utf-8")
    assert read_thresholds(tmp_path / "thresholds.toml") == limits
