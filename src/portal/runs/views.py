"""Pages of runs: asking for one, watching it, its output, two side by side, doubtful links."""

from __future__ import annotations

import json
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from datalab.wording import say as engine_says
from portal.audit.record import record_look
from portal.config.files import listed, send
from portal.config.http import Visit
from portal.config.refusals import Refused
from portal.requests.find import find_request
from portal.requests.models import Request
from portal.requests.permissions import check_analyst, check_output
from portal.runs import actions, pairs
from portal.runs.comparing import compare, plan_changes
from portal.runs.figures import PARTS, shown_part
from portal.runs.models import Job, Pair
from portal.runs.output import LAB_FILES, RULES_OF_A_REPORT, output_folder
from portal.wording import say


@require_POST
def queue(http: Visit, public_id: str) -> HttpResponse:
    """Asks for a run, or for a feasibility study."""
    request = find_request(http.user, public_id)
    kind = Job.Kind.FEASIBILITY if http.POST.get("kind") == Job.Kind.FEASIBILITY else Job.Kind.RUN
    job = actions.queue_run(by=http.user, request=request, kind=kind)
    return redirect("job", public_id, job.public_id)


@require_POST
def adopt(http: Visit, public_id: str) -> HttpResponse:
    """Has the cleared output taken into the register after all, where that failed."""
    request = find_request(http.user, public_id)
    job = actions.adopt_again(by=http.user, request=request)
    return redirect("job", public_id, job.public_id)


@require_GET
def listing(http: Visit, public_id: str) -> HttpResponse:
    """Every run of a request."""
    request = find_request(http.user, public_id)
    check_output(http.user, request)
    jobs = request.jobs.exclude(kind=Job.Kind.CHECK).select_related("plan", "asked_by").order_by("-asked_at")
    return render(
        http, "runs/listing.html", {"case": request, "jobs": jobs, "stuck": _is_stuck(jobs.first()), "section": "queue"}
    )


@require_GET
def status(http: Visit, public_id: str, job_id: str) -> HttpResponse:
    """How a run goes: stage, count, time left; then its output."""
    request, job = _find(http, public_id, job_id)
    record_look(http.user, "job.look", job)
    context: dict[str, Any] = {
        "case": request,
        "job": job,
        "left": seconds_left(job),
        "refresh": None if job.is_over else 3,
        "section": "queue",
    }
    if job.state == Job.State.DONE and job.run is None:
        results = _results(job)
        context |= {
            "results": results,
            "files": listed(output_folder(job), LAB_FILES),
            "parts_of_report": PARTS,
            "thresholds": _manifest(job).get("body", {}).get("versions", {}).get("thresholds", "–"),
            "why": {one["name"]: _why(one) for one in results.get("analyses", ())},
            "others": request.jobs.filter(kind=job.kind, state=Job.State.DONE).exclude(id=job.id),
        }
    return render(http, "runs/status.html", context)


def _is_stuck(newest: Job | None) -> bool:
    """Whether the newest job is an adoption that ended without one."""
    return newest is not None and newest.kind == Job.Kind.REGISTER and newest.is_over and newest.state != Job.State.DONE


def seconds_left(job: Job) -> int | None:
    """How long a running job is likely to take still, from how long the last one of its kind took; None where none is known."""
    if job.state != Job.State.RUNNING or job.started_at is None or job.heard_at is None:
        return None
    before = Job.objects.filter(kind=job.kind, state=Job.State.DONE).exclude(started_at=None).order_by("-ended_at").first()
    if before is None or before.ended_at is None or before.started_at is None:
        return None
    return max(0, round((before.ended_at - before.started_at).total_seconds() - (job.heard_at - job.started_at).total_seconds()))


@require_POST
def cancel(http: Visit, public_id: str, job_id: str) -> HttpResponse:
    """Stops it."""
    _, job = _find(http, public_id, job_id)
    actions.cancel(by=http.user, job=job)
    return redirect("job", public_id, job_id)


