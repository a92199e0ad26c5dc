"""Pages with one form or one button, whose answer an action takes: the same for provider and lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from datalab.errors import InputError
from portal.config.http import Visit
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.moves import name_of
from portal.requests.status import possible
from portal.wording import say, words

Act = Callable[[dict[str, Any]], object]
PAGE = "form_page.html"


def ask(
    http: Visit, request: Request, name: str, form: forms.Form, act: Act | None, template: str = PAGE, **more: Any
) -> HttpResponse:
    """A page with one form, whose words are `requests.ask.<name>`; faults that the engine finds stand beside the form's own.

    act: what is done with a good form; None where it is only shown. more: for a template of its own.

    Raises Refused where the person may not do it, or not now.
    """
    if name not in possible(http.user, request):
        raise Refused(say("requests.refusals.not_now"), status=409)
    if act is not None and form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data)
        except InputError as error:
            form.add_error(None, [error.message, *error.faults])
        else:
            return done(http, request, name)
    own = name_of(request, name)  # a feasibility study has its own words where they differ
    part = f"requests.ask.{own if own in words('requests')['ask'] else name}"
    context = {
        "form": form,
        "caption": request.reference,
        "title": say(f"{part}.title"),
        "lead": [say(f"{part}.lead")],
        "button": say(f"{part}.button"),
        "back": reverse("request", args=[request.public_id]),
        "errors": form.errors,
    }
    return render(http, template, {**context, **more})


def done(http: Visit, request: Request, name: str) -> HttpResponse:
    """Back to the request, with a sentence that it was done."""
    messages.success(http, say(f"requests.done.{name}"))
    return redirect("request", request.public_id)
