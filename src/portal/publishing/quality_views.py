"""Pages of quality-assurance access: the publisher's list, and what the named person sees; every look is in the audit."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit.record import record_look
from portal.config.files import listed, send
from portal.config.http import Visit, or_404
from portal.config.refusals import Refused
from portal.publishing.forms import NamedForm
from portal.publishing.freezing import cleared_output
from portal.publishing.models import QualityAccess
from portal.publishing.quality import check_reader, end_access, open_results, opened
from portal.requests.find import find_request
from portal.requests.permissions import check_open_results
from portal.runs.output import PUBLIC_FILES, RULES_OF_A_REPORT
from portal.wording import say


@require_http_methods(["GET", "POST"])
def opening(http: Visit, public_id: str) -> HttpResponse:
    """To whom the results are open; opening them to somebody."""
    request, form = find_request(http.user, public_id), NamedForm(http.POST or None)
    check_open_results(http.user, request)
    if form.is_bound and form.is_valid():
        try:
            open_results(by=http.user, request=request, **form.cleaned_data)
        except Refused as refused:
            form.add_error("email", refused.sentence)
        else:
            messages.success(http, say("publishing.quality.done"))
            return redirect("request-quality", public_id)
    context = {"case": request, "form": form, "opened": opened(request), "section": "queue"}
    return render(http, "publishing/quality.html", context)


@require_POST
def ending(http: Visit, public_id: str, access_id: str) -> HttpResponse:
    """Closes them for somebody."""
    request = find_request(http.user, public_id)
    found = opened(request).filter(public_id=access_id).first()
    if found is None:
        raise Http404
    end_access(by=http.user, access=found)
    return redirect("request-quality", public_id)


def _mine(http: Visit, access_id: str) -> QualityAccess:
    """The person's own access. Raises Http404 in every other case, all alike."""
    wanted = QualityAccess.objects.select_related("clearance__round__request", "clearance__round__job")
    return or_404(wanted.filter(public_id=access_id).first(), check_reader, http.user)


@require_GET
@never_cache
def reading(http: Visit, access_id: str) -> HttpResponse:
    """The cleared files."""
    access = _mine(http, access_id)
    names = listed(cleared_output(access.clearance), PUBLIC_FILES)
    record_look(http.user, "quality.look", access)
    return render(http, "publishing/quality_reading.html", {"access": access, "names": names, "section": "account"})


@require_GET
@never_cache
@csp_replace(RULES_OF_A_REPORT)  # type: ignore[arg-type]
def reading_file(http: Visit, access_id: str, name: str) -> HttpResponse:
    """One of them."""
    access = _mine(http, access_id)
    answer = send(cleared_output(access.clearance), name, PUBLIC_FILES)
    record_look(http.user, "quality.look", access, file=name)
    return answer
