"""Finds a request by its address for the person who asks; whoever may not see it is told that there is none."""

from __future__ import annotations

from portal.accounts.models import User
from portal.config.http import or_404
from portal.requests.models import Request
from portal.requests.permissions import check_see


def find_request(user: User, public_id: str) -> Request:
    """The request, if the person may see it. Raises Http404 otherwise, the same for one that is not there."""
    found = Request.objects.select_related("organisation", "created_by").filter(public_id=public_id).first()
    return or_404(found, check_see, user)
