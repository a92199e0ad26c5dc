"""Pages for the people on the list, in the 24 hours before a release: each by a link of their own, signed in with their second
factor; every look is in the audit."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from portal.audit.record import record_look
from portal.config.files import listed, send
from portal.config.http import Visit, or_404
from portal.publishing.bulletin import OF_A_BULLETIN, fixed
from portal.publishing.freezing import report_folder
from portal.publishing.models import Named
from portal.publishing.permissions import check_named
from portal.runs.output import PUBLIC_FILES, RULES_OF_A_REPORT


def _named(http: Visit, named_id: str) -> Named:
    """The person's own place on the list. Raises Http404 in every other case, all alike."""
    found = Named.objects.select_related("release", "user").filter(public_id=named_id).first()
    return or_404(found, check_named, http.user)


@require_GET
@never_cache
def early(http: Visit, named_id: str) -> HttpResponse:
    """The release as it will be out."""
    named = _named(http, named_id)
    record_look(http.user, "early.look", named)
    entries = named.release.entries.filter(dropped=False).select_related("request")
    context = {
        **fixed(named.release),
        "named": named,
        "reports": [(one, listed(report_folder(named.release, one), PUBLIC_FILES)) for one in entries],
        "section": "account",
    }
    return render(http, "publishing/early.html", context)


@require_GET
@never_cache
def early_file(http: Visit, named_id: str, name: str) -> HttpResponse:
    """The bulletin as a workbook, a PDF or data."""
    named = _named(http, named_id)
    answer = send(named.release.folder, name, OF_A_BULLETIN)
    record_look(http.user, "early.look", named, file=name)
    return answer


@require_GET
@never_cache
@csp_replace(RULES_OF_A_REPORT)  # type: ignore[arg-type]
def early_report(http: Visit, named_id: str, entry_id: str, name: str) -> HttpResponse:
    """One file of a report."""
    named = _named(http, named_id)
    entry = named.release.entries.filter(public_id=entry_id, dropped=False).first()
    if entry is None:
        raise Http404
    answer = send(report_folder(named.release, entry), name, PUBLIC_FILES)
    record_look(http.user, "early.look", named, file=name, report=entry_id)
    return answer
