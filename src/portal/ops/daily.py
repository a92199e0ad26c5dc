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
    """Everything that is due now; what is to be out on the minute first."""
    keep_time()
    send_waiting()
    tell_subscribers()
    for request in Request.objects.filter(state=State.FACT_CHECK):
        if request.due is not None and today() > request.due:
            _try(agree_facts, request)
    for request in Request.objects.filter(state__in=RETENTION_DAYS, data_destroyed_at=None):
        if request.destroy_due is not None and today() >= request.destroy_due:
            _try(destroy_data, request)
    keep_head()


def _try(act: object, request: Request) -> None:
    try:
        act(by=SYSTEM, request=request)  # type: ignore[operator]
    except Refused as refused:
        LOG.warning("request %s: %s", request.reference, refused.sentence)


def keep_head() -> None:
    """The head of the audit, once a day, into a file beside the database (to be carried elsewhere)."""
    path: Path = settings.HOME / "audit" / "heads.jsonl"
    if path.is_file():
        last = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
        if last["at"][:10] == now().isoformat()[:10]:
            return
    write_head(path)
