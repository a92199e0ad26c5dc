"""Quality-assurance access: results opened to named persons during the fact check, where the lab's settings allow it at all.

A publisher opens them, for a reason; the person sees the cleared files by a link of their own while the fact check goes on;
opening, looking and ending are in the audit, and the release prints who it was and why.
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.notices.outbox import notify
from portal.publishing.actions import newest_clearance
from portal.publishing.freezing import cleared_output
from portal.publishing.models import QualityAccess
from portal.publishing.permissions import check_publisher
from portal.requests.models import Request
from portal.requests.moves import lock
from portal.requests.permissions import check_open_results, is_provider_of
from portal.requests.states import State
from portal.wording import say


def check_reader(user: User, access: QualityAccess) -> None:
    """The person, while the fact check goes on, unless they act for the organisation by now. Everybody else, and at any other
    time: no such page."""
    is_open = settings.QUALITY_ACCESS and access.ended_at is None and access.request.state == State.FACT_CHECK
    is_theirs = access.user_id == user.id and not is_provider_of(user, access.request)
    if not is_theirs or not is_open or newest_clearance(access.request) != access.clearance:
        raise Refused(say("requests.refusals.unknown"), status=404)


def opened(request: Request) -> QuerySet[QualityAccess]:
    """To whom the newest cleared output of a request was opened."""
    found = QualityAccess.objects.filter(clearance=newest_clearance(request))
    return found.select_related("user", "clearance__round__request")


def seen_before_stop(requests: Collection[Request]) -> dict[int, str]:
    """Of those whose publication was stopped, to how many people results had been opened: no release prints it of them. No role
    and no reason, which may name the organisation."""
    stopped = [one.id for one in requests if one.state == State.STOPPED]
    found = QualityAccess.objects.filter(clearance__round__request__in=stopped).order_by()
    counts = found.values_list("clearance__round__request").annotate(Count("user", distinct=True))
    return {request_id: say("publishing.quality.stopped", count=count) for request_id, count in counts}


@action("quality.open")
def open_results(*, by: User, request: Request, email: str, role: str, why: str) -> Done[QualityAccess]:
    """Opens the results to somebody with an account, who gets a letter with a link of their own.

    Raises Refused where nobody has an account with the address, it is the publisher's own, or the person acts for the
    organisation: it checks the facts without results.
    """
    request = lock(request)
    check_open_results(by, request)
    clearance = newest_clearance(request)
    if clearance is None:
        raise Refused(say("requests.refusals.no_facts_now"), status=409)
    cleared_output(clearance)
    user = User.objects.filter(email=email.lower().strip(), is_active=True).exclude(id=by.id).first()
    if user is None:
        raise Refused(say("publishing.refusals.no_account"), status=409)
    if is_provider_of(user, request):
        raise Refused(say("publishing.refusals.its_own"), status=409)
    if opened(request).filter(user=user, ended_at=None).exists():
        raise Refused(say("publishing.refusals.named"), status=409)
    made = QualityAccess.objects.create(clearance=clearance, user=user, role=role.strip(), why=why.strip(), opened_by=by)
    notify([user], "quality_open", reverse("quality", args=[made.public_id]), request.public_id)
    return Done(made, made, {"user": user.public_id, "role": made.role, "why": made.why})


@action("quality.end")
def end_access(*, by: User, access: QualityAccess) -> Done[QualityAccess]:
    """Closes them again, at once. What was opened stays printed."""
    check_publisher(by)
    if access.ended_at is not None:
        raise Refused(say("publishing.refusals.over"), status=409)
    access.ended_at = now()
    access.save(update_fields=["ended_at"])
    return Done(access, access, {})