@require_GET
@xframe_options_sameorigin
@csp_replace(RULES_OF_A_REPORT)  # type: ignore[arg-type]
def output(http: Visit, public_id: str, job_id: str, name: str) -> HttpResponse:
    """One file of an output. Each look is in the audit."""
    _, job = _find(http, public_id, job_id)
    answer = send(output_folder(job), name, LAB_FILES)
    record_look(http.user, "output.look", job, file=name)
    return answer


@require_GET
def figures(http: Visit, public_id: str, job_id: str, part: str) -> HttpResponse:
    """One part of the report: its charts with their tables. Each look is in the audit."""
    request, job = _find(http, public_id, job_id)
    results = _results(job)  # a feasibility study has none
    names = [one["name"] for one in results.get("analyses", ())]
    asked = http.GET.get("analysis", "1")
    place = int(asked) - 1 if asked.isdecimal() and asked.isascii() else -1
    if not results or part not in PARTS or not 0 <= place < max(1, len(names)):
        raise Http404
    record_look(http.user, "output.look", job, part=part)
    context = {"case": request, "job": job, "part": part, "names": PARTS, "analyses": names, "place": place, "section": "queue"}
    return render(http, "runs/figures.html", {**context, "found": shown_part(job, part, place)})


@require_GET
def comparing(http: Visit, public_id: str, job_id: str, other_id: str) -> HttpResponse:
    """Two runs of a request side by side: what differs in plan, inputs and results."""
    request, job = _find(http, public_id, job_id)
    _, other = _find(http, public_id, other_id)
    if not all((output_folder(one) / "results.json").is_file() for one in (job, other)):
        raise Http404
    record_look(http.user, "output.look", job, beside=other.public_id)
    groups = compare(*((_results(one), _manifest(one)) for one in (job, other)))
    context = {"groups": groups, "differing": sum(group.differing for group in groups), "changes": plan_changes(job, other)}
    return render(http, "runs/comparing.html", {"case": request, "job": job, "other": other, "section": "queue", **context})


@require_GET
def doubtful(http: Visit, public_id: str, job_id: str) -> HttpResponse:
    """The next doubtful link that the analyst has not decided: one at a time, never a list of people."""
    request, job = _find(http, public_id, job_id)
    check_analyst(http.user)
    open_pairs = job.pairs.exclude(decisions__by=http.user)
    waiting = [pair for pair in open_pairs.prefetch_related("decisions") if pairs.outcome(pair) is None]
    pair = waiting[0] if waiting else None
    if pair is not None:
        record_look(http.user, "pair.look", job, pair=pair.public_id)
    return render(
        http,
        "runs/doubtful.html",
        {"case": request, "job": job, "pair": pair, "left": len(waiting), "of": job.pairs.count(), "section": "queue"},
    )


@require_POST
def decide(http: Visit, public_id: str, job_id: str, pair_id: str) -> HttpResponse:
    """Says whether two records are one person."""
    _, job = _find(http, public_id, job_id)
    pair = Pair.objects.select_related("job__request").filter(job=job, public_id=pair_id).first()
    answer = http.POST.get("answer")
    if pair is None:
        raise Http404
    if answer not in ("same", "different"):
        raise Refused(say("runs.refusals.answer"), status=409)
    pairs.decide(by=http.user, pair=pair, accept=answer == "same")
    return redirect("job-pairs", public_id, job_id)


def _find(http: Visit, public_id: str, job_id: str) -> tuple[Request, Job]:
    request = find_request(http.user, public_id)
    check_output(http.user, request)
    job = request.jobs.exclude(kind=Job.Kind.CHECK).select_related("plan", "request").filter(public_id=job_id).first()
    if job is None:
        raise Http404
    return request, job


def _results(job: Job) -> dict[str, Any]:
    return _document(job, "results.json")


def _manifest(job: Job) -> dict[str, Any]:
    return _document(job, "manifest.json")


def _document(job: Job, name: str) -> dict[str, Any]:
    path = output_folder(job) / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _why(analysis: dict[str, Any]) -> str:
    """Why an analysis has no result, in the engine's words; results.json keeps the key of the sentence."""
    reason = str(analysis.get("reason") or "")
    return engine_says(reason) if reason.count(".") == 2 and " " not in reason else reason
