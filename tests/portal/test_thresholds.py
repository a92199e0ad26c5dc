"""Thresholds in force: tightened by one steward, loosened by two, never below the engine's own file; a run gets them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.portal.lab import Lab, load_records

from datalab.disclosure import load_thresholds
from portal.config.refusals import Refused
from portal.ops.models import ThresholdSet
from portal.ops.thresholds import NAMES, current_set, decide_thresholds, propose_thresholds, text_in_force
from portal.runs import engine
from portal.runs.actions import queue_run

OWN = {name: getattr(load_thresholds(), name) for name in NAMES}


def propose(lab: Lab, who: str = "steward", **changed: float) -> ThresholdSet:
    return propose_thresholds(by=lab.person(who), values={**OWN, **changed}, why="The board wants it.")


def test_one_person_tightens_at_once(lab: Lab) -> None:
    assert text_in_force() == ""
    made = propose(lab, cell_minimum=15)
    assert (made.loosens, made.is_current, made.accepted) == (False, True, True)
    assert load_thresholds(text_in_force()) == dataclasses.replace(load_thresholds(), version=made.version, cell_minimum=15)
    again = propose(lab, cell_minimum=20)
    assert current_set() == again
    assert ThresholdSet.objects.filter(is_current=True).count() == 1


@pytest.mark.parametrize("changed", [{}, {"cell_minimum": 12}, {"cell_minimum": 30, "width": 6, "dominance_maximum": 0.95}])
def test_to_loosen_a_tightening_another_agrees(lab: Lab, changed: dict[str, float]) -> None:
    first = propose(lab, cell_minimum=20, width=8, dominance_maximum=0.5)
    changed = {"dominance_maximum": 0.6} | {
        name: min(value, 0.9) if name == "dominance_maximum" else value for name, value in changed.items()
    }
    made = propose(lab, **changed)
    assert (made.loosens, made.is_current, current_set()) == (True, False, first)
    with pytest.raises(Refused):
        decide_thresholds(by=lab.person("steward"), proposed=made, accept=True)
    decide_thresholds(by=lab.person("steward2"), proposed=made, accept=True)
    assert current_set() == made
    with pytest.raises(Refused):
        decide_thresholds(by=lab.person("steward2"), proposed=made, accept=False)


def test_what_nobody_agrees_to_is_not_in_force(lab: Lab) -> None:
    first = propose(lab, cell_minimum=20)
    decide_thresholds(by=lab.person("steward2"), proposed=propose(lab), accept=False)
    assert current_set() == first


@pytest.mark.parametrize(
    "changed", [{"cell_minimum": 9}, {"dominance_maximum": 0.91}, {"width": 5.5}, {"treated_minimum": float("inf")}]
)
def test_nothing_goes_below_the_engines_own(lab: Lab, changed: dict[str, float]) -> None:
    with pytest.raises(Refused, match=next(iter(changed))):
        propose(lab, **changed)
    assert not ThresholdSet.objects.exists()


def test_who_may_not(lab: Lab) -> None:
    made = propose(lab, cell_minimum=20)
    for who in ("analyst", "reviewer1", "provider"):
        with pytest.raises(Refused):
            propose(lab, who, cell_minimum=30)
        with pytest.raises(Refused):
            decide_thresholds(by=lab.person(who), proposed=made, accept=True)
    with pytest.raises(Refused):
        propose_thresholds(by=lab.person("steward"), values={**OWN, "width": 9}, why=" ")
    with pytest.raises(Refused):
        propose(lab, cell_minimum=20)


def test_the_database_refuses_a_loosening_by_one_person(lab: Lab) -> None:
    propose(lab, cell_minimum=20)
    made = propose(lab)
    rows = ThresholdSet.objects.filter(id=made.id)
    for change in (
        {"decided_by": made.proposed_by, "accepted": True},
        {"is_current": True},
        {"is_current": True, "accepted": True, "decided_by": lab.person("steward2")},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_a_run_gets_what_is_in_force(lab: Lab, home: Path) -> None:
    load = load_records(lab)
    load.path.mkdir()
    first = queue_run(by=lab.person("analyst"), request=lab.planned())
    with engine.laid_out(first, load) as folder:
        assert not (folder / "thresholds.toml").exists()
    made = propose(lab, cell_minimum=25)
    with engine.laid_out(first, load) as folder:
        assert load_thresholds((folder / "thresholds.toml").read_text(encoding="utf-8")).version == made.version
        assert 'thresholds = "thresholds.toml"' in (folder / "study.toml").read_text(encoding="utf-8")


def test_the_pages(lab: Lab, sign_in: Any) -> None:
    steward, other = sign_in("steward"), sign_in("steward2")
    page = steward.get("/lab/thresholds").content.decode()
    assert "Any count of people" in page
    answer = steward.post("/lab/thresholds", {**OWN, "cell_minimum": 5, "why": "x"})
    assert "must be a whole number of at least 10" in answer.content.decode()
    assert steward.post("/lab/thresholds", {**OWN, "cell_minimum": 18, "why": "Tighter."}).status_code == 302
    assert "tightened" in steward.get("/lab/thresholds").content.decode()
    assert steward.post("/lab/thresholds", {**OWN, "why": "Back."}).status_code == 302
    waiting = ThresholdSet.objects.get(decided_at=None)
    address = f"/lab/thresholds/{waiting.public_id}"
    assert steward.post(address, {"answer": "accept"}).status_code == 403
    assert "another data steward has to agree" in other.get("/lab/thresholds").content.decode()
    assert other.post(address, {"answer": "accept"}).status_code == 302
    assert current_set() == waiting
