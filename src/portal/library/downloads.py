"""Files of any view of the library: CSV, ODS and JSON, with the source of every row and the meaning of every symbol."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from datalab.library import export_bytes
from datalab.library.tables import Form
from portal.library.entries import current_stamp
from portal.library.forms import SearchForm, refuse_file
from portal.library.search import find, row_of
from portal.library.views import answers
from portal.library.words import licence_line
from portal.wording import say

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
}
MOST_IN_A_WORKBOOK = 5_000


@login_not_required
@require_safe
def download(http: HttpRequest, form: str) -> HttpResponse:
    """The results that are asked for, as a file. What is too much for a workbook is told to be taken as CSV."""
    if form not in get_args(Form):
        raise Http404
    questions = SearchForm(http.GET)
    if (refused := refuse_file(questions)) is not None:
        return refused
    asked = answers(questions)
    content = _content(current_stamp(), form, tuple(sorted(asked.items())), http.build_absolute_uri("/").rstrip("/"))
    if content is None:
        return HttpResponse(
            say("library.download.too_many", most=MOST_IN_A_WORKBOOK), status=409, content_type="text/plain; charset=utf-8"
        )
    answer = HttpResponse(content, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="library.{form}"'
    return answer


@lru_cache(maxsize=4)
def _content(stamp: str, form: Any, given: tuple[tuple[str, Any], ...], start: str) -> bytes | None:
    found = find(dict(given))
    if form == "ods" and found.count() > MOST_IN_A_WORKBOOK:
        return None
    rows = [
        row_of(one, start + reverse("library-analysis", args=[one.analysis.name]))
        for one in found.select_related("analysis", "evidence")
    ]
    return export_bytes(rows, form, [licence_line()])
