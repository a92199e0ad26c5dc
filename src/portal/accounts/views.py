"""Pages of an account: one's own, colleagues, joining by invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import actions
from portal.accounts.forms import InviteForm, NameForm
from portal.accounts.models import Membership
from portal.accounts.roles import Role, who_may_hold
from portal.config.http import Visit
from portal.wording import say


@require_http_methods(["GET", "POST"])
def account(http: Visit) -> HttpResponse:
    """One's own account: name, roles and what they mean, second factor, colleagues."""
    form = NameForm(http.POST or None, initial={"name": http.user.name})
    if form.is_bound and form.is_valid():
        actions.change_name(by=http.user, name=form.cleaned_data["name"])
        messages.success(http, say("accounts.done.name"))
        return redirect("account")
    colleagues = (
        Membership.objects.filter(organisation=http.user.organisation, ended_at=None).select_related("user")
        if http.user.organisation
        else ()
    )
    held = [(Role(role).label, who_may_hold(Role(role))) for role in sorted(http.user.roles)]
    return render(http, "accounts/account.html", {"form": form, "colleagues": colleagues, "held": held, "section": "account"})


@require_http_methods(["GET", "POST"])
def invite(http: Visit) -> HttpResponse:
    """A letter to a colleague."""
    form = InviteForm(http.POST or None)
    if form.is_bound and form.is_valid():
        actions.invite(by=http.user, email=form.cleaned_data["email"])
        messages.success(http, say("accounts.done.invite"))
        return redirect("account")
    words = {name: say(f"accounts.invite.{name}") for name in ("title", "button")}
    return render(http, "form_page.html", {**words, "lead": [say("accounts.invite.lead")], "form": form, "section": "account"})


@login_not_required
@require_GET
def join(http: HttpRequest, secret: str) -> HttpResponse:
    """The link of an invitation: to registration, with the organisation filled in."""
    found = actions.open_invitation(secret)
    if found is None:
        return render(http, "refused.html", {"why": say("accounts.refusals.invitation")}, status=409)
    http.session["invitation"] = secret
    return redirect("account_signup")
