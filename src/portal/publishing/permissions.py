"""Who may do what with a release. Each check raises Refused with a sentence that is shown."""

from __future__ import annotations

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.publishing.models import Correction, Named, Release
from portal.publishing.states import MOVES, ReleaseState
from portal.requests.models import Request
from portal.requests.permissions import is_provider_of
from portal.requests.states import State
from portal.wording import say


def check_publisher(user: Actor) -> User:
    """A publisher of the lab."""
    if not isinstance(user, User) or Role.PUBLISHER not in user.roles:
        raise Refused(say("publishing.refusals.publishers_only"))
    return user


def check_system(actor: Actor) -> None:
    """The worker's clock, nobody else."""
    if actor is not SYSTEM:
        raise Refused(say("publishing.refusals.clock_only"))


def check_move(release: Release, move: str) -> None:
    """Raises Refused where a release has no such move from where it is."""
    if ReleaseState(release.state) not in MOVES[move][0]:
        state = say(f"publishing.states.{release.state}")
        raise Refused(say("publishing.refusals.state", move=say(f"publishing.moves.{move}"), state=state), status=409)


def check_draft(user: User, release: Release) -> None:
    """A publisher puts a release together while nobody has proposed it."""
    check_publisher(user)
    if release.state != ReleaseState.DRAFT:
        raise Refused(say("publishing.refusals.not_draft"), status=409)


def check_not_own(user: User, release: Release) -> None:
    """Nobody publishes, or sees before it is out, the result of an organisation that they act for."""
    check_publisher(user)
    entries = release.entries.filter(dropped=False).select_related("request")
    if any(is_provider_of(user, entry.request) for entry in entries):
        raise Refused(say("publishing.refusals.own_request"))


def check_second(user: User, release: Release) -> None:
    """Another publisher than the one who proposed it."""
    check_publisher(user)
    if user.id == release.proposed_by_id:
        raise Refused(say("publishing.refusals.two_people"))


def check_addable(user: User, request: Request) -> None:
    """A report can be put into a release once its facts are checked, by somebody who does not act for its organisation."""
    if is_provider_of(user, request):
        raise Refused(say("publishing.refusals.own_request"))
    if request.state != State.CLEARED_FINAL:
        raise Refused(say("publishing.refusals.not_ready"), status=409)


def check_named(user: User, named: Named) -> None:
    """The person on the list, inside the day before. Everybody else, and at any other time: no such page."""
    release = named.release
    is_theirs = named.user_id == user.id and not named.removed
    if not is_theirs or release.state != ReleaseState.OPEN or not release.opens_at <= now() < release.publish_at:
        raise Refused(say("requests.refusals.unknown"), status=404)


def check_correction(user: User, correction: Correction) -> None:
    """Another publisher than the one who proposed it, while it is open."""
    check_publisher(user)
    if correction.decided_at is not None:
        raise Refused(say("publishing.refusals.decided"), status=409)
    if user.id == correction.proposed_by_id:
        raise Refused(say("publishing.refusals.two_people"))
    if is_provider_of(user, correction.report.request):
        raise Refused(say("publishing.refusals.own_request"))
