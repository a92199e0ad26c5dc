"""A lab's own thresholds: a file that is tighter is in force and on record, one that is looser stops the run before it begins."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib import resources
from pathlib import Path

import pytest
from tests.findings_factory import make_findings
from tests.world_fixture import world_folder

from datalab.chain import run_study
from datalab.disclosure import as_stored, control, load_thresholds
from datalab.disclosure.readers import read_thresholds
from datalab.disclosure.thresholds import Thresholds, is_tighter
from datalab.errors import UsageError
from datalab.manifest import read_manifest
from datalab.store import sha256_file

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


def study_in(folder: Path, country: Path, thresholds: str) -> Path:
    (folder / "thresholds.toml").write_text(thresholds, encoding="utf-8")
    found = (country / "studies" / "thames-workshop.toml").read_text(encoding="utf-8")
    found = found.replace('"../', f'"{country}/').replace("[inputs]", '[inputs]\nthresholds = "thresholds.toml"')
    (folder / "study.toml").write_text(found, encoding="utf-8")
    return folder / "study.toml"


def test_a_run_is_under_them_and_its_manifest_says_which(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    country = world_folder(tmp_path_factory)
    with pytest.raises(UsageError):
        run_study(study_in(tmp_path, country, text(cell_minimum=3)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    study = study_in(tmp_path, country, text(version="lab-1", treated_minimum=100_000))
    made = run_study(study, tmp_path / "out")
    assert all(not analysis.outcomes for analysis in made.releasable.release.analyses)
    body = read_manifest(tmp_path / "out")["body"]
    assert body["versions"]["thresholds"] == "lab-1"
    noted = {item["role"]: item["sha256"] for item in body["inputs"]}
    assert noted["thresholds"] == sha256_file(tmp_path / "thresholds.toml")
