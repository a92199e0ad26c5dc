"""Letters to whoever wants to hear of releases and corrections: asked for, confirmed by a link, ended by a link. The worker sends
them all, so that a page takes as long for an address that is known as for one that is not."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Max, QuerySet
from django.urls import reverse

from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor, Named
from portal.config.clock import now
from portal.publishing.models import Release, Subscription, Version
from portal.publishing.permissions import check_system
from portal.publishing.states import ReleaseState
from portal.wording import say

LOG = logging.getLogger(__name__)
MOST_TRIES = 10
UNCONFIRMED = dt.timedelta(days=7)
SETTLED = dt.timedelta(minutes=2)  # longer than any transaction that publishes


@action("subscription.ask")
def ask(*, by: Actor, email: str) -> Done[Subscription]:
    """Somebody gives an address; the worker sends one letter there with a link that confirms it. Asked again, there is one."""
    made, _ = Subscription.objects.get_or_create(email=email.lower().strip(), ended_at=None)
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


@action("subscription.lapse")
def lapse(*, by: Actor) -> Done[int]:
    """Addresses that nobody confirmed within a week are forgotten."""
    check_system(by)
    count = _lapsed().update(email="", ended_at=now())
    return Done(Named("subscriptions"), count, {"count": count})


def tell_subscribers(limit: int = 200) -> int:
    """Letters that confirm an address, and one to each subscriber with everything that came out since the last; how many went.

    An address to which none can be sent is tried again after the others, at most some times.
    """
    if _lapsed().exists():
        lapse(by=SYSTEM)
    live = Subscription.objects.filter(ended_at=None, tries__lt=MOST_TRIES)
    asked = live.filter(confirmed_at=None, letter_at=None).order_by("tries", "id")[:limit]
    went = sum(_send_link(one) for one in asked)
    # What is being published at this moment is told the next time, so that nothing falls between.
    until = now() - SETTLED
    newest = _newest(until)
    if newest is None:
        return went
    waiting = live.filter(told_at__lt=newest).exclude(confirmed_at=None).order_by("tries", "told_at")[:limit]
    return went + sum(_tell(one, until) for one in waiting)


def _lapsed() -> QuerySet[Subscription]:
    return Subscription.objects.filter(confirmed_at=None, ended_at=None, asked_at__lt=now() - UNCONFIRMED)


def _newest(until: dt.datetime) -> dt.datetime | None:
    parts = (Release.objects.filter(state=ReleaseState.PUBLISHED), Version.objects.exclude(number=1))
    moments = [part.filter(published_at__lte=until).aggregate(newest=Max("published_at"))["newest"] for part in parts]
    return max((moment for moment in moments if moment is not None), default=None)


def _send_link(subscription: Subscription) -> bool:
    sent = _send(subscription.email, "confirm", reverse("subscription", args=[subscription.public_id]))
    _note(subscription, sent, letter_at=now())
    return sent


def _tell(subscription: Subscription, until: dt.datetime) -> bool:
    span = {"published_at__gt": subscription.told_at, "published_at__lte": until}
    releases = Release.objects.filter(state=ReleaseState.PUBLISHED, **span).order_by("published_at")
    corrected = Version.objects.exclude(number=1).filter(**span).select_related("report").order_by("published_at")
    lines = [_line(one.title, "release", one.public_id) for one in releases]
    for one in corrected:
        title = say("publishing.letters.corrected", title=one.facts["title"])
        lines.append(_line(title, "report", one.report.public_id))
    link = reverse("subscription", args=[subscription.public_id])
    sent = not lines or _send(subscription.email, "out", link, news="\n".join(lines))
    _note(subscription, sent, told_at=until)
    return bool(lines) and sent


def _note(subscription: Subscription, sent: bool, **changes: object) -> None:
    """That a letter went is no act; one that did not is tried again."""
    values = {**changes, "tries": 0} if sent else {"tries": subscription.tries + 1}
    Subscription.objects.filter(id=subscription.id).update(**values)


def _line(title: str, where: str, public_id: str) -> str:
    return f"{title}: {settings.ADDRESS}{reverse(where, args=[public_id])}"


def _send(email: str, name: str, path: str, **values: str) -> bool:
    subject = say(f"publishing.letters.{name}.subject")
    body = say(f"publishing.letters.{name}.body", link=settings.ADDRESS + path, **values)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [email])
    except (smtplib.SMTPException, OSError) as error:
        LOG.warning("a letter to a subscriber could not be sent: %s", type(error).__name__)
        return False
    return True
