"""The worker: takes a job, has the engine do it, keeps what came out; between jobs it looks after everything that has a date."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import connection

from portal.audit.record import SYSTEM, Named
from portal.config.clock import now
from portal.config.ids import new_id
from portal.config.refusals import Refused
from portal.ops.central import current_load
from portal.ops.daily import tick
from portal.publishing.clock import seconds_to_next
from portal.runs import actions, engine, register
from portal.runs.models import SILENCE, Job
from portal.runs.output import content_sha256, output_folder
from portal.runs.pairs import read_pairs
from portal.runs.register import private_name
from portal.uploads import vault
from portal.uploads.actions import finish_check
from portal.wording import say

LOG = logging.getLogger(__name__)
BEAT = SILENCE.total_seconds() / 6


def new_worker() -> Named:
    """A worker by a name of its own, as the audit has it."""
    return Named("worker", new_id()[:12])


def work_once(worker: Named) -> bool:
    """Takes one job and does it; whether there was one."""
    _reclaim(worker)
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("asked_at", "id")[:10]:
        try:
            taken = actions.take(by=worker, job=job)
        except Refused:
            _drop_unwanted(job)
            continue
        _do(worker, taken)
        return True
    return False


def work(worker: Named, stop: Event, *, pause: float = 1.0, daily: float = 60.0) -> None:
    """Works until `stop` is set. pause: seconds between looks into an empty queue; daily: between looks at the calendar.

    The calendar has a thread of its own: a run of an hour does not put off what is to be out at half past nine.
    """
    calendar = Thread(target=_keep_calendar, args=(stop, daily), daemon=True)
    calendar.start()
    while not stop.is_set():
        if not work_once(worker):
            stop.wait(pause)
    calendar.join()


def _keep_calendar(stop: Event, longest: float) -> None:
    while not stop.is_set():
        try:
            tick()
            wait = seconds_to_next(longest)
        except Exception as error:  # noqa: BLE001 (a calendar that stops would publish nothing more)
            LOG.error("the calendar could not be looked at (%s); it is tried again", type(error).__name__)
            wait = longest
        stop.wait(max(wait, 0.2))
    connection.close()


def _reclaim(worker: Named) -> None:
    """Jobs whose worker has been silent: back into the queue."""
    for job in Job.objects.filter(state=Job.State.RUNNING, heard_at__lt=now() - SILENCE):
        try:
            actions.reclaim(by=worker, job=job)
        except Refused:
            LOG.info("job %s is alive after all", job.public_id)


def _drop_unwanted(job: Job) -> None:
    """A queued job that no longer can be done (its request was withdrawn) leaves the queue; one that another has is left."""
    try:
        actions.drop(by=SYSTEM, job=job)
    except Refused:
        LOG.info("job %s is another worker's", job.public_id)


def _do(worker: Named, job: Job) -> None:
    load = current_load()
    if load is None:
        actions.fail(by=worker, job=job, error=say("runs.errors.no_records"))
        return
    over = Event()
    pulse = Thread(target=_beat, args=(job.id, worker.actor_id, over), daemon=True)
    pulse.start()
    try:
        with register.in_hand() if job.run else nullcontext(), engine.laid_out(job, load) as folder:
            answer = engine.ask(job, folder, load, lambda told: _hear(job, told), lambda: _is_wanted(worker, job))
            _take_in(worker, job, folder, answer)
    except engine.Stopped:
        _stopped(worker, job)
    except (OSError, ValueError) as error:
        # Its kind alone: the text of an error may hold a value of a record, and logs are kept.
        LOG.error("job %s: %s", job.public_id, type(error).__name__)
        actions.fail(by=worker, job=job, error=say("runs.errors.ours", kind=type(error).__name__))
    except Refused:
        LOG.warning("job %s was taken from worker %s", job.public_id, worker.actor_id)
    finally:
        over.set()
        pulse.join()


def _take_in(worker: Named, job: Job, folder: Path, answer: engine.Answer) -> None:
    """Keeps what the engine made. Its folder gets its name before the database says that it is there: a crash between the two
    leaves a folder that nobody names, never a job that is done without one."""
    if answer.found is None:
        actions.fail(by=worker, job=job, error=answer.error, ours=answer.ours)
        return
    if job.kind == Job.Kind.REGISTER:
        register.keep_adopted(folder)
        actions.finish(by=worker, job=job, found=dict(answer.found))
        return
    if job.kind == Job.Kind.CHECK:
        if job.upload is not None:
            finish_check(by=worker, upload=job.upload, found=dict(answer.found))
        actions.finish(by=worker, job=job, found={"usable": answer.found["usable"]})
        return
    pairs = _keep_output(job, folder)
    digest = content_sha256(output_folder(job))
    actions.finish(by=worker, job=job, found=dict(answer.found), output_sha256=digest, pairs=pairs)


def _keep_output(job: Job, folder: Path) -> list[dict[str, Any]]:
    """The output folder under the job's identifier; what may not leave the lab encrypted; gives the doubtful links."""
    out, target = folder / "out", output_folder(job)
    private = out / "private"
    doubtful = private / "doubtful.csv"
    pairs = read_pairs(doubtful.read_text(encoding="utf-8")) if doubtful.is_file() else []
    for path in sorted(private.glob("*")) if private.is_dir() else []:
        vault.seal(private_name(job, path.name), path.read_bytes())
    shutil.rmtree(private, ignore_errors=True)
    register.keep_copy(job, folder)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(out, target)
    return pairs


def _hear(job: Job, told: Mapping[str, Any]) -> None:
    """Progress: not an act, so neither an action nor an audit event."""
    Job.objects.filter(id=job.id).update(stage=told["stage"][:80], done=told["done"], total=told["total"], heard_at=now())


def _is_wanted(worker: Named, job: Job) -> bool:
    kept = Job.objects.filter(id=job.id).values_list("cancel_asked", "worker", "state").first()
    return kept == (False, worker.actor_id, Job.State.RUNNING)


def _stopped(worker: Named, job: Job) -> None:
    try:
        actions.end_cancelled(by=worker, job=job)
    except Refused:
        LOG.warning("job %s was taken from worker %s", job.public_id, worker.actor_id)


def _beat(job_id: int, worker: str, over: Event) -> None:
    """Says that the worker is alive, in a connection of its own, until the job is over."""
    while not over.wait(BEAT):
        Job.objects.filter(id=job_id, worker=worker, state=Job.State.RUNNING).update(heard_at=now())
    connection.close()


def leftover_work(older_than: timedelta = timedelta(hours=24)) -> None:
    """Removes work folders that a killed worker left: they hold people."""
    root: Path = settings.HOME / "work"
    for folder in root.glob("job-*") if root.is_dir() else []:
        age = time.time() - folder.stat().st_mtime
        if age > older_than.total_seconds() or not _is_anybodys(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_anybodys(folder: Path) -> bool:
    """Whether the process that made the folder (its number stands inside) is still there."""
    owner = folder / "owner"
    if not owner.is_file():
        return False
    try:
        os.kill(int(owner.read_text(encoding="ascii")), 0)
    except (ProcessLookupError, ValueError):
        return False
    return True
