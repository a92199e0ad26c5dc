"""`index train`: a new dated file and its page, identifiers kept by hand, and a run that uses the model."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import call, write_study
from tests.linkage_country import central, make_country
from tests.world_fixture import world_folder

from datalab.linkage import load_model, read_model
from datalab.linkage.index import lay_upload, prepare_index
from datalab.linkage.model import packaged_model
from datalab.linkage.training import Training, train

OLD = load_model()
TODAY = dt.date(2026, 12, 1)


@pytest.fixture(autouse=True)
def few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalab.linkage.training.CHANCE_PAIRS", 200_000)
    monkeypatch.setattr("datalab.training.LEAST_ROWS", 300)


def trained(seed: int) -> Training:
    country = make_country(2_000, 600, 3)
    with central(country.identities) as connection:
        prepare_index(connection, OLD)
        lay_upload(connection, country.upload.people, OLD)
        return train(connection, packaged_model(), "model_new", TODAY, seed)


def test_training_moves_what_it_sees_and_keeps_the_rest() -> None:
    training = trained(1)
    found = {(change.comparison, change.level): change for change in training.changes}
    for name in ("pnc_id", "prison_number"):
        assert all(change.how == "kept" for (comparison, _), change in found.items() if comparison == name)
    assert all(change.how == "kept" for (_, level), change in found.items() if level == "alias")
    # The noise of that country: postcode moved 20 %, date of birth wrong 3 %, 8 women in 100.
    assert found["postcode", "full"].m[1] == pytest.approx(0.80, abs=0.05)
    assert found["date_of_birth", "exact"].m[1] == pytest.approx(0.95, abs=0.03)
    assert found["sex", "exact"].u[1] == pytest.approx(0.82**2 + 0.18**2, abs=0.03)
    for comparison in read(training).comparisons:
        assert sum(level.m for level in comparison.levels) == pytest.approx(1.0, abs=0.01)
        assert sum(level.u for level in comparison.levels) == pytest.approx(1.0, abs=0.01)
    assert trained(1) == training


def read(training: Training) -> Any:
    from datalab.linkage.model import make_model

    return make_model(training.model)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world_folder(tmp_path_factory)


def test_the_command_writes_a_new_dated_model_and_never_overwrites(tmp_path: Path, world: Path) -> None:
    uploads = [part for path in sorted((world / "uploads").glob("*.csv")) for part in ("--upload", path)]
    asked = ["index", "train", "--central", world / "central", *uploads, "--out", tmp_path, "--date-order", "dmy"]
    (tmp_path / "model_2026_12_01.json").write_text("precious", encoding="utf-8")
    answer = call(*asked, "--today", TODAY, "--json")
    assert answer.code == 0, answer.err
    assert answer.document["version"] == "model_2026_12_01_2"
    assert (tmp_path / "model_2026_12_01.json").read_text(encoding="utf-8") == "precious"
    made = read_model(tmp_path / "model_2026_12_01_2.json")
    raw = json.loads((tmp_path / "model_2026_12_01_2.json").read_text(encoding="utf-8"))
    assert raw["trained"]["from"] == OLD.version
    assert raw["trained"]["seed"] == 1
    assert (made.accept, made.review, made.blocking) == (OLD.accept, OLD.review, OLD.blocking)
    page = (tmp_path / "model_2026_12_01_2.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert len(re.findall(r"kept by hand", page)) >= 6
    assert "model_2026_12_01_2" in page
    # What it is made for: an upload is linked with it.
    study = write_study(tmp_path / "study.toml", world, linkage_model=json.dumps(str(tmp_path / "model_2026_12_01_2.json")))
    linked = call("feasibility", study, "--out", tmp_path / "feasibility", "--json")
    assert linked.code == 0, linked.err
    manifest = json.loads((tmp_path / "feasibility" / "manifest.json").read_text(encoding="utf-8"))
    assert "model_2026_12_01_2" in json.dumps(manifest)


def test_few_rows_are_refused(tmp_path: Path, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalab.training.LEAST_ROWS", 100_000)
    asked = ["index", "train", "--central", world / "central", "--upload", world / "uploads" / "thames-workshop.csv"]
    answer = call(*asked, "--out", tmp_path / "models", "--date-order", "dmy")
    assert answer.code == 2
    assert "at least 100000 usable rows" in answer.err
    assert not (tmp_path / "models").exists()


def test_an_upload_is_not_taken_twice_in_whatever_format(tmp_path: Path, world: Path) -> None:
    named = [part for kind in ("csv", "xlsx") for part in ("--upload", world / "uploads" / f"thames-workshop.{kind}")]
    answer = call("index", "train", "--central", world / "central", *named, "--out", tmp_path / "models", "--date-order", "dmy")
    assert answer.code == 2
    assert "would count twice" in answer.err
    assert not (tmp_path / "models").exists()
