"""Pages of an upload: sending it, watching its check, its faults, its receipt."""

from __future__ import annotations

import json

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from portal.config.http import Visit
from portal.config.refusals import Refused
from portal.requests.find import find_request
from portal.requests.models import Request
from portal.requests.permissions import check_edit, is_provider_of
from portal.uploads import actions
from portal.uploads.forms import UploadForm
from portal.uploads.models import Upload
from portal.uploads.state import current_upload


@require_http_methods(["GET", "POST"])
def send(http: Visit, public_id: str) -> HttpResponse:
    """Sends a file, or another in its place. What is wrong with it as a file is said at once, the rest by the check."""
    request = find_request(http.user, public_id)
    check_edit(http.user, request)
    form = UploadForm(http.POST or None, http.FILES or None)
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = actions.receive(by=http.user, request=request, name=file.name, content=file.read())
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            return redirect("upload", public_id, upload.public_id)
    return render(
        http, "uploads/send.html", {"case": request, "form": form, "upload": current_upload(request), "section": "requests"}
    )


@require_GET
def status(http: Visit, public_id: str, upload_id: str) -> HttpResponse:
    """How the check goes, then what it found: each fault with its rows and rule. The provider's alone."""
    request, upload = _find(http, public_id, upload_id)
    job = upload.jobs.order_by("-asked_at").first()
    waiting = upload.state == Upload.State.WAITING
    failed = job is not None and job.is_over and upload.checked_at is None
    context = {
        "case": request,
        "upload": upload,
        "job": job,
        "failed": failed,
        "refresh": 2 if waiting else None,
        "section": "requests",
    }
    return render(http, "uploads/status.html", context)


@require_GET
def receipt(http: Visit, public_id: str, upload_id: str) -> HttpResponse:
    """The receipt as a file: the hash of what was sent, by which the provider can tell that it is the same."""
    request, upload = _find(http, public_id, upload_id)
    text = json.dumps(
        {
            "case": request.reference,
            "received_at": upload.received_at.isoformat(),
            "bytes": upload.size,
            "sha256": upload.sha256,
        },
        indent=2,
    )
    answer = HttpResponse(text + "\n", content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{request.reference}.json"'
    return answer


def _find(http: Visit, public_id: str, upload_id: str) -> tuple[Request, Upload]:
    request = find_request(http.user, public_id)
    upload = request.uploads.filter(public_id=upload_id).first()
    if upload is None or not is_provider_of(http.user, request):
        raise Http404
    return request, upload
