"""The form that takes an upload."""

from __future__ import annotations

from django import forms

from portal.wording import say


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=say("uploads.fields.file"), help_text=say("uploads.fields.file_hint"), allow_empty_file=True, max_length=300
    )
