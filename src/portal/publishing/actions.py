"""What can be done with a release before it is out. Each is one transaction with one audit event (portal.audit.action).

Reading order: put together, propose, schedule (by another), open to named people, publish (by the clock); or cancel.
"""

from __future__ import annotations

import datetime as dt

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.publishing import permissions
from portal.publishing.bulletin import gather, write_bulletin
from portal.publishing.freezing import cleared_output, freeze
from portal.publishing.models import Entry, Named, Release
from portal.publishing.moves import go, hold_release
from portal.publishing.notices import tell_named, tell_publishers
from portal.publishing.shelf import check_can_be_kept
from portal.publishing.states import FROZEN, ReleaseState
from portal.publishing.times import publish_at
from portal.requests.models import Request
from portal.requests.moves import lock, move
from portal.requests.states import State
from portal.review.models import Clearance, Round
from portal.wording import say


@action("release.make")
def make_release(*, by: User, title: str, day: dt.date) -> Done[Release]:
    """A new release for a day to come."""
    permissions.check_publisher(by)
    _check_day(day)
    made = Release.objects.create(title=title.strip(), day=day, created_by=by)
    return Done(made, made, {"day": day.isoformat()})


@action("release.change")
def change_release(*, by: User, release: Release, title: str, day: dt.date) -> Done[Release]:
    """Another title or day, while it is being put together."""
    release = hold_release(release)
    permissions.check_draft(by, release)
    _check_day(day)
    release.title, release.day = title.strip(), day
    release.save()
    return Done(release, release, {"day": day.isoformat()})


def _check_day(day: dt.date) -> None:
    if publish_at(day) <= now():
        raise Refused(say("publishing.refusals.past"), status=409)
    if day.weekday() > 4:
        raise Refused(say("publishing.refusals.weekend"), status=409)


@action("release.add")
def add_report(*, by: User, release: Release, request: Request) -> Done[Entry]:
    """Puts a cleared report, whose facts are checked, into the release."""
    release, request = hold_release(release), lock(request)
    permissions.check_draft(by, release)
    permissions.check_addable(by, request)
    clearance = newest_clearance(request)
    if clearance is None or Entry.objects.filter(request=request, dropped=False).exists():
        raise Refused(say("publishing.refusals.not_ready"), status=409)
    check_can_be_kept(cleared_output(clearance), request.product)
    made = Entry.objects.create(release=release, request=request, clearance=clearance, added_by=by)
    return Done(release, made, {"report": made.public_id, "request": request.public_id})


def newest_clearance(request: Request) -> Clearance | None:
    """The output that the last round of a request cleared; None where reviewers have it, or returned it."""
    last = request.rounds.order_by("number").last()
    if last is None or last.outcome != Round.Outcome.CLEARED:
        return None
    return Clearance.objects.filter(round=last).select_related("round__job").first()


@action("release.drop")
def drop_report(*, by: User, entry: Entry) -> Done[Entry]:
    """Takes a report out again."""
    release = hold_release(entry.release)
    permissions.check_draft(by, release)
    entry.dropped = True
    entry.save(update_fields=["dropped"])
    return Done(release, entry, {"report": entry.public_id})


@action("release.name")
def name_person(*, by: User, release: Release, email: str, role: str, why: str) -> Done[Named]:
    """Puts somebody on the list of those who may see it a day before; role and reason are printed in the release.

    Until it is scheduled: the list is part of what is fixed. Raises Refused where nobody has an account with the address.
    """
    release = hold_release(release)
    permissions.check_draft(by, release)
    user = User.objects.filter(email=email.lower().strip(), is_active=True).first()
    if user is None:
        raise Refused(say("publishing.refusals.no_account"), status=409)
    if release.named.filter(user=user, removed=False).exists():
        raise Refused(say("publishing.refusals.named"), status=409)
    made = Named.objects.create(release=release, user=user, role=role.strip(), why=why.strip(), added_by=by)
    return Done(release, made, {"named": made.public_id, "user": user.public_id})


