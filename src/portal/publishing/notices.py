"""Letters about releases: to publishers, to the people who may see one early, to subscribers."""

from __future__ import annotations

from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.audit.record import SYSTEM, Actor
from portal.notices.models import Notice
from portal.notices.outbox import notify
from portal.publishing.models import Release, Report


def tell_publishers(subject: Release | Report, key: str, by: Actor) -> None:
    """A letter to the publishers, but not to the one who did it."""
    people = User.objects.filter(is_active=True, grants__role=Role.PUBLISHER, grants__ended_at=None)
    is_release = isinstance(subject, Release)
    path = reverse("publishing-release" if is_release else "publishing-report", args=[subject.public_id])
    notify((person for person in people if person != by), key, path)


def tell_once(release: Release, key: str) -> None:
    """A letter to the publishers, but not the same one again."""
    path = reverse("publishing-release", args=[release.public_id])
    if not Notice.objects.filter(key=key, path=path).exists():
        tell_publishers(release, key, SYSTEM)


def tell_named(release: Release) -> None:
    """To each person on the list a link of their own; it opens for them alone, signed in with their second factor."""
    for named in release.named.filter(removed=False).select_related("user"):
        notify([named.user], "release_open", reverse("early", args=[named.public_id]))
