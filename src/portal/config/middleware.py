"""Turns a refusal raised anywhere in a page into the page that says so."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.config.refusals import Refused


class Refusals:
    """403 with the reason in words; nothing was written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passed on; see process_exception."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says why, for a refusal; anything else goes on."""
        if not isinstance(error, Refused):
            return None
        return render(request, "refused.html", {"why": error.sentence}, status=error.status)
