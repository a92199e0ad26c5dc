"""Forms of the data steward."""

from __future__ import annotations

from django import forms

from portal.accounts.roles import Role
from portal.config.fields import DateField
from portal.wording import say


class LoadForm(forms.Form):
    """Which folder, and the day of the records."""

    folder = forms.CharField(max_length=100, label=say("ops.fields.folder"), help_text=say("ops.fields.folder_hint"))
    extracted_on = DateField(label=say("ops.fields.extracted_on"))


class RoleForm(forms.Form):
    """Whom, which role, why."""

    email = forms.EmailField(label=say("ops.fields.person"))
    role = forms.ChoiceField(choices=Role.choices, widget=forms.RadioSelect, label=say("ops.fields.role"))
    give = forms.ChoiceField(
        choices=[("yes", say("ops.fields.give")), ("no", say("ops.fields.take"))],
        widget=forms.RadioSelect,
        label=say("ops.fields.change"),
    )
    why = forms.CharField(max_length=1000, widget=forms.Textarea, label=say("requests.fields.reason"))
