"""What can be done with a job: asked for, taken by a worker, finished, failed, given back, cancelled."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.moves import lock, move
from portal.requests.permissions import check_analyst, check_lab_analyst, check_run
from portal.requests.states import PUBLIC, RUNNABLE, Product, State
from portal.runs.models import MOST_TRIES, SILENCE, Job
from portal.runs.pairs import keep_pairs
from portal.uploads.state import current_upload, give_up
from portal.wording import say

REPORTABLE = ("released", "own_data")


@action("job.queue")
def queue_run(*, by: User, request: Request, kind: str = Job.Kind.RUN) -> Done[Job]:
    """An analyst asks for a run of the newest registered plan, or for a feasibility study. Asked for twice, there is one."""
    request = lock(request)
    check_run(by, request)
    _check_kind(kind, request)
    plan = request.plans.order_by("number").last()
    upload = current_upload(request)
    if plan is None or upload is None:
        raise Refused(say("runs.refusals.not_now"), status=409)
    if request.jobs.exclude(kind=Job.Kind.CHECK).filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise Refused(say("runs.refusals.one_at_a_time"), status=409)
    job = Job.objects.create(kind=kind, request=request, upload=upload, plan=plan, asked_by=by)
    return Done(job, job, {"kind": kind, "plan_sha256": plan.sha256})


def _check_kind(kind: str, request: Request) -> None:
    """Either while nothing is linked; afterwards what was begun. A published feasibility study is never linked to outcomes."""
    study = kind == Job.Kind.FEASIBILITY
    if request.state != State.PLANNED and study != (request.product == Product.FEASIBILITY):
        raise Refused(say("runs.refusals.other_product"), status=409)


@action("job.take")
def take(*, by: Actor, job: Job) -> Done[Job]:
    """A worker takes a job: of two that try, one gets it. With its first run a request is linked: no way back for the provider.

    Raises Refused where another worker has it, or it is no longer wanted.
    """
    request = lock(job.request)
    job = _locked(job)
    if job.state != Job.State.QUEUED:
        raise Refused(say("runs.refusals.taken"), status=409)
    if not _is_wanted(job, request):
        raise Refused(say("runs.refusals.not_now"), status=409)
    job.state, job.worker, job.tries, job.error = Job.State.RUNNING, by.actor_id, job.tries + 1, ""
    job.started_at = job.heard_at = now()
    job.stage, job.done, job.total = "", 0, 0
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as error:  # one adoption at a time, as the database holds it
        raise Refused(say("runs.refusals.taken"), status=409) from error
    facts: dict[str, Any] = {"try": job.tries}
    if job.kind == Job.Kind.RUN and request.state == State.PLANNED:
        facts |= move(request, "link", SYSTEM)
    return Done(job, job, facts)


@action("job.finish")
def finish(
    *, by: Actor, job: Job, found: dict[str, Any], output_sha256: str = "", pairs: list[dict[str, Any]] | None = None
) -> Done[Job]:
    """A run is done: its release stands in its folder. The request goes on, to a report with a result or one that says why not.

    pairs: the doubtful links, for an analyst to look at. Raises Refused where the job is no longer this worker's.
    """
    request = lock(job.request)
    job = _mine(by, job)
    job.state, job.ended_at, job.found, job.output_sha256 = Job.State.DONE, now(), found, output_sha256
    job.save()
    facts: dict[str, Any] = {name: found[name] for name in ("status", "manifest_sha256", "release_sha256") if name in found}
    facts |= {"output_sha256": output_sha256} if output_sha256 else {}
    if job.kind in (Job.Kind.RUN, Job.Kind.FEASIBILITY):
        keep_pairs(job, pairs or [])
    if job.kind == Job.Kind.RUN:
        if found["status"] not in REPORTABLE and request.state in (State.LINKED, State.ANALYSED):
            facts |= move(request, "find_not_reportable", SYSTEM)
        elif request.state == State.LINKED:
            facts |= move(request, "analyse", SYSTEM)
    return Done(job, job, facts)


@action("job.fail")
def fail(*, by: Actor, job: Job, error: str, ours: bool = True) -> Done[Job]:
    """A job ends without a result; `error` is a sentence for people, `ours` whether the fault is the lab's.

    A cleared output that the register refuses goes back to the analyst: with what was released before it would tell about a few.
    The error, which names other releases, stays with the job: providers do not see it.
    """
    request = lock(job.request)
    job = _mine(by, job)
    job.state, job.ended_at, job.error = Job.State.FAILED, now(), error
    job.save()
    give_up(job)
    facts: dict[str, Any] = {"try": job.tries}
    if job.kind == Job.Kind.REGISTER and not ours and request.state == State.CLEARED:
        facts |= move(request, "find_exposed", SYSTEM)
    return Done(job, job, facts)


@action("job.cancelled")
def end_cancelled(*, by: Actor, job: Job) -> Done[Job]:
    """A worker has stopped a job that somebody cancelled."""
    job = _mine(by, job)
    job.state, job.ended_at = Job.State.CANCELLED, now()
    job.save()
    return Done(job, job)


@action("job.reclaim")
def reclaim(*, by: Actor, job: Job) -> Done[Job]:
    """Takes a job from a worker that has been silent too long: back into the queue, or failed after too many tries."""
    job = _locked(job)
    if job.state != Job.State.RUNNING or job.heard_at is None or now() - job.heard_at < SILENCE:
        raise Refused(say("runs.refusals.alive"), status=409)
    lost, job.worker = job.worker, ""
    job.state = Job.State.QUEUED if job.tries < MOST_TRIES and not job.cancel_asked else Job.State.FAILED
    if job.state == Job.State.FAILED:
        job.ended_at, job.error = now(), say("runs.errors.lost", count=job.tries)
        give_up(job)
    job.save()
    return Done(job, job, {"from": lost, "state": job.state})


@action("job.cancel")
def cancel(*, by: User, job: Job) -> Done[Job]:
    """An analyst no longer wants it: at once where nobody has begun, else as soon as the worker hears of it."""
    check_analyst(by)
    job = _locked(job)
    if job.is_over:
        raise Refused(say("runs.refusals.over"), status=409)
    job.cancel_asked = True
    if job.state == Job.State.QUEUED:
        job.state, job.ended_at = Job.State.CANCELLED, now()
    job.save()
    return Done(job, job, {"state": job.state})


@action("job.drop")
def drop(*, by: Actor, job: Job) -> Done[Job]:
    """A queued job that can no longer be done, because its request was withdrawn or reviewed, leaves the queue."""
    request = lock(job.request)
    job = _locked(job)
    if job.state != Job.State.QUEUED or _is_wanted(job, request):
        raise Refused(say("runs.refusals.taken"), status=409)
    job.state, job.ended_at = Job.State.CANCELLED, now()
    job.save()
    return Done(job, job)


@action("job.adopt")
def adopt_again(*, by: User, request: Request) -> Done[Job]:
    """An analyst has a cleared output taken into the register after all, where that failed by a fault of the lab's."""
    request = lock(request)
    check_lab_analyst(by, request)
    job = request.jobs.select_for_update(of=("self",)).filter(kind=Job.Kind.REGISTER).order_by("-asked_at").first()
    if job is None or request.state not in (State.CLEARED, *PUBLIC) or job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise Refused(say("runs.refusals.not_now"), status=409)
    job.state, job.tries, job.worker, job.cancel_asked, job.error, job.ended_at = Job.State.QUEUED, 0, "", False, "", None
    job.save()
    return Done(job, job)


def _is_wanted(job: Job, request: Request) -> bool:
    """Whether a job can be done where its request is now."""
    if job.kind == Job.Kind.CHECK:
        return True
    return request.state in ((State.CLEARED, *PUBLIC) if job.kind == Job.Kind.REGISTER else RUNNABLE)


def _locked(job: Job) -> Job:
    return Job.objects.select_for_update(of=("self",)).select_related("request", "upload", "plan", "run").get(id=job.id)


def _mine(by: Actor, job: Job) -> Job:
    """The job, if it is still this worker's: one that was taken for dead and comes back has lost it."""
    job = _locked(job)
    if job.state != Job.State.RUNNING or job.worker != by.actor_id:
        raise Refused(say("runs.refusals.taken"), status=409)
    return job
