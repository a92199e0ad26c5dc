"""Forms of the publishers, and of whoever subscribes."""

from __future__ import annotations

from django import forms

from portal.config.fields import DateField, TextField
from portal.wording import say


class ReleaseForm(forms.Form):
    """What a release is called, and its day."""

    title = TextField(max_length=120, label=say("publishing.fields.title"), help_text=say("publishing.fields.title_hint"))
    day = DateField(label=say("publishing.fields.day"))


class NamedForm(forms.Form):
    """Who may see results before they are out, in which role, and why: a release early, or an output during its fact check."""

    email = forms.EmailField(label=say("publishing.fields.email"), help_text=say("publishing.fields.email_hint"))
    role = TextField(max_length=120, label=say("publishing.fields.role"), help_text=say("publishing.fields.role_hint"))
    why = TextField(max_length=500, widget=forms.Textarea, label=say("publishing.fields.why"))


class CancelForm(forms.Form):
    """Why it will not be out."""

    reason = TextField(
        max_length=1000,
        widget=forms.Textarea,
        label=say("publishing.fields.reason"),
        help_text=say("publishing.fields.reason_hint"),
    )


class CorrectionForm(forms.Form):
    """What was wrong, and whether there is a new output."""

    note = TextField(
        max_length=2000, widget=forms.Textarea, label=say("publishing.fields.note"), help_text=say("publishing.fields.note_hint")
    )
    with_output = forms.ChoiceField(
        choices=[
            ("no", say("publishing.fields.note_alone")),
            ("yes", say("publishing.fields.new_output")),
            ("withdraw", say("publishing.fields.withdraws")),
        ],
        widget=forms.RadioSelect,
        label=say("publishing.fields.with_output"),
    )


class SubscribeForm(forms.Form):
    """Where the letters go."""

    email = forms.EmailField(label=say("publishing.fields.your_email"))
