"""What allauth asks us: who may register, what its letters say, how a person is kept."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest

from portal.accounts.actions import register
from portal.audit.record import NOBODY
from portal.wording import say


class AccountAdapter(DefaultAccountAdapter):
    """Registration is an action like any other; letters come from our wording."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """The person, with the organisation that the form or the invitation names."""
        data = form.cleaned_data
        made = register(
            by=NOBODY,
            email=data["email"],
            password=data["password1"],
            name=data["name"],
            organisation=data.get("organisation", ""),
            kind=data.get("kind", ""),
            invitation=request.session.pop("invitation", None),
        )
        # allauth goes on with the object that it made.
        user.pk = made.pk
        user.refresh_from_db()
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's letters in our words: account/email/<name> is `accounts.letters.<name>`."""
        name = template_prefix.rpartition("/")[2]
        link = context.get("activate_url") or context.get("password_reset_url") or settings.ADDRESS
        subject, body = (say(f"accounts.letters.{name}.{part}", link=link) for part in ("subject", "body"))
        send_mail(subject, say("accounts.letters.frame", body=body), settings.DEFAULT_FROM_EMAIL, [email])

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say what happened in our words; allauth's own messages name people by their identifier."""

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whoever gave a password or a code in the last minutes is not asked again, as when setting up a second factor."""
        records = get_authentication_records(context.request, context.request.user)
        return not records or time.time() - records[-1]["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may register an organisation; what it may do comes with a request that the lab accepts."""
        return True


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are encrypted in the database with a key that is not in it."""

    def encrypt(self, text: str) -> str:
        """Under a key made from Django's secret."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Back again."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
