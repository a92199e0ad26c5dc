"""Puts letters into the outbox inside an action's transaction, and sends what lies there once it is kept."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from portal.accounts.models import User
from portal.config.clock import now
from portal.notices.models import Notice
from portal.wording import say

LOG = logging.getLogger(__name__)
MOST_TRIES = 10


def notify(people: Iterable[User], key: str, path: str, request: str = "", **values: object) -> None:
    """A letter to each person, sent when the transaction that is open has been kept. path: where its link leads."""
    for person in sorted({person for person in people if person.is_active}, key=lambda one: one.id):
        notice = Notice.objects.create(recipient=person, key=key, path=path, request=request, values=values)
        transaction.on_commit(partial(send, notice.id))


def send(notice_id: int) -> bool:
    """Sends a letter if it has not been sent; whether it went. One that fails stays in the outbox; the worker tries again."""
    notice = Notice.objects.select_related("recipient").get(id=notice_id)
    if notice.sent_at is not None or not notice.recipient.is_active:
        return False
    subject = say(f"notices.{notice.key}.subject", **notice.values)
    body = say(f"notices.{notice.key}.body", **notice.values)
    text = say("notices.letter.text", name=notice.recipient.shown_name, body=body, address=settings.ADDRESS + notice.path)
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [notice.recipient.email])
    except (smtplib.SMTPException, OSError) as error:
        LOG.warning("letter %s could not be sent: %s", notice.id, type(error).__name__)
        Notice.objects.filter(id=notice_id).update(tries=notice.tries + 1)
        return False
    Notice.objects.filter(id=notice_id).update(sent_at=now(), tries=notice.tries + 1)
    return True


def send_waiting(limit: int = 50) -> int:
    """Tries the letters again that could not be sent; how many went."""
    waiting = Notice.objects.filter(sent_at=None, tries__range=(1, MOST_TRIES)).order_by("written_at")[:limit]
    return sum(send(notice.id) for notice in waiting)
