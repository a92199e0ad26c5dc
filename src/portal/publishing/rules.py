"""What else the public log tells, naming nobody: how the lab changed its own rules, how often a published analysis was run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Count, Max, Q

from portal.ops.models import Change, LinkageModel, ThresholdSet
from portal.requests.models import Request
from portal.requests.states import PUBLIC, Product
from portal.runs.models import Job
from portal.wording import say

MOST = 100


def rule_changes() -> list[tuple[dt.datetime, str]]:
    """When thresholds of disclosure control, the linkage model and roles were changed, and how, newest first."""
    found: list[tuple[dt.datetime, str]] = []
    for one in ThresholdSet.objects.filter(accepted=True).exclude(decided_at=None).order_by("-decided_at")[:MOST]:
        key = "loosened" if one.loosens else "tightened"
        found.append((one.decided_at or one.proposed_at, say(f"publishing.rules.{key}", version=one.version)))
    for model in LinkageModel.objects.filter(accepted=True).order_by("-decided_at")[:MOST]:
        found.append((model.decided_at or model.proposed_at, say("publishing.rules.model", version=model.version)))
    for change in Change.objects.filter(accepted=True).exclude(decided_at=None).order_by("-decided_at")[:MOST]:
        found.append((change.decided_at or change.proposed_at, say(f"publishing.rules.{change.kind}", role=change.role)))
    return sorted(found, key=lambda one: one[0], reverse=True)[:MOST]


def how_often_run(requests: Collection[Request]) -> dict[int, str]:
    """Of those that are out, how often what is out was run and the plan amended; of others that stays in the lab."""
    out = [one.id for one in requests if one.state in PUBLIC]
    study, analysis = (Q(request__product=one) for one in (Product.FEASIBILITY, Product.EVALUATION))
    of_it = (study & Q(kind=Job.Kind.FEASIBILITY)) | (analysis & Q(kind=Job.Kind.RUN))
    done = Job.objects.filter(of_it, request__in=out, state=Job.State.DONE).values_list("request_id")
    plans = dict(Request.objects.filter(id__in=out).annotate(last=Max("plans__number")).values_list("id", "last"))
    told = {}
    for request_id, count in done.annotate(Count("id")):
        parts = [say("publishing.rules.runs", count=count)]
        if (plans[request_id] or 1) > 1:
            parts.append(say("publishing.rules.amended", count=plans[request_id] - 1))
        told[request_id] = ", ".join(parts)
    return told
