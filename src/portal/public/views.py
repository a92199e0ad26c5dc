"""Pages for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from portal.accounts.roles import Role
from portal.config.http import Visit
from portal.config.sql import database_answers
from portal.ops.central import current_load
from portal.public.eligibility import EligibilityForm, judge
from portal.public.template import KINDS, template_bytes
from portal.wording import say


@login_not_required
@require_GET
def start(http: HttpRequest) -> HttpResponse:
    """What the lab does, and where to begin."""
    return render(http, "public/start.html", {})


@require_GET
def home(http: Visit) -> HttpResponse:
    """After signing in: to where the person's work is."""
    if http.user.organisation is not None:
        return redirect("requests")
    if Role.STEWARD in http.user.roles:
        return redirect("lab")
    return redirect("queue" if http.user.is_of_the_lab else "account")


@login_not_required
@require_GET
def eligibility(http: HttpRequest) -> HttpResponse:
    """The check: the form, or the answer to it. Nothing is kept."""
    asked = "participants" in http.GET
    form = EligibilityForm(http.GET if asked else None)
    load = current_load()
    if asked and form.is_valid():
        answer = judge(form.cleaned_data, load.coverage if load else [], load.extracted_on if load else None)
        # The picture is our own drawing of the engine: no text of anybody's is in it.
        picture = mark_safe(answer.reach.picture) if answer.reach else ""  # noqa: S308
        return render(http, "public/answer.html", {"answer": answer, "picture": picture, "section": "eligibility"})
    return render(
        http, "public/eligibility.html", {"form": form, "errors": form.errors if asked else {}, "section": "eligibility"}
    )


@login_not_required
@require_GET
def template(http: HttpRequest, kind: str) -> HttpResponse:
    """The template for an upload."""
    if kind not in KINDS:
        raise Http404
    answer = HttpResponse(template_bytes(kind), content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="justice-data-lab-template.{kind}"'
    return answer


@login_not_required
@require_GET
def page(http: HttpRequest, name: str) -> HttpResponse:
    """A page of text: methods, privacy, accessibility."""
    return render(http, "public/text.html", {"name": name, "section": name})


@login_not_required
@require_GET
def health(http: HttpRequest) -> HttpResponse:
    """For a machine: whether the database answers."""
    return HttpResponse(
        "ok\n" if database_answers() else "no database\n", status=200 if database_answers() else 503, content_type="text/plain"
    )


def not_found(http: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page, or not for this person: the same words."""
    return render(
        http, "refused.html", {"why": say("public.refused.not_found"), "title": say("public.refused.not_found_title")}, status=404
    )


def broken(http: HttpRequest) -> HttpResponse:
    """Our fault."""
    return HttpResponse(say("public.refused.broken"), status=500, content_type="text/plain; charset=utf-8")
