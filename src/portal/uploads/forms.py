"""The form that takes an upload."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.uploads.receiving import MOST_BYTES
from portal.wording import say


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=say("uploads.fields.file"), help_text=say("uploads.fields.file_hint"), allow_empty_file=True, max_length=300
    )

    def clean_file(self) -> UploadedFile:
        """No larger than may be: of one that is, nothing was kept (receiving.py)."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(say("uploads.refusals.size", most=MOST_BYTES // 1_000_000))
        return file
