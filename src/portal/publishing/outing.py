"""Publication and correction: the moments at which something becomes public."""

from __future__ import annotations

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.publishing import permissions
from portal.publishing.actions import newest_clearance
from portal.publishing.bulletin import read_findings
from portal.publishing.findings import facts_of
from portal.publishing.freezing import cleared_output, freeze_correction, is_as_fixed, report_folder
from portal.publishing.models import Correction, Entry, Release, Report, Version
from portal.publishing.moves import go, hold_release
from portal.publishing.notices import tell_publishers
from portal.publishing.shelf import check_can_be_kept, keep_version
from portal.requests.models import Request
from portal.requests.moves import lock, move
from portal.requests.permissions import check_registered, is_provider_of
from portal.review.models import Clearance
from portal.wording import say


@action("release.publish")
def publish(*, by: Actor, release: Release) -> Done[Release]:
    """On its day at 09:30, by the clock: its reports are public from this transaction on, once, whoever else tries.

    Raises Refused before its time, where another did it, or where a file is not the one that was fixed.
    """
    permissions.check_system(by)
    release = hold_release(release)
    permissions.check_move(release, "publish")
    if now() < release.publish_at:
        raise Refused(say("publishing.refusals.early"), status=409)
    if not is_as_fixed(release):
        raise Refused(say("publishing.refusals.changed"), status=409)
    facts_by_report = {one["report"]: one for one in read_findings(release)}
    moment = now()
    facts = go(release, "publish", published_at=moment)
    for entry in release.entries.filter(dropped=False).select_related("request__organisation", "clearance"):
        move(lock(entry.request), "publish", SYSTEM)
        keep_version(_first_version(release, entry, facts_by_report[entry.public_id]))
    late = round((moment - release.publish_at).total_seconds())
    return Done(release, release, {**facts, "content_sha256": release.content_sha256, "seconds_late": late})


def _first_version(release: Release, entry: Entry, facts: dict[str, object]) -> Version:
    moment = release.published_at or now()
    report = Report.objects.create(public_id=entry.public_id, request=entry.request, entry=entry, first_published_at=moment)
    place = report_folder(release, entry).relative_to(release.folder.parent).as_posix()
    return Version.objects.create(
        report=report, number=1, published_at=moment, place=place, content_sha256=entry.clearance.content_sha256, facts=facts
    )


@action("release.hold")
def hold(*, by: Actor, release: Release) -> Done[Release]:
    """Its time has come but a file is not the one that was fixed: nothing is published, and the publishers are told."""
    permissions.check_system(by)
    release = hold_release(release)
    if is_as_fixed(release):
        raise Refused(say("publishing.refusals.unchanged"), status=409)
    facts = go(release, "hold", reason=say("publishing.refusals.changed"))
    tell_publishers(release, "release_held", SYSTEM)
    return Done(release, release, facts)


@action("correction.propose")
def propose_correction(*, by: User, report: Report, note: str, with_output: bool, withdraws: bool = False) -> Done[Correction]:
    """A publisher says what was wrong. with_output: the newest cleared output takes the published one's place; withdraws: the
    result counts no more, in the library and in what is put together from it."""
    permissions.check_publisher(by)
    request = lock(report.request)
    if is_provider_of(by, request):
        raise Refused(say("publishing.refusals.own_request"))
    if not note.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    if report.corrections.filter(decided_at=None).exists():
        raise Refused(say("publishing.refusals.one_correction"), status=409)
    clearance = newest_clearance(request) if with_output else None
    last = report.versions.last()
    if with_output and (clearance is None or last is None or clearance.content_sha256 == last.content_sha256):
        raise Refused(say("publishing.refusals.no_new_output"), status=409)
    if clearance is not None:
        check_registered(request)
        check_can_be_kept(cleared_output(clearance), request.product)
    made = Correction.objects.create(report=report, note=note.strip(), withdraws=withdraws, clearance=clearance, proposed_by=by)
    tell_publishers(report, "correction_proposed", by)
    return Done(made, made, {"with_output": with_output, "withdraws": withdraws})


def _check_is_newest(request: Request, clearance: Clearance) -> None:
    """What is published is the output that the last review cleared, and the register holds it."""
    if newest_clearance(request) != clearance:
        raise Refused(say("publishing.refusals.overtaken"), status=409)
    check_registered(request)


@action("correction.decide")
def decide_correction(*, by: User, correction: Correction, accept: bool) -> Done[Correction]:
    """Another publisher agrees, and a new version is public at once with its dated note; the old one stays readable."""
    request = lock(correction.report.request)
    held = Correction.objects.select_for_update(of=("self",)).select_related("report__request", "clearance__round__job")
    correction = held.get(id=correction.id)
    permissions.check_correction(by, correction)
    if accept and correction.clearance is not None:
        _check_is_newest(request, correction.clearance)
    correction.decided_by, correction.decided_at, correction.accepted = by, now(), accept
    correction.save()
    if not accept:
        return Done(correction, correction, {"accepted": False})
    version = _next_version(correction)
    keep_version(version)
    facts = move(request, "correct", by)
    return Done(
        correction, correction, {**facts, "accepted": True, "version": version.number, "content_sha256": version.content_sha256}
    )


def _next_version(correction: Correction) -> Version:
    report = correction.report
    last = report.versions.last()
    if last is None:
        raise Refused(say("publishing.refusals.not_ready"), status=409)
    place, digest, facts = last.place, last.content_sha256, dict(last.facts)
    if correction.clearance is not None:
        place = f"corrections/{correction.public_id}"
        facts = {**facts, **facts_of(report.request, cleared_output(correction.clearance))}
        made = Version(place=place)
        digest = freeze_correction(made.folder, correction.clearance)
    return Version.objects.create(
        report=report, number=last.number + 1, published_at=correction.decided_at or now(), note=correction.note, place=place,
        content_sha256=digest, correction=correction, facts=facts,
    )  # fmt: skip
