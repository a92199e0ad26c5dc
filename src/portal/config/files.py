"""Sends one file of a folder that may be shown: by a fixed list of names, never by what an address says."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.http import Http404, HttpResponse

IN_THE_BROWSER = (".html", ".pdf", ".json")


def listed(folder: Path, allowed: frozenset[str]) -> list[str]:
    """The files of a folder that may be shown, the pages first."""
    return sorted((name for name in allowed if (folder / name).is_file()), key=lambda name: (not name.endswith(".html"), name))


def send(folder: Path, name: str, allowed: frozenset[str]) -> HttpResponse:
    """The file. Raises Http404 where it is none that may be shown, the same as for one that is not there."""
    path = folder / name
    if name not in allowed or not path.is_file():
        raise Http404
    answer = HttpResponse(path.read_bytes(), content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    if not name.endswith(IN_THE_BROWSER):
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
