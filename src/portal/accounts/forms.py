"""Forms about people. Their words are in the wording, their looks in templates/forms.html."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.accounts.models import Organisation
from portal.wording import say


class RegistrationForm(forms.Form):
    """What registration asks besides address and password; an invitation brings its own organisation."""

    name = forms.CharField(max_length=120, label=say("accounts.fields.name"))
    organisation = forms.CharField(max_length=120, label=say("accounts.fields.organisation"))
    kind = forms.ChoiceField(choices=Organisation.Kind.choices, widget=forms.RadioSelect, label=say("accounts.fields.kind"))

    def signup(self, request: Any, user: Any) -> None:
        """Everything is done by the adapter's save_user."""


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(label=say("accounts.fields.colleague"))


class NameForm(forms.Form):
    """What others see."""

    name = forms.CharField(max_length=120, label=say("accounts.fields.name"))
