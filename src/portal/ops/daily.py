"""What has a date and nobody to press a button: letters that failed, fact checks that lapsed, data due to be destroyed, the head
of the audit. The worker calls `tick` every minute; each thing is done once, however often it is called."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from django.conf import settings

from portal.audit.record import SYSTEM
from portal.audit.verify import write_head
from portal.config.clock import now, today
from portal.config.refusals import Refused
from portal.notices.outbox import send_waiting
from portal.ops.destruction import destroy_data
from portal.publishing.clock import keep_time
from portal.publishing.subscriptions import tell_subscribers
from portal.requests.actions import agree_facts
from portal.requests.models import Request
from portal.requests.states import RETENTION_DAYS, State

LOG = logging.getLogger(__name__)


def tick() -> None:
    """Everything that is due now; what is to be out on the minute first. A duty that fails keeps no other from being done."""
    for duty in (keep_time, send_waiting, tell_subscribers, lapse_fact_checks, destroy_what_is_due, keep_head):
        try:
            duty()
        except Exception as error:  # noqa: BLE001 (whatever it is, the calendar goes on; its text may hold a value)
            LOG.error("%s: %s", duty.__name__, type(error).__name__)


def lapse_fact_checks() -> None:
    """Facts that nobody checked in time are taken for right."""
    for request in Request.objects.filter(state=State.FACT_CHECK):
        if request.due is not None and today() > request.due:
            _try(agree_facts, request)


def destroy_what_is_due() -> None:
    """Data whose time has come."""
    for request in Request.objects.filter(state__in=RETENTION_DAYS, data_destroyed_at=None):
        if request.destroy_due is not None and today() >= request.destroy_due:
            _try(destroy_data, request)


def _try(act: object, request: Request) -> None:
    try:
        act(by=SYSTEM, request=request)  # type: ignore[operator]
    except Refused as refused:
        LOG.warning("request %s: %s", request.reference, refused.sentence)


def keep_head() -> None:
    """The head of the audit, once a day, into a file beside the database (to be carried elsewhere)."""
    path: Path = settings.HOME / "audit" / "heads.jsonl"
    if _day_of_head(path) != now().isoformat()[:10]:
        write_head(path)


def _day_of_head(path: Path) -> str:
    """The day of the last head that was kept; "" where there is none, or a crash left half a line."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    try:
        return str(json.loads(lines[-1])["at"])[:10] if lines else ""
    except (ValueError, KeyError, TypeError):
        return ""
