"""Pages of the data steward: central records, thresholds, roles and their quarterly look, retention, audit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datalab.errors import DataLabError
from datalab.linkage import load_model
from portal.accounts.models import Grant, User
from portal.accounts.roles import Role, who_may_hold
from portal.audit.newest import NewestFirst
from portal.audit.record import Named, record_look
from portal.audit.verify import export, verify
from portal.config.http import Visit
from portal.config.refusals import Refused
from portal.ops import central, destruction, roles
from portal.ops import linkage as models
from portal.ops import thresholds as limits
from portal.ops.forms import LoadForm, ModelForm, RoleForm, ThresholdsForm
from portal.ops.models import CentralLoad, Change, LinkageModel, ThresholdSet
from portal.ops.proposals import P
from portal.requests.find import find_request
from portal.requests.models import Request
from portal.requests.states import RETENTION_DAYS
from portal.requests.views import PAGE_SIZE
from portal.wording import say


def _steward(http: Visit) -> User:
    central.check_steward(http.user)
    return http.user


@require_GET
def lab(http: Visit) -> HttpResponse:
    """What the steward looks after, with what is due."""
    _steward(http)
    waiting = (
        Request.objects.filter(state__in=RETENTION_DAYS, data_destroyed_at=None)
        .select_related("organisation")
        .order_by("state_since")[:PAGE_SIZE]
    )
    context: dict[str, Any] = {
        "load": central.current_load(),
        "waiting": waiting,
        "due_roles": roles.due_for_review(),
        "proposed": Change.objects.filter(decided_at=None).select_related("user", "proposed_by"),
        "section": "lab",
    }
    return render(http, "ops/lab.html", context)


@require_http_methods(["GET", "POST"])
def loads(http: Visit) -> HttpResponse:
    """The central records: what is loaded, and taking in another folder."""
    by = _steward(http)
    form = LoadForm(http.POST or None)
    if form.is_bound and form.is_valid():
        try:
            central.load_central(by=by, **form.cleaned_data)
        except (Refused, DataLabError) as error:
            form.add_error(
                "folder", getattr(error, "sentence", None) or [getattr(error, "message", ""), *getattr(error, "faults", ())]
            )
        else:
            messages.success(http, say("ops.done.load"))
            return redirect("lab-loads")
    return render(
        http,
        "ops/loads.html",
        {"form": form, "loads": CentralLoad.objects.order_by("-loaded_at").select_related("loaded_by"), "section": "lab"},
    )


@require_http_methods(["GET", "POST"])
def thresholds(http: Visit) -> HttpResponse:
    """The thresholds in force beside the engine's own; what is proposed; proposing a set."""
    by, kept = _steward(http), limits.current_set()
    found = limits.thresholds_of(kept)
    form = ThresholdsForm(http.POST or None, initial={name: getattr(found, name) for name in limits.NAMES})
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = limits.propose_thresholds(by=by, why=data.pop("why"), values=data)
        except Refused as refused:
            form.add_error(None, refused.sentence.splitlines())
        else:
            messages.success(http, say("ops.done.tightened" if made.is_current else "ops.done.proposed"))
            return redirect("lab-thresholds")
    sets = ThresholdSet.objects.select_related("proposed_by", "decided_by").order_by("-proposed_at")
    waiting = [(one, limits.lines(one)) for one in sets if one.decided_at is None]
    context = {
        "form": form,
        "lines": limits.lines(kept),
        "version": found.version,
        "waiting": waiting,
        "sets": sets,
        "section": "lab",
    }
    return render(http, "ops/thresholds.html", context)


@require_POST
def decide_thresholds(http: Visit, set_id: str) -> HttpResponse:
    """Agrees to thresholds that another steward proposed, or does not."""
    by, proposed = _steward(http), _proposed(ThresholdSet, set_id)
    limits.decide_thresholds(by=by, proposed=proposed, accept=_agrees(http))
    return _decided(http, "lab-thresholds")


