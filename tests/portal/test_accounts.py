"""Registration, invitations, passwords and the throttle of signing in, through the pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.test import Client
from tests.portal.lab import PASSWORD, Lab, make_lab

from portal.accounts.models import Invitation, User
from portal.config.clock import at, now

GOOD = "correct horse battery"


def link_of(letter: Any) -> str:
    return re.search(r"https?://[^/]+(/\S+)", letter.body)[1]


def register(client: Client, **changed: str) -> Any:
    data = {"email": "new@example.invalid", "password1": GOOD, "password2": GOOD, "name": "New Person", **changed}
    return client.post("/account/signup/", data)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.django_db(transaction=True)
def test_a_colleague_joins_by_the_link_of_a_letter_once(home: Any, mailoutbox: list[Any]) -> None:
    lab = make_lab()
    inviter = Client()
    inviter.force_login(lab.person("provider"))
    assert inviter.post("/account/invite", {"email": "new@example.invalid"}).status_code == 302
    link = link_of(next(letter for letter in mailoutbox if letter.to == ["new@example.invalid"]))
    assert link.rsplit("/", 1)[1] not in str(Invitation.objects.values())
    guest = Client()
    assert guest.get(link).status_code == 302
    page = guest.get("/account/signup/").content.decode()
    assert "Thames Workshop Trust" in page
    assert 'name="organisation"' not in page
    other = register(guest, email="somebody.else@example.invalid")
    assert other.status_code == 200
    assert "Give the address that the invitation went to" in text_of(other)
    assert register(guest).status_code == 302
    joined = User.objects.get(email="new@example.invalid")
    assert joined.organisation == lab.person("provider").organisation
    again = Client().get(link)
    assert again.status_code == 409
    assert "invitation" in text_of(again).lower()


def test_an_old_link_is_refused_and_nobody_joins_without_an_organisation(
    lab: Lab, mailoutbox: list[Any], sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("provider").post("/account/invite", {"email": "new@example.invalid"})
    link = link_of(mailoutbox[-1])
    with at(now() + dt.timedelta(days=15)):
        assert Client().get(link).status_code == 409
    assert register(Client()).status_code == 200
    assert not User.objects.filter(email="new@example.invalid").exists()


@pytest.mark.parametrize("password", ["short", "cosmopolitan", "123456789012345", "new@example.invalid"])
def test_passwords_that_are_easily_guessed_are_refused(lab: Lab, password: str) -> None:
    answer = register(Client(), password1=password, password2=password, organisation="A Trust", kind="charity")
    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    assert not User.objects.filter(email="new@example.invalid").exists()


def test_who_is_there_already_is_not_told(lab: Lab) -> None:
    known, new = (
        register(Client(), email=email, organisation="A Trust", kind="charity")
        for email in ("provider@example.invalid", "new@example.invalid")
    )
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    assert User.objects.filter(email="provider@example.invalid").count() == 1


def test_guessing_a_password_is_slowed_down(lab: Lab, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
    cache.clear()
    client = Client()
    said = [text_of(client.post("/account/login/", {"login": "provider@example.invalid", "password": "wrong"})) for _ in range(8)]
    assert "Too many" in said[-1]
    right = client.post("/account/login/", {"login": "provider@example.invalid", "password": PASSWORD})
    assert right.status_code == 200  # even the right one, for a while
    cache.clear()
    assert client.post("/account/login/", {"login": "provider@example.invalid", "password": PASSWORD}).status_code == 302


def test_a_recovery_code_works_once(lab: Lab) -> None:
    person = lab.person("provider")
    assert EmailAddress.objects.get(user=person).verified
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        client.post("/account/login/", {"login": person.email, "password": PASSWORD})
        answer = client.post("/account/2fa/authenticate/", {"code": code})
        assert answer.status_code == expected
    assert client.get("/requests/").status_code == 302


def test_a_password_alone_opens_nothing(lab: Lab) -> None:
    client = Client()
    assert client.post("/account/login/", {"login": "provider@example.invalid", "password": PASSWORD}).status_code == 302
    assert "/login" in client.get("/requests/")["Location"]
