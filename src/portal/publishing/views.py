"""Pages of the publishers: putting a release together, the second person, cancelling, correcting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit.record import record_look
from portal.config.clock import now
from portal.config.http import Visit
from portal.config.refusals import Refused, is_allowed
from portal.publishing import actions, outing
from portal.publishing.bulletin import fixed
from portal.publishing.forms import CancelForm, CorrectionForm, NamedForm, ReleaseForm
from portal.publishing.models import Correction, Entry, Named, Release, Report
from portal.publishing.permissions import (
    check_addable,
    check_correction,
    check_draft,
    check_not_own,
    check_publisher,
    check_second,
)
from portal.publishing.states import MOVES, ReleaseState
from portal.requests.models import Request
from portal.requests.states import State
from portal.runs.output import PAGE_OF
from portal.wording import say

T = TypeVar("T")


@require_GET
def listing(http: Visit) -> HttpResponse:
    """Every release, the ones to come first, and the reports that wait for one."""
    check_publisher(http.user)
    waiting = Request.objects.filter(state=State.CLEARED_FINAL).select_related("organisation").order_by("state_since")
    reports = Report.objects.select_related("request__organisation").order_by("-first_published_at")[:50]
    context = {"releases": Release.objects.all()[:100], "waiting": waiting, "reports": reports, "section": "publishing"}
    return render(http, "publishing/listing.html", context)


def _form_page(http: Visit, name: str, form: forms.Form, back: str, **more: Any) -> HttpResponse:
    texts = {part: say(f"publishing.ask.{name}.{part}") for part in ("title", "button")}
    lead = [say(f"publishing.ask.{name}.lead")]
    return render(
        http,
        "form_page.html",
        {**texts, "lead": lead, "form": form, "errors": form.errors, "back": back, "section": "publishing", **more},
    )


def _tried(form: forms.Form, field: str | None, act: Callable[[dict[str, Any]], T]) -> T | None:
    """What an action made of a good form's answers; None where they are not good, or it refused: why stands beside the field."""
    if form.is_bound and form.is_valid():
        try:
            return act(form.cleaned_data)
        except Refused as refused:
            form.add_error(field, refused.sentence)
    return None


@require_http_methods(["GET", "POST"])
def new(http: Visit) -> HttpResponse:
    """A new release."""
    check_publisher(http.user)
    form = ReleaseForm(http.POST or None)
    made = _tried(form, "day", lambda data: actions.make_release(by=http.user, **data))
    if made is not None:
        return redirect("publishing-release", made.public_id)
    return _form_page(http, "new", form, reverse("publishing"))


@require_http_methods(["GET", "POST"])
def change(http: Visit, release_id: str) -> HttpResponse:
    """Another title or day."""
    found = _find(http, release_id)
    form = ReleaseForm(http.POST or None, initial={"title": found.title, "day": found.day})
    if _tried(form, "day", lambda data: actions.change_release(by=http.user, release=found, **data)) is not None:
        return _done(http, found, "change")
    return _form_page(http, "change", form, _address(found))


@require_GET
def release(http: Visit, release_id: str) -> HttpResponse:
    """One release: what is in it, who may see it early, what can be done now."""
    found = _find(http, release_id)
    can = {name for name, (starts, _) in MOVES.items() if ReleaseState(found.state) in starts}
    is_draft = is_allowed(check_draft, http.user, found)
    ready = Request.objects.filter(state=State.CLEARED_FINAL).exclude(entries__dropped=False).select_related("organisation")
    context = {
        "release": found,
        "entries": found.entries.filter(dropped=False).select_related("request__organisation", "clearance__round__job"),
        "page_of": PAGE_OF,
        "named": found.named.filter(removed=False).select_related("user"),
        "ready": [one for one in ready if is_allowed(check_addable, http.user, one)] if is_draft else [],
        "can": can | ({"draft"} if is_draft else set()),
        "is_second": is_allowed(check_second, http.user, found),
        "has_passed": now() >= found.publish_at,
        "section": "publishing",
    }
    return render(http, "publishing/release.html", context)


@require_GET
def preview(http: Visit, release_id: str) -> HttpResponse:
    """The bulletin as it was fixed."""
    found = _find(http, release_id)
    if not found.is_frozen and found.state != ReleaseState.PUBLISHED:
        raise Http404
    check_not_own(http.user, found)
    record_look(http.user, "release.look", found)
    return render(http, "publishing/preview.html", {**fixed(found), "section": "publishing"})


@require_POST
def add(http: Visit, release_id: str) -> HttpResponse:
    """Puts a report in."""
    found = _find(http, release_id)
    request = Request.objects.filter(public_id=http.POST.get("request", "")).first()
    if request is None:
        raise Http404
    actions.add_report(by=http.user, release=found, request=request)
    return _done(http, found, "add")