@action("release.unname")
def unname_person(*, by: User, named: Named) -> Done[Named]:
    """Takes somebody off the list; also after it was scheduled, and at once: fewer people may see it, never more."""
    permissions.check_publisher(by)
    release = hold_release(named.release)
    if release.state in (ReleaseState.PUBLISHED, ReleaseState.CANCELLED) or named.removed:
        raise Refused(say("publishing.refusals.over"), status=409)
    named.removed = True
    named.save(update_fields=["removed"])
    return Done(release, named, {"named": named.public_id})


@action("release.announce")
def announce(*, by: User, release: Release, announced: bool) -> Done[Release]:
    """Whether the public calendar shows the title; the date stands there once it is scheduled."""
    permissions.check_publisher(by)
    release = hold_release(release)
    if release.state in (ReleaseState.PUBLISHED, ReleaseState.CANCELLED):
        raise Refused(say("publishing.refusals.over"), status=409)
    release.announced = announced
    release.save(update_fields=["announced"])
    return Done(release, release, {"announced": announced})


@action("release.propose")
def propose(*, by: User, release: Release) -> Done[Release]:
    """One person says that it is ready; another schedules it."""
    release = hold_release(release)
    permissions.check_draft(by, release)
    permissions.check_not_own(by, release)
    _check_day(release.day)
    if not release.entries.filter(dropped=False).exists():
        raise Refused(say("publishing.refusals.empty"), status=409)
    facts = go(release, "propose", proposed_by=by, proposed_at=now())
    tell_publishers(release, "release_proposed", by)
    return Done(release, release, facts)


@action("release.take_back")
def take_back(*, by: User, release: Release) -> Done[Release]:
    """Either publisher: it is put together further."""
    permissions.check_publisher(by)
    release = hold_release(release)
    return Done(release, release, go(release, "take_back", proposed_by=None, proposed_at=None))


@action("release.schedule")
def schedule(*, by: User, release: Release) -> Done[Release]:
    """The second person schedules it: its pages are built and fixed by their hash, and nothing of it changes from here on."""
    release = hold_release(release)
    permissions.check_move(release, "schedule")
    permissions.check_second(by, release)
    permissions.check_not_own(by, release)
    _check_day(release.day)
    # Its bulletin counts what is out: with another that is not out yet the counts would be wrong, or wrong if that is cancelled.
    if Release.objects.filter(state__in=FROZEN).exists():
        raise Refused(say("publishing.refusals.one_at_a_time"), status=409)
    entries = list(release.entries.filter(dropped=False).select_related("request__organisation", "clearance__round__job"))
    for entry in entries:
        if newest_clearance(entry.request) != entry.clearance:
            raise Refused(say("publishing.refusals.other_clearance", reference=entry.request.reference), status=409)
        move(lock(entry.request), "schedule", by)
    digest = freeze(release, entries, write_bulletin(gather(release, entries), release.public_id))
    facts = go(release, "schedule", scheduled_by=by, scheduled_at=now(), content_sha256=digest)
    return Done(release, release, {**facts, "content_sha256": digest, "reports": [entry.public_id for entry in entries]})


@action("release.cancel")
def cancel(*, by: User, release: Release, reason: str) -> Done[Release]:
    """Before it is out: it will not be. The reason is public where the date was; its reports can go into another release."""
    permissions.check_publisher(by)
    release = hold_release(release)
    if not reason.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    for entry in release.entries.filter(dropped=False).select_related("request"):
        request = lock(entry.request)
        if request.state in (State.SCHEDULED, State.PRE_RELEASE):
            move(request, "cancel_release", by)
    release.entries.update(dropped=True)
    facts = go(release, "cancel", reason=reason.strip())
    return Done(release, release, {**facts, "reason": reason.strip()})


@action("release.open")
def open_to_named(*, by: Actor, release: Release) -> Done[Release]:
    """24 hours before: the people on the list may see it, each by a link of their own."""
    permissions.check_system(by)
    release = hold_release(release)
    if now() < release.opens_at:
        raise Refused(say("publishing.refusals.early"), status=409)
    facts = go(release, "open")
    for entry in release.entries.filter(dropped=False).select_related("request"):
        move(lock(entry.request), "open_to_named", SYSTEM)
    tell_named(release)
    return Done(release, release, facts)
