"""Letters to whoever wants to hear of releases and corrections: asked for, confirmed by a link, ended by a link."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from portal.audit.action import Done, action
from portal.audit.record import Actor
from portal.config.clock import now
from portal.publishing.models import Release, Subscription, Version
from portal.publishing.states import ReleaseState
from portal.wording import say

LOG = logging.getLogger(__name__)


@action("subscription.ask")
def ask(*, by: Actor, email: str) -> Done[Subscription]:
    """Somebody gives an address; a letter goes there with a link that confirms it. Asked for twice, there is one."""
    made, _ = Subscription.objects.get_or_create(email=email.lower().strip(), ended_at=None)
    if made.confirmed_at is None:
        transaction.on_commit(lambda: _send(made.email, "confirm", reverse("subscription", args=[made.public_id])))
    return Done(made, made)


@action("subscription.confirm")
def confirm(*, by: Actor, subscription: Subscription) -> Done[Subscription]:
    """The link of the letter was followed."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at = subscription.told_at = now()
        subscription.save(update_fields=["confirmed_at", "told_at"])
    return Done(subscription, subscription)


@action("subscription.end")
def end(*, by: Actor, subscription: Subscription) -> Done[Subscription]:
    """No more letters; the address is forgotten."""
    subscription.email, subscription.ended_at = "", now()
    subscription.save(update_fields=["email", "ended_at"])
    return Done(subscription, subscription)


def tell_subscribers(limit: int = 200) -> int:
    """One letter to each subscriber with everything that came out since the last one; how many went.

    One that cannot be sent is tried again the next time.
    """
    newest = _newest()
    if newest is None:
        return 0
    waiting = (
        Subscription.objects.filter(ended_at=None, told_at__lt=newest).exclude(confirmed_at=None).order_by("told_at")[:limit]
    )
    return sum(_tell(one) for one in waiting)


def _newest() -> dt.datetime | None:
    parts = (Release.objects.filter(state=ReleaseState.PUBLISHED), Version.objects.exclude(number=1))
    moments = [part.aggregate(newest=Max("published_at"))["newest"] for part in parts]
    return max((moment for moment in moments if moment is not None), default=None)


def _tell(subscription: Subscription) -> bool:
    moment = now()
    releases = Release.objects.filter(state=ReleaseState.PUBLISHED, published_at__gt=subscription.told_at)
    corrected = Version.objects.exclude(number=1).filter(published_at__gt=subscription.told_at).select_related("report")
    lines = [
        *(
            f"{one.title}: {settings.ADDRESS}{reverse('release', args=[one.public_id])}"
            for one in releases.order_by("published_at")
        ),
        *(
            f"{say('publishing.letters.corrected', title=one.facts['title'])}: {settings.ADDRESS}"
            f"{reverse('report', args=[one.report.public_id])}"
            for one in corrected.order_by("published_at")
        ),
    ]
    if lines and not _send(
        subscription.email, "out", reverse("subscription", args=[subscription.public_id]), news="\n".join(lines)
    ):
        return False
    Subscription.objects.filter(id=subscription.id).update(told_at=moment)
    return bool(lines)


def _send(email: str, name: str, path: str, **values: str) -> bool:
    subject = say(f"publishing.letters.{name}.subject")
    body = say(f"publishing.letters.{name}.body", link=settings.ADDRESS + path, **values)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [email])
    except (smtplib.SMTPException, OSError) as error:
        LOG.warning("a letter to a subscriber could not be sent: %s", type(error).__name__)
        return False
    return True
