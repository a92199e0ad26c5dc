"""Who may do what with a request. Each check raises Refused with a sentence that is shown; `is_allowed` asks without raising."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from portal.accounts.models import Organisation, User
from portal.accounts.roles import Role
from portal.audit.record import SYSTEM, Actor
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.policies import check_is_draft, check_move, check_state
from portal.requests.states import AMENDABLE, MOVES, PUBLIC, RUNNABLE, Owner, Product, State
from portal.wording import say

# The role of the lab that acts for each owner; a provider acts by its organisation.
ROLE_OF: dict[Owner, Role] = {Owner.ANALYST: Role.ANALYST, Owner.REVIEWERS: Role.REVIEWER, Owner.PUBLISHER: Role.PUBLISHER}


def is_provider_of(user: User, request: Request) -> bool:
    """Whether the person acts for the organisation whose request it is."""
    return user.is_active and user.organisation is not None and user.organisation.id == request.organisation_id


def check_see(user: User, request: Request) -> None:
    """The provider sees its own requests, the lab those that were submitted. Others are told of none: 404, not 403."""
    if is_provider_of(user, request):
        return
    if user.is_of_the_lab and request.submitted_at is not None:
        return
    raise Refused(say("requests.refusals.unknown"), status=404)


def check_may(actor: Actor, request: Request, move: str) -> None:
    """Raises Refused where this is nobody who may make the move, or the request is not where it begins."""
    if not _is_one_of(actor, request, MOVES[move].who):
        raise Refused(say("requests.refusals.not_yours", move=say(f"requests.moves.{move}")))
    check_move(request, move)
    if move in ALSO:
        ALSO[move](request)


def _is_one_of(actor: Actor, request: Request, owners: frozenset[Owner]) -> bool:
    if actor is SYSTEM:
        return Owner.SYSTEM in owners
    if not isinstance(actor, User):
        return False
    if Owner.PROVIDER in owners and is_provider_of(actor, request):
        return True
    # Nobody of the lab decides on a request of an organisation that they act for.
    return not is_provider_of(actor, request) and any(ROLE_OF[owner] in actor.roles for owner in owners if owner in ROLE_OF)


def check_edit(user: User, request: Request) -> None:
    """The provider changes its own draft."""
    if not is_provider_of(user, request):
        raise Refused(say("requests.refusals.unknown"), status=404)
    check_is_draft(request)


def check_start(user: User) -> Organisation:
    """Whoever acts for an organisation may start a request: of that organisation."""
    if user.organisation is None:
        raise Refused(say("requests.refusals.no_organisation"))
    return user.organisation


def check_note(user: User, request: Request) -> None:
    """Provider and lab write to each other while there is something to say."""
    check_see(user, request)
    if not is_provider_of(user, request) and not user.roles & {Role.ANALYST, Role.PUBLISHER}:
        raise Refused(say("requests.refusals.no_notes"))
    if request.data_destroyed_at is not None:
        raise Refused(say("requests.refusals.closed"), status=409)


def check_analyst(user: User) -> None:
    """An analyst of the lab."""
    if Role.ANALYST not in user.roles:
        raise Refused(say("requests.refusals.analysts_only"))


def check_output(user: User, request: Request) -> None:
    """Who may look at an output: analysts, reviewers and publishers who are not of the organisation. Others are told of none."""
    allowed = {Role.ANALYST, Role.REVIEWER, Role.PUBLISHER}
    if is_provider_of(user, request) or not user.roles & allowed:
        raise Refused(say("requests.refusals.unknown"), status=404)


def check_amend(user: User, request: Request) -> None:
    """An analyst amends a registered plan, before a review, after a return, or for a correction."""
    check_lab_analyst(user, request)
    check_state(request, AMENDABLE, say("requests.refusals.amend_now"))


def check_run(user: User, request: Request) -> None:
    """An analyst runs a request with a locked plan, again while nobody has reviewed, or to correct what was published."""
    check_lab_analyst(user, request)
    check_state(request, RUNNABLE, say("runs.refusals.not_now"))


def check_open_results(user: User, request: Request) -> None:
    """A publisher who does not act for the organisation opens results to somebody during the fact check, where the lab's
    settings allow it. A feasibility study has none."""
    if Role.PUBLISHER not in user.roles:
        raise Refused(say("publishing.refusals.publishers_only"))
    if is_provider_of(user, request):
        raise Refused(say("requests.refusals.own_request"))
    if not settings.QUALITY_ACCESS:
        raise Refused(say("requests.refusals.no_quality"), status=409)
    check_state(request, (State.FACT_CHECK,), say("requests.refusals.no_facts_now"))
    if request.product == Product.FEASIBILITY:
        raise Refused(say("requests.refusals.no_result"), status=409)


def check_registered(request: Request) -> None:
    """A cleared output leaves the lab only once it is in the differencing register."""
    last = request.jobs.filter(kind="register").order_by("-asked_at").first()
    if last is None or last.state != "done":
        raise Refused(say("requests.refusals.not_registered"), status=409)


def check_has_study(request: Request) -> None:
    """A feasibility study is reviewed once there is one."""
    if not request.jobs.filter(kind="feasibility", state="done").exists():
        raise Refused(say("requests.refusals.no_study"), status=409)


# What a move needs besides its state.
ALSO: dict[str, Callable[[Request], None]] = {"ask_for_facts": check_registered, "send_feasibility": check_has_study}


def check_review_again(user: User, request: Request) -> None:
    """An analyst puts a newer output of a published report before reviewers, for a correction."""
    check_lab_analyst(user, request)
    check_state(request, PUBLIC, say("requests.refusals.not_now"))


def check_describe(user: User, request: Request) -> None:
    """The provider's own words, until the report is scheduled."""
    if not is_provider_of(user, request):
        raise Refused(say("requests.refusals.unknown"), status=404)
    if request.state in (State.SCHEDULED, State.PRE_RELEASE, State.PUBLISHED, State.CORRECTED, State.STOPPED):
        raise Refused(say("requests.refusals.too_late"), status=409)


def check_lab_analyst(user: User, request: Request) -> None:
    """An analyst who does not act for the organisation."""
    check_analyst(user)
    if is_provider_of(user, request):
        raise Refused(say("requests.refusals.own_request"))
