"""The template for an upload, made once by the engine from its schema."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from datalab.schema.writers import write_template

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}


@cache
def template_bytes(kind: str) -> bytes:
    """The template as a file of a kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"template.{kind}"
        write_template(path, kind)
        return path.read_bytes()