@require_POST
def drop(http: Visit, release_id: str, entry_id: str) -> HttpResponse:
    """Takes a report out."""
    found = _find(http, release_id)
    entry = Entry.objects.filter(release=found, public_id=entry_id, dropped=False).select_related("release").first()
    if entry is None:
        raise Http404
    actions.drop_report(by=http.user, entry=entry)
    return _done(http, found, "drop")


@require_http_methods(["GET", "POST"])
def name(http: Visit, release_id: str) -> HttpResponse:
    """Puts somebody on the list."""
    found = _find(http, release_id)
    check_draft(http.user, found)
    form = NamedForm(http.POST or None)
    if _tried(form, "email", lambda data: actions.name_person(by=http.user, release=found, **data)) is not None:
        return _done(http, found, "name")
    return _form_page(http, "name", form, _address(found))


@require_POST
def unname(http: Visit, release_id: str, named_id: str) -> HttpResponse:
    """Takes somebody off the list."""
    found = _find(http, release_id)
    named = Named.objects.filter(release=found, public_id=named_id).select_related("release").first()
    if named is None:
        raise Http404
    actions.unname_person(by=http.user, named=named)
    return _done(http, found, "unname")


@require_POST
def announce(http: Visit, release_id: str) -> HttpResponse:
    """Shows the title in the public calendar, or no longer."""
    found = _find(http, release_id)
    actions.announce(by=http.user, release=found, announced=http.POST.get("announced") == "yes")
    return _done(http, found, "announce")


@require_POST
def move(http: Visit, release_id: str, what: str) -> HttpResponse:
    """Proposes it, takes it back, or schedules it as the second person."""
    found = _find(http, release_id)
    doing = {"propose": actions.propose, "take-back": actions.take_back, "schedule": actions.schedule}
    if what not in doing:
        raise Http404
    doing[what](by=http.user, release=found)
    return _done(http, found, what.replace("-", "_"))


@require_http_methods(["GET", "POST"])
def cancel(http: Visit, release_id: str) -> HttpResponse:
    """It will not be out, for a public reason."""
    found = _find(http, release_id)
    form = CancelForm(http.POST or None)
    if form.is_bound and form.is_valid():
        actions.cancel(by=http.user, release=found, reason=form.cleaned_data["reason"])
        return _done(http, found, "cancel")
    return _form_page(http, "cancel", form, _address(found), warn=True)


@require_http_methods(["GET", "POST"])
def report(http: Visit, report_id: str) -> HttpResponse:
    """A published report: its versions, and a correction to be proposed or decided."""
    check_publisher(http.user)
    found = Report.objects.select_related("request__organisation").filter(public_id=report_id).first()
    if found is None:
        raise Http404
    form = CorrectionForm(http.POST or None, initial={"with_output": "no"})

    def propose(data: dict[str, Any]) -> Correction:
        kinds = {"with_output": data["with_output"] == "yes", "withdraws": data["with_output"] == "withdraw"}
        return outing.propose_correction(by=http.user, report=found, note=data["note"], **kinds)

    if _tried(form, None, propose) is not None:
        messages.success(http, say("publishing.done.propose_correction"))
        return redirect("publishing-report", report_id)
    waiting = found.corrections.filter(decided_at=None).select_related("report__request", "proposed_by").first()
    context = {
        "report": found,
        "versions": found.versions.all(),
        "waiting": waiting,
        "may_decide": waiting is not None and is_allowed(check_correction, http.user, waiting),
        "form": form,
        "errors": form.errors,
        "section": "publishing",
    }
    return render(http, "publishing/report.html", context)


@require_POST
def decide(http: Visit, correction_id: str) -> HttpResponse:
    """The second person agrees to a correction, or does not."""
    check_publisher(http.user)
    found = Correction.objects.select_related("report__request").filter(public_id=correction_id).first()
    if found is None:
        raise Http404
    outing.decide_correction(by=http.user, correction=found, accept=http.POST.get("answer") == "accept")
    messages.success(http, say("publishing.done.decide"))
    return redirect("publishing-report", found.report.public_id)


def _find(http: Visit, release_id: str) -> Release:
    check_publisher(http.user)
    found = Release.objects.select_related("proposed_by", "scheduled_by").filter(public_id=release_id).first()
    if found is None:
        raise Http404
    return found


def _address(release: Release) -> str:
    return reverse("publishing-release", args=[release.public_id])


def _done(http: Visit, release: Release, what: str) -> HttpResponse:
    messages.success(http, say(f"publishing.done.{what}"))
    return redirect("publishing-release", release.public_id)
