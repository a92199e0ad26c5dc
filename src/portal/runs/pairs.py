"""Doubtful links for an analyst to look at: kept with a run, decided by hand, handed to the next run, gone with the request's
personal data."""

from __future__ import annotations

import csv
import io
from typing import Any

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.moves import lock
from portal.requests.permissions import check_lab_analyst
from portal.requests.states import State
from portal.runs.models import Job, Pair, PairDecision
from portal.wording import say

# One pair in so many is decided by two people.
SAMPLE = 5
FIELDS = ("forename", "middle_name", "surname", "date_of_birth", "sex", "postcodes", "pnc_ids", "prison_numbers")


def read_pairs(text: str) -> list[dict[str, Any]]:
    """The doubtful links of a run as rows for `keep_pairs`."""
    return [
        {
            "row": int(line["row"]),
            "person_id": line["person_id"],
            "rule": line["rule"],
            "probability": float(line["probability"]),
            "compared": [[name, line[f"submitted_{name}"], line[f"central_{name}"]] for name in FIELDS],
        }
        for line in csv.DictReader(io.StringIO(text))
    ]


def keep_pairs(job: Job, rows: list[dict[str, Any]]) -> None:
    """Keeps the pairs of a run; those that are decided already come with their decisions. Inside that run's action."""
    for number, row in enumerate(rows, start=1):
        Pair.objects.create(job=job, number=number, in_sample=number % SAMPLE == 1, **row)


@action("pair.decide")
def decide(*, by: User, pair: Pair, accept: bool) -> Done[PairDecision]:
    """An analyst says whether two records are one person; once, and of the sample without seeing the other's answer. After a
    feasibility study too: what is decided before the analysis is decided before anybody can know an outcome."""
    request = lock(pair.job.request)
    check_lab_analyst(by, request)
    if request.state not in (State.PLANNED, State.LINKED, State.ANALYSED) or pair.decisions.filter(by=by).exists():
        raise Refused(say("runs.refusals.decided"), status=409)
    made = PairDecision.objects.create(pair=pair, by=by, accept=accept)
    return Done(request, made, {"pair": pair.public_id, "accept": accept})


def outcome(pair: Pair) -> bool | None:
    """What was decided: by one person, or of the sample by two who agree; None while it is open or they differ."""
    answers = [decision.accept for decision in pair.decisions.all()]
    if len(answers) < (2 if pair.in_sample else 1):
        return None
    return answers[0] if len(set(answers)) == 1 else None


def decisions_file(request: Request) -> str:
    """What was decided in all runs of a request, as the engine reads it; empty where nothing was."""
    pairs = Pair.objects.filter(job__request=request).prefetch_related("decisions", "decisions__by")
    decided: dict[tuple[int, str], list[str]] = {}
    for pair in pairs:
        answer = outcome(pair)
        if answer is not None:
            last = max(pair.decisions.all(), key=lambda one: one.at)
            decided[pair.row, pair.person_id] = ["accept" if answer else "reject", last.by.public_id, last.at.date().isoformat()]
    if not decided:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "person_id", "decision", "by", "when"])
    writer.writerows([row, person, *rest] for (row, person), rest in sorted(decided.items()))
    return out.getvalue()
