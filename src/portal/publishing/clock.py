"""What the clock does with releases: opens them to named people, publishes them on the minute, tells subscribers."""

from __future__ import annotations

import datetime as dt
import logging

from portal.audit.record import SYSTEM
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.publishing.actions import open_to_named
from portal.publishing.freezing import is_as_fixed
from portal.publishing.models import Release
from portal.publishing.notices import tell_once
from portal.publishing.outing import hold, publish
from portal.publishing.states import COMING, ReleaseState

LOG = logging.getLogger(__name__)


def keep_time() -> None:
    """Does what is due. Called however often, by however many workers, each thing is done once; what was missed while no worker
    ran is done now."""
    for release in Release.objects.filter(state__in=COMING).order_by("day", "id"):
        try:
            if now() >= release.publish_at:
                _publish(release)
            elif now() >= release.opens_at and release.state == ReleaseState.SCHEDULED:
                open_to_named(by=SYSTEM, release=release)
        except Refused as refused:  # another worker was there first
            LOG.info("release %s: %s", release.public_id, refused.sentence)
        except Exception as error:  # noqa: BLE001 (one release that cannot come out keeps no other back)
            LOG.error("release %s: %s", release.public_id, type(error).__name__)
            tell_once(release, "release_failed")


def _publish(release: Release) -> None:
    try:
        publish(by=SYSTEM, release=release)
    except Refused as refused:
        LOG.warning("release %s: %s", release.public_id, refused.sentence)
        release.refresh_from_db()
        if release.state in COMING and not is_as_fixed(release):
            hold(by=SYSTEM, release=release)


def seconds_to_next(longest: float) -> float:
    """How long until something is due, at most `longest` seconds: a worker that sleeps so long is not late."""
    waits = [longest]
    for release in Release.objects.filter(state__in=COMING):
        due = release.publish_at if release.state == ReleaseState.OPEN else min(release.opens_at, release.publish_at)
        if now() >= release.opens_at:
            due = release.publish_at
        waits.append((due - now()) / dt.timedelta(seconds=1))
    return max(0.0, min(waits))
