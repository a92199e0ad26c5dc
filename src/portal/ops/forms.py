"""Forms of the data steward."""

from __future__ import annotations

from typing import Any

from django import forms

from datalab.disclosure import load_thresholds
from portal.accounts.roles import Role
from portal.config.fields import DateField, TextField
from portal.ops.thresholds import NAMES
from portal.wording import say


class LoadForm(forms.Form):
    """Which folder, and the day of the records."""

    folder = TextField(max_length=100, label=say("ops.fields.folder"), help_text=say("ops.fields.folder_hint"))
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
    why = TextField(max_length=1000, widget=forms.Textarea, label=say("requests.fields.reason"))


class ThresholdsForm(forms.Form):
    """A number for each threshold, then why. What is looser than the engine's file the action refuses, in the engine's words."""

    why = TextField(max_length=1000, widget=forms.Textarea, label=say("requests.fields.reason"))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        floor = load_thresholds()
        for name in NAMES:
            kind = forms.IntegerField if isinstance(getattr(floor, name), int) else forms.FloatField
            hint = say("ops.fields.at_most" if name == "dominance_maximum" else "ops.fields.at_least", floor=getattr(floor, name))
            self.fields[name] = kind(label=say(f"ops.thresholds.{name}"), help_text=hint)
        self.order_fields([*NAMES, "why"])
