"""Forms of the data steward."""

from __future__ import annotations

from typing import Any

from django import forms

from datalab.disclosure import load_thresholds
from portal.accounts.roles import Role
from portal.config.fields import DateField, TextField
from portal.ops.thresholds import NAMES
from portal.wording import say

MOST_BYTES = 1_000_000  # of a linkage model, which has some 30,000


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


class ModelForm(forms.Form):
    """Which linkage model, and why."""

    source = forms.ChoiceField(
        choices=[("file", say("ops.fields.model_file")), ("own", say("ops.fields.model_own"))],
        widget=forms.RadioSelect,
        label=say("ops.fields.model"),
    )
    file = forms.FileField(
        required=False,
        label=say("ops.fields.file"),
        help_text=say("ops.fields.file_hint"),
        max_length=300,
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )
    why = TextField(max_length=1000, widget=forms.Textarea, label=say("requests.fields.reason"))

    def clean(self) -> dict[str, Any]:
        """A file where one is meant, none where none is, and no larger than a model is."""
        data = super().clean() or {}
        file = data.get("file")
        if data.get("source") and (data["source"] == "file") != bool(file):
            self.add_error("file", say("ops.refusals.which_model"))
        elif file and (file.size or 0) > MOST_BYTES:
            self.add_error("file", say("ops.refusals.no_model"))
        return data

    @property
    def content(self) -> bytes | None:
        """The bytes of the file; None for the engine's own model."""
        file = self.cleaned_data["file"]
        return file.read() if file else None
