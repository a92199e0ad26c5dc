"""A request of somebody who is signed in: what every page gets that is not marked as one for everybody; and what is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import Http404, HttpRequest

from portal.accounts.models import User
from portal.config.refusals import Refused

T = TypeVar("T")


class Visit(HttpRequest):
    """The middleware lets nobody else through, so `user` is a person."""

    user: User


def or_404(found: T | None, check: Callable[[User, T], None], user: User) -> T:
    """What was found, where the check lets the person see it. Raises Http404 in every other case, all alike."""
    if found is None:
        raise Http404
    try:
        check(user, found)
    except Refused as refused:
        raise Http404 from refused
    return found
