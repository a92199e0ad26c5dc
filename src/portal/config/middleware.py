"""Turns a refusal raised anywhere in a page into the page that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.config.refusals import Refused


class NothingUnprintable:
    """No address, question or answer holds a character of no width that PostgreSQL cannot keep (NUL): there is no such page.

    The library's interface says so in its own words, as of anything that makes no sense.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passed on; see process_view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Iterable[object], kwargs: dict[str, object]) -> None:
        """Raises Http404 for one that does."""
        asked = [value for part in (request.GET, request.POST) for values in dict(part.lists()).values() for value in values]
        given = [*map(str, args), *map(str, kwargs.values()), *asked]
        if any("\0" in value for value in given) and not getattr(view, "says_what_is_wrong", False):
            raise Http404


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
