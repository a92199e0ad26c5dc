"""Pages of the lab: the queue, accepting and refusing, the plan."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import Organisation
from portal.audit.record import Named, record_look
from portal.config.clock import today
from portal.config.http import Visit
from portal.config.refusals import Refused
from portal.ops.central import current_load
from portal.requests import actions
from portal.requests.asking import ask, done
from portal.requests.find import find_request
from portal.requests.forms import AmendForm, PlanForm, ReasonForm, RefuseForm
from portal.requests.models import Request
from portal.requests.plan_form import StudyForm
from portal.requests.plans import draft_plan, plan_text
from portal.requests.states import STANDINGS, Owner, State
from portal.requests.views import PAGE_SIZE
from portal.wording import say

QUEUE_ORDER = ("state_since", "id")
# What the queue can be narrowed to.
FILTERS: dict[str, frozenset[State]] = {
    "waiting": frozenset(
        state
        for state, standing in STANDINGS.items()
        if standing.owner in (Owner.ANALYST, Owner.REVIEWERS, Owner.PUBLISHER, Owner.SYSTEM)
    ),
    "to_decide": frozenset({State.SUBMITTED}),
    "in_work": frozenset({State.ACCEPTED, State.PLANNED, State.LINKED, State.ANALYSED, State.NOT_REPORTABLE, State.RETURNED}),
    "in_review": frozenset({State.IN_REVIEW}),
    "with_provider": frozenset({State.FACT_CHECK}),
    "ready": frozenset({State.CLEARED, State.CLEARED_FINAL, State.SCHEDULED, State.PRE_RELEASE}),
    "ended": frozenset({State.REFUSED, State.WITHDRAWN, State.STOPPED, State.PUBLISHED, State.CORRECTED}),
}


@require_GET
def queue(http: Visit) -> HttpResponse:
    """Requests that the lab has, oldest in their state first, with how long they have been there."""
    if not http.user.is_of_the_lab:
        raise Refused(say("requests.refusals.lab_only"))
    asked, text = http.GET.get("show", "waiting"), http.GET.get("find", "").strip()
    chosen = asked if asked in FILTERS else "waiting"
    found = _in_queue(FILTERS[chosen], text)
    page = Paginator(found.values_list("id", flat=True), PAGE_SIZE).get_page(http.GET.get("page"))
    shown = Request.objects.filter(id__in=list(page)).select_related("organisation").order_by(*QUEUE_ORDER)
    rows = [(one, (today() - one.state_since.date()).days, one.due is not None and today() > one.due) for one in shown]
    record_look(http.user, "queue.look", Named("queue", chosen))
    return render(
        http,
        "requests/queue.html",
        {"page": page, "rows": rows, "filters": list(FILTERS), "chosen": chosen, "find": text, "section": "queue"},
    )


def _in_queue(states: frozenset[State], text: str) -> QuerySet[Request]:
    """Requests in these states, oldest in their state first. Counted and put in order by their index alone: ids are taken first,
    and the rows of one page after that."""
    found = Request.objects.filter(state__in=states).order_by(*QUEUE_ORDER)
    if State.WITHDRAWN in states:  # the only state of the queue that a request comes to without being handed in
        found = found.exclude(submitted_at=None)
    if text:
        named = Organisation.objects.filter(name__icontains=text).values("id")
        found = found.filter(Q(reference__istartswith=text) | Q(organisation__in=named))
    return found


@require_POST
def accept(http: Visit, public_id: str) -> HttpResponse:
    """The lab takes it on."""
    request = find_request(http.user, public_id)
    actions.accept(by=http.user, request=request)
    return done(http, request, "accept")


@require_http_methods(["GET", "POST"])
def refuse(http: Visit, public_id: str) -> HttpResponse:
    """The lab does not take it on, for a criterion."""
    request, form = find_request(http.user, public_id), RefuseForm(http.POST or None)
    return ask(http, request, "refuse", form, lambda data: actions.refuse(by=http.user, request=request, **data))


@require_http_methods(["GET", "POST"])
def plan(http: Visit, public_id: str) -> HttpResponse:
    """Registers the plan, as a form or as text. What the answers suggest stands there to be read and mended; faults come all at
    once."""
    request, load = find_request(http.user, public_id), current_load()
    if "text" in http.POST:
        return _plan_as_text(http, request, PlanForm(http.POST))
    draft = draft_plan(request.reference, request.answers, load.extracted_on if load else today())
    form, wanted = StudyForm(draft, http.POST or None), http.POST.get("do", "register")
    good = form.is_bound and form.is_valid()
    text = form.text if good else plan_text(draft)
    if good and wanted == "text":
        return _plan_as_text(http, request, PlanForm(initial={"text": text}))
    if good and wanted == "show":
        form.add_engine_faults()

    def register(data: dict[str, Any]) -> object:
        return actions.register_plan(by=http.user, request=request, text=text)

    act = register if wanted == "register" else None
    return ask(http, request, "register_plan", form, act, "requests/plan.html", text=text)


def _plan_as_text(http: Visit, request: Request, form: PlanForm) -> HttpResponse:
    return ask(http, request, "register_plan", form, lambda data: actions.register_plan(by=http.user, request=request, **data))


@require_http_methods(["GET", "POST"])
def amend(http: Visit, public_id: str) -> HttpResponse:
    """Another plan beside the registered one, with its reason."""
    request = find_request(http.user, public_id)
    last = request.plans.order_by("number").last()
    form = AmendForm(http.POST or None, initial={"text": last.text if last else ""})
    return ask(http, request, "amend", form, lambda data: actions.amend_plan(by=http.user, request=request, **data))


@require_POST
def rework(http: Visit, public_id: str) -> HttpResponse:
    """Takes a returned request up again."""
    actions.rework(by=http.user, request=find_request(http.user, public_id))
    return redirect("request", public_id)


@require_POST
def ask_for_facts(http: Visit, public_id: str) -> HttpResponse:
    """Sends the cleared draft to the provider."""
    request = find_request(http.user, public_id)
    actions.ask_for_facts(by=http.user, request=request)
    return done(http, request, "ask_for_facts")


@require_http_methods(["GET", "POST"])
def stop(http: Visit, public_id: str) -> HttpResponse:
    """The lead statistician stops a publication, with a public reason."""
    request, form = find_request(http.user, public_id), ReasonForm(http.POST or None)
    return ask(http, request, "stop", form, lambda data: actions.stop(by=http.user, request=request, **data))
