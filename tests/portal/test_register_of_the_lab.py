"""The lab's own register: what is cleared is compared once more and adopted before anything of it leaves the lab."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.lab import WORKER, Lab, fresh, load_records
from tests.register_tables import ids, of

from datalab.disclosure import load_thresholds
from datalab.register import open_register
from portal.config.refusals import Refused
from portal.ops.thresholds import NAMES, propose_thresholds
from portal.requests import actions
from portal.requests.models import Request
from portal.requests.states import State
from portal.runs import register, worker
from portal.runs.actions import adopt_again, fail, take
from portal.runs.models import Job
from portal.runs.seal import can_seal

sealed = pytest.mark.skipif(
    not can_seal(), reason="this kernel has no Landlock, so that no run can be done on it: docs/portal.md"
)


def _recorded(lab: Lab, request: Request, people: range, tmp_path: Path) -> None:
    """As a run leaves it: its copy of the register, with its tables, in the vault."""
    work = tmp_path / request.reference
    work.mkdir()
    register.lay_out(work)
    copy = open_register(work / register.FILE, work / register.KEY)
    copy.record(request.reference.lower(), {"everyone, analysed": of(ids(people))}, "2018-01-31")
    register.keep_copy(request.jobs.get(kind=Job.Kind.RUN), work)


def _voted(lab: Lab, people: range, tmp_path: Path) -> Request:
    request = lab.in_review()
    _recorded(lab, request, people, tmp_path)
    return lab.voted(request, reviewer1=True, reviewer2=True)


def _adoption(request: Request) -> Job:
    return request.jobs.get(kind=Job.Kind.REGISTER)


def _held(tmp_path: Path) -> list[str]:
    work = tmp_path / "look"
    work.mkdir(exist_ok=True)
    register.lay_out(work)
    return [name for name, _ in open_register(work / register.FILE, work / register.KEY).releases()]


def test_nothing_leaves_the_lab_before_the_register_holds_it(lab: Lab, tmp_path: Path) -> None:
    request = _voted(lab, range(100), tmp_path)
    with pytest.raises(Refused, match="compared"):
        actions.ask_for_facts(by=lab.person("analyst"), request=request)
    assert actions.ask_for_facts(by=lab.person("analyst"), request=lab.adopted(request)).state == State.FACT_CHECK


@sealed
def test_a_cleared_output_is_adopted_by_the_sealed_engine(lab: Lab, tmp_path: Path) -> None:
    load_records(lab)
    request = _voted(lab, range(100), tmp_path)
    assert worker.work_once(WORKER)
    job = _adoption(request)
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert job.found == {"tables": 1, "releases": 1}
    assert _held(tmp_path) == [request.reference.lower()]
    assert not list((tmp_path / "home" / "work").glob("job-*"))


@sealed
def test_two_runs_that_did_not_know_of_each_other_are_not_both_released(lab: Lab, tmp_path: Path) -> None:
    load_records(lab)
    first, second = _voted(lab, range(100), tmp_path), _voted(lab, range(103), tmp_path)
    assert worker.work_once(WORKER)
    assert worker.work_once(WORKER)
    states = {fresh(one).state for one in (first, second)}
    assert states == {State.CLEARED, State.RETURNED}
    refused = next(one for one in (first, second) if fresh(one).state == State.RETURNED)
    assert "everyone, analysed" in _adoption(refused).error
    assert fresh(refused).reason == ""  # the provider sees that one, and it names another's release
    assert len(_held(tmp_path)) == 1


@sealed
def test_a_tightened_threshold_holds_for_what_is_adopted_too(lab: Lab, tmp_path: Path) -> None:
    load_records(lab)
    first, second = _voted(lab, range(100), tmp_path), _voted(lab, range(112), tmp_path)
    floor = load_thresholds()
    values = {name: getattr(floor, name) for name in NAMES} | {"cell_minimum": 15}
    propose_thresholds(by=lab.person("steward"), values=values, why="A small place.")
    assert worker.work_once(WORKER)
    assert worker.work_once(WORKER)
    assert {fresh(one).state for one in (first, second)} == {State.CLEARED, State.RETURNED}


def test_a_fault_of_ours_leaves_it_cleared_and_it_can_be_tried_again(lab: Lab) -> None:
    request = lab.voted(lab.in_review(), reviewer1=True, reviewer2=True)
    fail(by=WORKER, job=take(by=WORKER, job=_adoption(request)), error="Something went wrong on our side.")
    assert fresh(request).state == State.CLEARED
    with pytest.raises(Refused):
        adopt_again(by=lab.person("reviewer1"), request=request)
    assert adopt_again(by=lab.person("analyst"), request=request).state == Job.State.QUEUED
    with pytest.raises(Refused):
        adopt_again(by=lab.person("analyst"), request=request)
    assert lab.adopted(request).state == State.CLEARED


def test_one_adoption_at_a_time(lab: Lab) -> None:
    jobs = [_adoption(lab.voted(lab.in_review(), reviewer1=True, reviewer2=True)) for _ in range(2)]
    take(by=WORKER, job=jobs[0])
    with pytest.raises(Refused):
        take(by=WORKER, job=jobs[1])


def test_the_register_is_replaced_whole_and_readable_by_its_owner_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / register.FILE).write_bytes(b"new")
    with register.in_hand():
        register.keep_adopted(tmp_path)
    kept = home / "register" / register.FILE
    assert kept.read_bytes() == b"new"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == ["lock", register.FILE]
