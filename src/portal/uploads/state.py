"""Whether a request has an upload that can be used; asked by the requests' own actions."""

from __future__ import annotations

from portal.requests.models import Request
from portal.uploads.models import Upload


def current_upload(request: Request) -> Upload | None:
    """The upload that counts: checked, or being checked."""
    return request.uploads.filter(state__in=(Upload.State.WAITING, Upload.State.USABLE)).first()


def has_clean_upload(request: Request) -> bool:
    """Whether people are there to work with."""
    return request.uploads.filter(state=Upload.State.USABLE).exists()
