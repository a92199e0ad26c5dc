"""Forms about people. Their words are in the wording, their looks in templates/forms.html."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django import forms

from portal.accounts.actions import open_invitation
from portal.accounts.models import Organisation
from portal.config.fields import TextField
from portal.wording import say


class RegistrationForm(forms.Form):
    """What registration asks besides address and password; an invitation brings its own organisation, so it is not asked for."""

    name = TextField(max_length=120, label=say("accounts.fields.name"))
    organisation = TextField(max_length=120, label=say("accounts.fields.organisation"))
    kind = forms.ChoiceField(choices=Organisation.Kind.choices, widget=forms.RadioSelect, label=say("accounts.fields.kind"))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        secret = context.request.session.get("invitation") if context.request else None
        invited = open_invitation(secret) if secret else None
        self.joins = invited.organisation.name if invited else ""
        self.invited = invited.email if invited else ""
        if invited:
            del self.fields["organisation"], self.fields["kind"]

    def clean(self) -> dict[str, Any] | None:
        """An invitation is for the address that it went to: a link that was passed on lets nobody else in."""
        given = super().clean()
        if self.invited and self.cleaned_data.get("email", self.invited).lower() != self.invited:
            self.add_error("email", say("accounts.refusals.other_address"))
        return given

    def signup(self, request: Any, user: Any) -> None:
        """Everything is done by the adapter's save_user."""


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(label=say("accounts.fields.colleague"))


class NameForm(forms.Form):
    """What others see."""

    name = TextField(max_length=120, label=say("accounts.fields.name"))
