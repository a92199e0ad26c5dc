"""Pages of a review: the output with its facts, the vote, and, once two have voted, what both said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datalab.library import read_released
from datalab.report.feasibility_words import short_answer
from datalab.wording import say as engine_says
from portal.audit.record import record_look
from portal.config.http import Visit
from portal.config.refusals import is_allowed
from portal.requests.find import find_request
from portal.requests.forms import shown_answer
from portal.requests.models import Request
from portal.requests.permissions import check_output, is_provider_of
from portal.requests.questions import PAGES
from portal.requests.states import Product, State
from portal.review import actions
from portal.review.checklist import facts, read_results
from portal.review.forms import VoteForm
from portal.review.models import Round
from portal.review.permissions import check_vote, visible_votes
from portal.runs.models import Job
from portal.runs.output import PAGE_OF, output_folder, product_of
from portal.wording import say, words


@require_POST
def open_round(http: Visit, public_id: str) -> HttpResponse:
    """The analyst puts the newest run before the reviewers."""
    made = actions.send_to_review(by=http.user, request=find_request(http.user, public_id))
    messages.success(http, say("review.done.open"))
    return redirect("round", public_id, made.public_id)


@require_http_methods(["GET", "POST"])
def round_page(http: Visit, public_id: str, round_id: str) -> HttpResponse:
    """A round: the output, its facts, and either the vote or the votes."""
    request, found = _find(http, public_id, round_id)
    may = is_allowed(check_vote, http.user, found)
    checklist = facts(found)
    form = VoteForm(checklist, http.POST if http.method == "POST" else None)
    if http.method == "POST":
        check_vote(http.user, found)
        if form.is_valid():
            approve = form.cleaned_data["decision"] == "approve"
            actions.vote(
                by=http.user, round_=found, approve=approve, checklist=form.checklist, comment=form.cleaned_data["comment"]
            )
            messages.success(http, say("review.done.vote"))
            return redirect("round", public_id, round_id)
    else:
        record_look(http.user, "round.look", found)
    context = {
        "case": request,
        "round": found,
        "facts": checklist,
        "is_study": product_of(found.job) == Product.FEASIBILITY,
        "page_of": PAGE_OF[product_of(found.job)],
        "form": form,
        "may": may,
        "votes": visible_votes(http.user, found),
        "section": "queue",
    }
    return render(http, "review/round.html", context)


@require_GET
def listing(http: Visit, public_id: str) -> HttpResponse:
    """Every round of a request."""
    request = find_request(http.user, public_id)
    check_output(http.user, request)
    return render(
        http,
        "review/listing.html",
        {"case": request, "rounds": request.rounds.select_related("opened_by"), "section": "queue"},
    )


@require_POST
def void(http: Visit, public_id: str, round_id: str) -> HttpResponse:
    """An output was found changed: the round no longer counts."""
    _, found = _find(http, public_id, round_id)
    actions.void_round(by=http.user, round_=found)
    return redirect("request", public_id)


@require_GET
def draft(http: Visit, public_id: str) -> HttpResponse:
    """What the provider checks for facts: programme, people, groups, and no outcome."""
    request = find_request(http.user, public_id)
    found = request.rounds.filter(outcome=Round.Outcome.CLEARED).last()
    if found is None or request.state != State.FACT_CHECK or not is_provider_of(http.user, request):
        raise Http404
    record_look(http.user, "facts.look", found)
    results = read_results(found.job)
    programme = [
        {
            "key": {"text": words("questions")[question.name]["label"]},
            "value": {"text": shown_answer(question, request.answers.get(question.name))},
        }
        for page in PAGES[:3]
        for question in page.questions
    ]
    context = {
        "case": request,
        "programme": programme,
        "ladder": results["attrition"],
        "study": _study(found.job, results) if product_of(found.job) == Product.FEASIBILITY else None,
        "analyses": [
            {"name": one["name"], "covariates": (one.get("balance") or {}).get("covariates", [])} for one in results["analyses"]
        ],
        "section": "requests",
    }
    return render(http, "review/facts.html", context)


def _study(job: Job, results: Mapping[str, Any]) -> dict[str, Any]:
    """What a feasibility study says: its answer as it will be published, and the criteria of the analysis that it is about, in
    the engine's words."""
    headline = results["headline"]["analysis"]
    criteria = next(one["criteria"] for one in results["analyses"] if one["name"] == headline)
    rows = [(engine_says(f"feasibility.criteria.{one['name']}.name"), one["sentence"]) for one in criteria]
    return {"sentence": short_answer(read_released(output_folder(job)).release).sentence, "criteria": rows}


def _find(http: Visit, public_id: str, round_id: str) -> tuple[Request, Round]:
    request = find_request(http.user, public_id)
    check_output(http.user, request)
    found = request.rounds.select_related("job", "job__plan", "request", "opened_by").filter(public_id=round_id).first()
    if found is None:
        raise Http404
    return request, found
