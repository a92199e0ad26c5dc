"""A request of somebody who is signed in: what every page gets that is not marked as one for everybody."""

from __future__ import annotations

from django.http import HttpRequest

from portal.accounts.models import User


class Visit(HttpRequest):
    """The middleware lets nobody else through, so `user` is a person."""

    user: User