@require_http_methods(["GET", "POST"])
def linkage(http: Visit) -> HttpResponse:
    """The linkage model in force; what is proposed, with what it would change; proposing one."""
    by, kept = _steward(http), models.current_model()
    form = ModelForm(http.POST or None, http.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            models.propose_model(by=by, content=form.content, why=form.cleaned_data["why"])
        except Refused as refused:
            form.add_error(None, refused.sentence.splitlines())
        else:
            messages.success(http, say("ops.done.proposed"))
            return redirect("lab-linkage")
    sets = LinkageModel.objects.select_related("proposed_by", "decided_by").order_by("-proposed_at")
    found = models.model_of(kept)
    waiting = []
    for one in sets.filter(decided_at=None):
        its = models.model_of(one)
        beside = (models.moved(found, its), models.differing(found, its)) if found and its else None
        waiting.append((one, its, beside))
    context = {
        "form": form,
        "version": kept.version if kept else load_model().version,
        "in_force": found,
        "own": kept is None,
        "waiting": waiting,
        "sets": sets,
        "section": "lab",
    }
    return render(http, "ops/linkage.html", context)


@require_POST
def decide_linkage(http: Visit, model_id: str) -> HttpResponse:
    """Agrees to a linkage model that another steward proposed, or does not."""
    by, proposed = _steward(http), _proposed(LinkageModel, model_id)
    models.decide_model(by=by, proposed=proposed, accept=_agrees(http))
    return _decided(http, "lab-linkage")


@require_http_methods(["GET", "POST"])
def people(http: Visit) -> HttpResponse:
    """Who holds which role; proposing a change; the quarterly look."""
    by = _steward(http)
    form = RoleForm(http.POST or None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        user = User.objects.filter(email=data["email"].lower()).first()
        if user is None:
            form.add_error("email", say("ops.refusals.nobody"))
        else:
            try:
                roles.propose_role(by=by, user=user, role=data["role"], give=data["give"] == "yes", why=data["why"])
            except Refused as refused:
                form.add_error("role", refused.sentence)
            else:
                messages.success(http, say("ops.done.proposed"))
                return redirect("lab-people")
    context = {
        "form": form,
        "grants": Grant.objects.filter(ended_at=None).select_related("user").order_by("role", "user__name"),
        "due": {grant.id for grant in roles.due_for_review()},
        "proposed": Change.objects.filter(decided_at=None).select_related("user", "proposed_by"),
        "paragraphs": [(role.label, who_may_hold(role)) for role in Role],
        "section": "lab",
    }
    return render(http, "ops/people.html", context)


@require_POST
def decide(http: Visit, change_id: str) -> HttpResponse:
    """Agrees to a change that another steward proposed, or does not."""
    by, change = _steward(http), _proposed(Change, change_id)
    roles.decide_role(by=by, change=change, accept=_agrees(http))
    return _decided(http, "lab-people")


def _proposed(kind: type[P], public_id: str) -> P:
    found = kind._default_manager.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _agrees(http: Visit) -> bool:
    """What was answered. Raises Refused for anything else: a decision is made once."""
    if http.POST.get("answer") not in ("accept", "decline"):
        raise Refused(say("ops.refusals.answer"), status=409)
    return http.POST["answer"] == "accept"


def _decided(http: Visit, page: str) -> HttpResponse:
    messages.success(http, say("ops.done.decided"))
    return redirect(page)


@require_POST
def confirm(http: Visit, grant_id: int) -> HttpResponse:
    """The quarterly look: still needed."""
    grant = Grant.objects.filter(id=grant_id, ended_at=None).select_related("user").first()
    if grant is None:
        raise Http404
    roles.confirm_role(by=_steward(http), grant=grant)
    return redirect("lab-people")


@require_POST
def destroy(http: Visit, public_id: str) -> HttpResponse:
    """Destroys a request's personal data before the clock does."""
    by = _steward(http)
    destruction.destroy_data(by=by, request=find_request(by, public_id))
    messages.success(http, say("ops.done.destroyed"))
    return redirect("request-certificate", public_id)


@require_GET
def audit(http: Visit) -> HttpResponse:
    """The audit, newest first, and whether the chain holds."""
    _steward(http)
    record_look(http.user, "audit.look", Named("audit"))
    page = Paginator(NewestFirst(), PAGE_SIZE).get_page(http.GET.get("page"))
    verdict = verify() if "verify" in http.GET else None
    return render(http, "ops/audit.html", {"page": page, "verdict": verdict, "section": "lab"})


@require_GET
def audit_export(http: Visit) -> StreamingHttpResponse:
    """Every event as JSON lines."""
    _steward(http)
    record_look(http.user, "audit.export", Named("audit"))
    answer = StreamingHttpResponse((line + "\n" for line in export()), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="audit.jsonl"'
    return answer
