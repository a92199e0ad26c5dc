"""Finds a request by its address for the person who asks; whoever may not see it is told that there is none."""

from __future__ import annotations

from django.http import Http404

from portal.accounts.models import User
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.permissions import check_see


def find_request(user: User, public_id: str) -> Request:
    """The request, if the person may see it. Raises Http404 otherwise, the same for one that is not there."""
    request = Request.objects.select_related("organisation", "created_by").filter(public_id=public_id).first()
    if request is None:
        raise Http404
    try:
        check_see(user, request)
    except Refused as refused:
        raise Http404 from refused
    return request
