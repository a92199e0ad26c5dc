"""Jobs: taken once, taken up again after a crash, cancelled, never lost and never done twice; and one run by the real engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.portal.lab import WORKER, Lab, fresh, load_records

from portal.audit.record import Named
from portal.config.clock import at, now
from portal.config.refusals import Refused
from portal.requests import actions as requests
from portal.requests.states import State
from portal.runs import actions, engine, worker
from portal.runs.models import MOST_TRIES, SILENCE, Job
from portal.runs.output import content_sha256, output_folder
from portal.runs.pairs import decide, decisions_file
from portal.uploads.vault import is_there

OTHER = Named("worker", "other")


@pytest.fixture
def queued(lab: Lab) -> Job:
    load_records(lab)
    return actions.queue_run(by=lab.person("analyst"), request=lab.planned())


def _engine(monkeypatch: pytest.MonkeyPatch, ask: Callable[..., engine.Answer]) -> None:
    @contextmanager
    def laid_out(job: Job, load: object) -> Iterator[Path]:
        folder = Path(engine.settings.HOME) / "work" / job.public_id
        (folder / "out" / "private").mkdir(parents=True)
        (folder / "out" / "results.json").write_text("{}", encoding="utf-8")
        (folder / "out" / "private" / "links.csv").write_text("row\n", encoding="utf-8")
        yield folder

    monkeypatch.setattr(engine, "laid_out", laid_out)
    monkeypatch.setattr(engine, "ask", ask)


def _answers(**found: Any) -> Callable[..., engine.Answer]:
    full = {"status": "released", "manifest_sha256": "1" * 64, "release_sha256": "2" * 64, **found}
    return lambda *_: engine.Answer(found=full)


def test_asked_for_twice_there_is_one_run(lab: Lab, queued: Job) -> None:
    with pytest.raises(Refused):
        actions.queue_run(by=lab.person("analyst"), request=queued.request)
    assert Job.objects.filter(kind="run").count() == 1


def test_of_two_workers_one_gets_it(queued: Job) -> None:
    actions.take(by=WORKER, job=queued)
    with pytest.raises(Refused):
        actions.take(by=OTHER, job=queued)


def test_what_the_engine_made_is_kept_and_what_may_not_leave_is_encrypted(
    lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    _engine(monkeypatch, _answers())
    assert worker.work_once(WORKER)
    queued.refresh_from_db()
    folder = output_folder(queued)
    assert queued.state == Job.State.DONE
    assert queued.output_sha256 == content_sha256(folder)
    assert not (folder / "private").exists()
    assert is_there(f"{queued.public_id}.links")
    assert fresh(queued.request).state == State.ANALYSED


def test_an_error_in_words_is_kept_and_the_run_can_be_asked_for_again(
    lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    _engine(monkeypatch, lambda *_: engine.Answer(error="The upload has no people.", ours=False))
    worker.work_once(WORKER)
    queued.refresh_from_db()
    assert (queued.state, queued.error) == (Job.State.FAILED, "The upload has no people.")
    assert fresh(queued.request).state == State.LINKED
    assert actions.queue_run(by=lab.person("analyst"), request=queued.request).state == Job.State.QUEUED


def test_a_silent_worker_loses_its_job_and_another_does_it_once(lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job = actions.take(by=OTHER, job=queued)
    _engine(monkeypatch, _answers())
    assert not worker.work_once(WORKER)
    with at(now() + SILENCE + dt.timedelta(seconds=1)):
        assert worker.work_once(WORKER)
    job.refresh_from_db()
    assert (job.state, job.tries, job.worker) == (Job.State.DONE, 2, WORKER.actor_id)
    with pytest.raises(Refused):  # it comes back
        actions.finish(by=OTHER, job=job, found={"status": "released"})


def test_a_job_that_kills_every_worker_fails_cleanly(queued: Job) -> None:
    moment = now()
    for number in range(MOST_TRIES):
        with at(moment + number * 2 * SILENCE):
            actions.take(by=OTHER, job=Job.objects.get(id=queued.id))
        with at(moment + (number * 2 + 1) * SILENCE + dt.timedelta(seconds=1)):
            actions.reclaim(by=WORKER, job=queued)
    queued.refresh_from_db()
    assert queued.state == Job.State.FAILED
    assert str(MOST_TRIES) in queued.error


def test_a_worker_that_is_alive_keeps_its_job(queued: Job) -> None:
    actions.take(by=OTHER, job=queued)
    with pytest.raises(Refused):
        actions.reclaim(by=WORKER, job=queued)


def test_a_run_that_waits_is_cancelled_at_once_and_one_that_goes_on_as_soon_as_it_hears(
    lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(job: Job, folder: Path, load: object, hear: object, wanted: Callable[[], bool]) -> engine.Answer:
        assert wanted()
        actions.cancel(by=lab.person("analyst"), job=job)
        assert not wanted()
        raise engine.Stopped

    _engine(monkeypatch, ask)
    worker.work_once(WORKER)
    queued.refresh_from_db()
    assert queued.state == Job.State.CANCELLED
    again = actions.queue_run(by=lab.person("analyst"), request=queued.request)
    assert actions.cancel(by=lab.person("analyst"), job=again).state == Job.State.CANCELLED


def test_a_request_that_was_withdrawn_is_not_run(lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    requests.withdraw(by=lab.person("provider"), request=queued.request)
    _engine(monkeypatch, _answers())
    assert not worker.work_once(WORKER)
    queued.refresh_from_db()
    assert queued.state == Job.State.CANCELLED
    assert fresh(queued.request).state == State.WITHDRAWN


def test_progress_is_seen_and_is_no_act(lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.audit.models import AuditEvent

    seen = []

    def ask(job: Job, folder: Path, load: object, hear: Callable[[dict[str, Any]], None], wanted: object) -> engine.Answer:
        before = AuditEvent.objects.count()
        hear({"stage": "matching", "done": 3, "total": 10})
        seen.append((Job.objects.get(id=job.id).stage, Job.objects.get(id=job.id).done, AuditEvent.objects.count() - before))
        return _answers()()

    _engine(monkeypatch, ask)
    worker.work_once(WORKER)
    assert seen == [("matching", 3, 0)]


def test_doubtful_links_are_decided_by_two_of_the_sample_and_handed_to_the_next_run(lab: Lab) -> None:
    request = lab.analysed()
    pair = request.jobs.get(kind="run").pairs.get()
    assert pair.in_sample
    decide(by=lab.person("analyst"), pair=pair, accept=True)
    assert decisions_file(request) == ""
    with pytest.raises(Refused):
        decide(by=lab.person("analyst"), pair=pair, accept=False)
    decide(by=lab.person("analyst2"), pair=pair, accept=True)
    assert decisions_file(request).splitlines()[1].startswith("7,P00000001,accept,")


def test_two_who_differ_decide_nothing(lab: Lab) -> None:
    request = lab.analysed()
    pair = request.jobs.get(kind="run").pairs.get()
    decide(by=lab.person("analyst"), pair=pair, accept=True)
    decide(by=lab.person("analyst2"), pair=pair, accept=False)
    assert decisions_file(request) == ""


def test_twenty_queued_runs_finish_without_a_lost_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    load_records(lab)
    jobs = [actions.queue_run(by=lab.person("analyst"), request=lab.planned()) for _ in range(20)]
    _engine(monkeypatch, _answers())
    workers = [WORKER, OTHER]
    for number in range(20):
        assert worker.work_once(workers[number % 2])
    assert not worker.work_once(WORKER)
    assert set(Job.objects.filter(id__in=[job.id for job in jobs]).values_list("state", "tries")) == {("done", 1)}


def test_what_an_error_says_is_never_in_a_log(
    lab: Lab, queued: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: Any) -> engine.Answer:
        raise ValueError("ADA MADE-UP was born on 1980-02-03")

    _engine(monkeypatch, breaks)
    worker.work_once(WORKER)
    queued.refresh_from_db()
    assert queued.state == Job.State.FAILED
    assert "ValueError" in caplog.text
    assert "ADA" not in caplog.text + queued.error


def test_a_feasibility_study_is_offered_before_the_analysis_shown_to_the_lab_and_moves_nothing(lab: Lab, sign_in: Any) -> None:
    load_records(lab)
    request, client = lab.planned(), sign_in("analyst")
    path = f"/requests/{request.public_id}/"
    assert 'value="feasibility"' in client.get(path).content.decode()
    assert client.post(f"{path}runs/queue", {"kind": "feasibility"}).status_code == 302
    job = actions.take(by=WORKER, job=request.jobs.get(kind="feasibility"))
    folder = output_folder(job)
    folder.mkdir(parents=True)
    (folder / "feasibility.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
    actions.finish(by=WORKER, job=job, found={"status": "released"}, output_sha256=content_sha256(folder))
    assert fresh(request).state == State.PLANNED
    page = client.get(f"{path}runs/{job.public_id}").content.decode()
    assert f'{path}runs/{job.public_id}/output/feasibility.html"' in page
    assert client.get(f"{path}runs/{job.public_id}/output/feasibility.html").status_code == 200
    assert client.get(f"{path}runs/{job.public_id}/figures/match").status_code == 404
    page = client.get(path).content.decode()
    assert "Run the feasibility study again" in page
    assert "Send the feasibility study to review" in page
    assert requests.withdraw(by=lab.person("provider"), request=fresh(request)).state == State.WITHDRAWN
