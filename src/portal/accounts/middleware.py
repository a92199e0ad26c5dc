"""How long a session lasts, and that nobody gets past the door without a second factor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.config.clock import now
from portal.wording import say

Answer = Callable[[HttpRequest], HttpResponse]
# What somebody without a second factor may do: set one up, prove who they are for it, sign out.
WITHOUT_SECOND_FACTOR = frozenset(
    {
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "account_reauthenticate",
        "account_logout",
    }
)


class SessionLimits:
    """Ends a session that was idle too long, or that is too old."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Signs the person out where either limit has passed; the page asked for is then the sign-in page."""
        if request.user.is_authenticated:
            moment = now()
            started = self._moment(request, "started_at", moment)
            seen = self._moment(request, "seen_at", moment)
            if moment - started > settings.SESSION_ABSOLUTE_LIMIT or moment - seen > settings.SESSION_IDLE_LIMIT:
                logout(request)
                messages.info(request, say("accounts.session.ended"))
            # Written at most once a minute: a page should not cost a write.
            elif moment - seen > dt.timedelta(minutes=1):
                request.session["seen_at"] = moment.isoformat()
        return self.get_response(request)

    @staticmethod
    def _moment(request: HttpRequest, name: str, default: dt.datetime) -> dt.datetime:
        kept = request.session.get(name)
        if kept is None:
            request.session[name] = default.isoformat()
            return default
        return dt.datetime.fromisoformat(kept)


class SecondFactor:
    """Somebody who signed in without a second factor is led to set one up, whatever page they ask for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passed on; see process_view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """To the page that sets one up, unless the page is for everybody or part of setting up."""
        if not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WITHOUT_SECOND_FACTOR or is_mfa_enabled(request.user):
            return None
        return redirect("mfa_activate_totp")
