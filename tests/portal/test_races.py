"""Two people, or two workers, at the same moment: on PostgreSQL, where they truly are (SQLite lets one writer in at a time)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from tests.portal.lab import OUT_ON, WORKER, Lab, fresh, load_records, make_lab
from tests.portal.test_linkage_models import trained
from tests.portal.test_thresholds import OWN
from tests.portal.test_worker import OTHER

from portal.audit.models import AuditEvent
from portal.audit.record import SYSTEM
from portal.audit.verify import verify
from portal.config import clock
from portal.config.refusals import Refused
from portal.ops.linkage import decide_model, propose_model
from portal.ops.models import LinkageModel, ThresholdSet
from portal.ops.thresholds import propose_thresholds
from portal.publishing import actions as publishing
from portal.publishing import outing
from portal.publishing.clock import keep_time
from portal.publishing.models import Report, Version
from portal.publishing.states import ReleaseState
from portal.requests import actions as requests
from portal.requests.states import State
from portal.review.actions import vote
from portal.review.checklist import ITEMS
from portal.review.models import Clearance, Vote
from portal.runs import actions
from portal.runs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
ALL = dict.fromkeys(ITEMS, True)


@pytest.fixture
def lab(home: Path, transactional_db: None) -> Lab:
    if connection.vendor != "postgresql":
        pytest.skip("races are run on PostgreSQL: scripts/postgres.sh")
    return make_lab()


def at_once(*acts: Callable[[], object]) -> list[Any]:
    """Does all of them at the same moment, each in a connection of its own; what each gave or was refused with."""
    start, ended = Barrier(len(acts)), [None] * len(acts)

    def do(place: int) -> None:
        start.wait()
        try:
            ended[place] = acts[place]()
        except Refused as refused:
            ended[place] = refused
        finally:
            connection.close()

    threads = [Thread(target=do, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def _refused(ended: list[Any]) -> int:
    return sum(isinstance(one, Refused) for one in ended)


def test_two_reviewers_vote_at_once_and_the_output_is_cleared_once(lab: Lab) -> None:
    request = lab.in_review()
    round_ = request.rounds.get()
    people = [lab.person("reviewer1"), lab.person("reviewer2")]
    ended = at_once(*(lambda one=one: vote(by=one, round_=round_, approve=True, checklist=ALL) for one in people))
    assert _refused(ended) == 0
    assert (Vote.objects.count(), Clearance.objects.count(), fresh(request).state) == (2, 1, State.CLEARED)
    assert verify().faults == ()


def test_three_reviewers_vote_at_once_and_two_count(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    people = [lab.person(name) for name in ("reviewer1", "reviewer2", "reviewer3")]
    ended = at_once(*(lambda one=one: vote(by=one, round_=round_, approve=True, checklist=ALL) for one in people))
    assert (_refused(ended), Vote.objects.count()) == (1, 2)


def test_one_reviewer_presses_twice(lab: Lab) -> None:
    round_, person = lab.in_review().rounds.get(), lab.person("reviewer1")
    ended = at_once(*[lambda: vote(by=person, round_=round_, approve=True, checklist=ALL)] * 2)
    assert (_refused(ended), Vote.objects.count()) == (1, 1)


def test_two_models_are_agreed_to_at_once_where_none_is_in_force(lab: Lab) -> None:
    """Both are in force, one after the other: where nothing is yet, there is no row of it to lock."""
    people = [lab.person("steward"), lab.person("steward2")]
    made = [propose_model(by=one, content=trained(f"model_2026_12_0{place}"), why="x") for place, one in enumerate(people, 1)]
    ended = at_once(
        lambda: decide_model(by=people[1], proposed=made[0], accept=True),
        lambda: decide_model(by=people[0], proposed=made[1], accept=True),
    )
    assert all(isinstance(one, LinkageModel) for one in ended)
    assert LinkageModel.objects.filter(is_current=True).count() == 1
    assert LinkageModel.objects.filter(accepted=True).count() == 2
    assert verify().faults == ()


def test_two_sets_of_thresholds_are_tightened_at_once_where_none_is_in_force(lab: Lab) -> None:
    people, mine = [lab.person("steward"), lab.person("steward2")], {**OWN, "cell_minimum": 15}
    ended = at_once(
        lambda: propose_thresholds(by=people[0], values=mine, why="x"),
        lambda: propose_thresholds(by=people[1], values={**mine, "cell_minimum": 20}, why="x"),
    )
    assert None not in ended
    assert ThresholdSet.objects.filter(is_current=True).count() == 1
    assert len({one.version for one in ended}) == 2
    assert verify().faults == ()


def test_submit_is_pressed_twice(lab: Lab) -> None:
    request = lab.draft()
    lab.upload(request)
    ended = at_once(*[lambda: requests.submit(by=lab.person("provider"), request=request)] * 2)
    assert _refused(ended) == 1
    assert AuditEvent.objects.filter(verb="request.submit").count() == 1


def test_two_workers_take_one_run(lab: Lab) -> None:
    load_records(lab)
    job = actions.queue_run(by=lab.person("analyst"), request=lab.planned())
    ended = at_once(lambda: actions.take(by=WORKER, job=job), lambda: actions.take(by=OTHER, job=job))
    job.refresh_from_db()
    assert (_refused(ended), job.tries, job.state) == (1, 1, Job.State.RUNNING)


def test_a_run_is_asked_for_twice(lab: Lab) -> None:
    request = lab.planned()
    ended = at_once(*[lambda: actions.queue_run(by=lab.person("analyst"), request=request)] * 2)
    assert (_refused(ended), Job.objects.filter(kind="run").count()) == (1, 1)


def test_a_run_begins_while_the_request_is_withdrawn(lab: Lab) -> None:
    request = lab.planned()
    job = actions.queue_run(by=lab.person("analyst"), request=request)
    ended = at_once(
        lambda: actions.take(by=WORKER, job=job), lambda: requests.withdraw(by=lab.person("provider"), request=request, reason="")
    )
    state = fresh(request).state
    assert _refused(ended) == 1
    assert (state == State.WITHDRAWN) is isinstance(ended[0], Refused)
    assert state in (State.WITHDRAWN, State.LINKED)


def test_a_run_finishes_while_the_provider_tries_to_withdraw(lab: Lab) -> None:
    request = lab.planned()
    job = actions.take(by=WORKER, job=actions.queue_run(by=lab.person("analyst"), request=request))
    found = {"status": "released", "manifest_sha256": "1" * 64, "release_sha256": "2" * 64}
    ended = at_once(
        lambda: actions.finish(by=WORKER, job=job, found=found),
        lambda: requests.withdraw(by=lab.person("provider"), request=request, reason=""),
    )
    assert isinstance(ended[1], Refused)
    assert fresh(request).state == State.ANALYSED


def test_two_adoptions_are_taken_at_once(lab: Lab) -> None:
    cleared = [lab.voted(lab.in_review(), reviewer1=True, reviewer2=True) for _ in range(2)]
    jobs = [request.jobs.get(kind=Job.Kind.REGISTER) for request in cleared]
    ended = at_once(lambda: actions.take(by=WORKER, job=jobs[0]), lambda: actions.take(by=OTHER, job=jobs[1]))
    assert _refused(ended) == 1
    assert Job.objects.filter(kind=Job.Kind.REGISTER, state=Job.State.RUNNING).count() == 1


def _at(moment: dt.datetime, act: Callable[[], object]) -> Callable[[], object]:
    """An act at a moment, in whichever thread it is done."""

    def do() -> object:
        with clock.at(moment):
            return act()

    return do


def test_three_workers_publish_at_once_and_it_is_out_once(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    at_once(*[_at(release.publish_at, keep_time)] * 3)
    assert AuditEvent.objects.filter(verb="release.publish").count() == 1
    assert (Report.objects.count(), Version.objects.count()) == (1, 1)
    assert verify().faults == ()


def test_published_while_it_is_cancelled(lab: Lab) -> None:
    request = lab.cleared_final()
    release = lab.scheduled(request)
    ended = at_once(
        _at(release.publish_at, lambda: outing.publish(by=SYSTEM, release=release)),
        _at(release.publish_at, lambda: publishing.cancel(by=lab.person("publisher"), release=release, reason="An error.")),
    )
    release.refresh_from_db()
    assert _refused(ended) == 1
    is_out = release.state == ReleaseState.PUBLISHED
    assert is_out is isinstance(ended[1], Refused)
    assert fresh(request).state == (State.PUBLISHED if is_out else State.CLEARED_FINAL)
    assert Report.objects.exists() is is_out


def test_two_publishers_schedule_at_once_and_a_correction_is_decided_twice(lab: Lab) -> None:
    release = publishing.propose(by=lab.person("publisher"), release=lab.release(lab.cleared_final()))
    second = lab.person("publisher2")
    ended = at_once(*[lambda: publishing.schedule(by=second, release=release)] * 2)
    assert _refused(ended) == 1
    with clock.at(release.publish_at):
        keep_time()
        made = outing.propose_correction(by=second, report=Report.objects.get(), note="A date.", with_output=False)
    first = lab.person("publisher")
    ended = at_once(*[lambda: outing.decide_correction(by=first, correction=made, accept=True)] * 2)
    assert _refused(ended) == 1
    assert Version.objects.count() == 2


def test_published_while_another_report_is_corrected(lab: Lab) -> None:
    with clock.at(lab.scheduled(lab.cleared_final()).publish_at):
        keep_time()
    made = outing.propose_correction(by=lab.person("publisher"), report=Report.objects.get(), note="A date.", with_output=False)
    later = lab.scheduled(lab.cleared_final(), day=OUT_ON + dt.timedelta(days=1))
    person = lab.person("publisher2")
    ended = at_once(
        _at(later.publish_at, lambda: outing.publish(by=SYSTEM, release=later)),
        _at(later.publish_at, lambda: outing.decide_correction(by=person, correction=made, accept=True)),
    )
    assert _refused(ended) == 0
    assert sorted(Version.objects.values_list("number", flat=True)) == [1, 1, 2]
    assert verify().faults == ()


def test_the_chain_has_no_fork_when_many_write_at_once(lab: Lab) -> None:
    people = [lab.person(name) for name in ("provider", "colleague", "stranger")] * 4
    at_once(*(lambda one=one: requests.start_request(by=one) for one in people))
    verdict = verify()
    assert verdict.faults == ()
    assert AuditEvent.objects.filter(verb="request.start").count() == len(people)
