"""Pages of a request for its provider and the lab: thin; rules are in permissions.py, writing in actions.py."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from portal.audit.record import record_look
from portal.config.http import Visit
from portal.requests import actions
from portal.requests.asking import ask, done
from portal.requests.find import find_request
from portal.requests.forms import NoteForm, OwnWordsForm, PageForm, ReasonForm, WithdrawForm, shown_answer
from portal.requests.models import Request
from portal.requests.permissions import is_provider_of
from portal.requests.questions import PAGES, find_page, unanswered
from portal.requests.status import next_step, possible, stages
from portal.uploads.state import current_upload

PAGE_SIZE = 25


@require_GET
def mine(http: Visit) -> HttpResponse:
    """The requests of the person's organisation, newest first."""
    if http.user.organisation is None:
        return redirect("queue" if http.user.is_of_the_lab else "account")
    found = Request.objects.filter(organisation=http.user.organisation).order_by("-created_at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(http.GET.get("page"))
    return render(http, "requests/mine.html", {"page": page, "section": "requests"})


@require_POST
def start(http: Visit) -> HttpResponse:
    """A new draft."""
    made = actions.start_request(by=http.user)
    return redirect("request", made.public_id)


@require_POST
def repeat(http: Visit, public_id: str) -> HttpResponse:
    """A draft of a repeat."""
    made = actions.start_request(by=http.user, repeat_of=find_request(http.user, public_id))
    return redirect("request", made.public_id)


@require_GET
def status(http: Visit, public_id: str) -> HttpResponse:
    """Where a request is, what happens next and what can be done; of a draft, the list of what is to be filled in."""
    request = find_request(http.user, public_id)
    if not is_provider_of(http.user, request):
        record_look(http.user, "request.look", request)
    return render(http, "requests/status.html", about(http, request))


def about(http: Visit, request: Request) -> dict[str, Any]:
    """What the pages of a request need to know."""
    missing = {page.name for page, _ in unanswered(request.answers)}
    last = request.jobs.order_by("-asked_at").first() if http.user.is_of_the_lab else None
    return {
        "case": request,
        "stages": stages(request),
        "next_step": next_step(request),
        "can": possible(http.user, request),
        "pages": [(page, page.name not in missing) for page in PAGES],
        "upload": current_upload(request),
        "is_complete": not missing,
        "notes": request.notes.select_related("written_by"),
        "plans": request.plans.all(),
        "certificate": getattr(request, "certificate", None),
        "job": last,
        "round": request.rounds.last(),
        "section": "requests" if is_provider_of(http.user, request) else "queue",
    }


@require_http_methods(["GET", "POST"])
def page(http: Visit, public_id: str, name: str) -> HttpResponse:
    """One page of the form; saved as it is, and on to the next."""
    request, found = find_request(http.user, public_id), find_page(name)
    if found is None:
        raise Http404
    form = PageForm(found, request.answers, http.POST if http.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actions.save_answers(by=http.user, request=request, answers=form.answers)
        later = PAGES[PAGES.index(found) + 1 :]
        return (
            redirect("request-page", public_id, later[0].name)
            if later and "next" in http.POST
            else redirect("request", public_id)
        )
    return render(
        http,
        "requests/page.html",
        {"form": form, "case": request, "page": found, "number": PAGES.index(found) + 1, "of": len(PAGES)},
    )


@require_GET
def answers(http: Visit, public_id: str) -> HttpResponse:
    """Everything that was answered, to be read before it is submitted and by the lab afterwards."""
    request = find_request(http.user, public_id)
    if not is_provider_of(http.user, request):
        record_look(http.user, "request.look", request, part="answers")
    filled = [
        (page, [(question, shown_answer(question, request.answers.get(question.name))) for question in page.questions])
        for page in PAGES
    ]
    return render(http, "requests/answers.html", {**about(http, request), "filled": filled})


@require_POST
def submit(http: Visit, public_id: str) -> HttpResponse:
    """Hands it in."""
    request = find_request(http.user, public_id)
    actions.submit(by=http.user, request=request)
    return done(http, request, "submit")


@require_http_methods(["GET", "POST"])
def withdraw(http: Visit, public_id: str) -> HttpResponse:
    """Takes it back."""
    request, form = find_request(http.user, public_id), WithdrawForm(http.POST or None)
    return ask(http, request, "withdraw", form, lambda data: actions.withdraw(by=http.user, request=request, **data))


@require_http_methods(["GET", "POST"])
def report_error(http: Visit, public_id: str) -> HttpResponse:
    """An error of fact in the draft."""
    request, form = find_request(http.user, public_id), ReasonForm(http.POST or None)
    return ask(http, request, "report_error", form, lambda data: actions.report_error(by=http.user, request=request, **data))


@require_http_methods(["GET", "POST"])
def describe(http: Visit, public_id: str) -> HttpResponse:
    """The provider's own words."""
    request = find_request(http.user, public_id)
    form = OwnWordsForm(http.POST or None, initial={"text": request.own_words})
    return ask(http, request, "describe", form, lambda data: actions.give_own_words(by=http.user, request=request, **data))


@require_POST
def agree(http: Visit, public_id: str) -> HttpResponse:
    """No error of fact was found."""
    request = find_request(http.user, public_id)
    actions.agree_facts(by=http.user, request=request)
    return done(http, request, "agree")


@require_http_methods(["GET", "POST"])
def notes(http: Visit, public_id: str) -> HttpResponse:
    """The thread between provider and lab."""
    request = find_request(http.user, public_id)
    form = NoteForm(http.POST or None)
    if form.is_bound and form.is_valid():
        actions.write_note(by=http.user, request=request, text=form.cleaned_data["text"])
        return redirect("request-notes", public_id)
    if not is_provider_of(http.user, request):
        record_look(http.user, "request.look", request, part="notes")
    return render(http, "requests/notes.html", {**about(http, request), "form": form})


@require_GET
def history(http: Visit, public_id: str) -> HttpResponse:
    """The audit lines of one request, for its provider and the lab."""
    request = find_request(http.user, public_id)
    events = AuditEvent.objects.filter(request=request.public_id).order_by("-seq")
    page = Paginator(events, PAGE_SIZE).get_page(http.GET.get("page"))
    colleagues = set(Membership.objects.filter(organisation=request.organisation).values_list("user__public_id", flat=True))
    return render(http, "requests/history.html", {**about(http, request), "page": page, "colleagues": colleagues})


@require_GET
def certificate(http: Visit, public_id: str) -> HttpResponse:
    """The certificate of destruction, as a page or as the JSON whose hash it states."""
    request = find_request(http.user, public_id)
    made = getattr(request, "certificate", None)
    if made is None:
        raise Http404
    return render(http, "requests/certificate.html", {**about(http, request), "certificate": made})
