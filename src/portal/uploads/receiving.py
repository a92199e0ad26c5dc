"""Takes files as they come, in memory and no further than their limit: what nobody has encrypted never lies on a disk."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from datalab.intake.readers import DEFAULT_LIMITS

# The engine would refuse a larger one.
MOST_BYTES = DEFAULT_LIMITS.file_bytes
# What a browser sends around a file: the other fields and the boundaries.
AROUND = 1024 * 1024


class Bounded(FileUploadHandler):
    """Keeps the files of one visit, together no more than MOST_BYTES. Of what is larger nothing is kept but its size, so that the
    page can say why; where the visit says beforehand that it is larger, not even its beginning is."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:
        """Hears how much is coming."""
        self.taken = content_length if content_length > MOST_BYTES + AROUND else 0

    def new_file(self, *args: Any, **given: Any) -> None:
        """A file begins."""
        super().new_file(*args, **given)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A part of it."""
        self.taken += len(raw_data)
        if self.taken <= MOST_BYTES:
            self.kept.write(raw_data)
        else:
            self.kept = io.BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file; one that was too large is without content, and its size says so."""
        size = file_size if self.taken <= MOST_BYTES else max(self.taken, MOST_BYTES + 1)
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type, size, self.charset, self.content_type_extra
        )
