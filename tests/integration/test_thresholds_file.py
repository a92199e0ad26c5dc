"""A run under a lab's own thresholds: in force and on record; one looser value stops it before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import write_study
from tests.unit.test_disclosure_thresholds import text
from tests.world_fixture import world_folder

from datalab.chain import run_study
from datalab.errors import UsageError
from datalab.manifest import read_manifest
from datalab.store import sha256_file


def study_in(folder: Path, country: Path, thresholds: str) -> Path:
    (folder / "thresholds.toml").write_text(thresholds, encoding="utf-8")
    return write_study(folder / "study.toml", country, thresholds='"thresholds.toml"')


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
