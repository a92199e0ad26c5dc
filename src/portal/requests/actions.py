"""What can be done to a request. Each is one transaction with one audit event (portal.audit.action)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.requests import permissions
from portal.requests.criteria import CRITERIA
from portal.requests.models import Note, PlanVersion, Request
from portal.requests.moves import lock, move, move_back, tell
from portal.requests.plans import read_new_plan
from portal.requests.policies import check_is_complete
from portal.requests.states import Owner, State
from portal.uploads.state import has_clean_upload
from portal.wording import say

# Answers that a repeat has to give anew.
NOT_REPEATED = ("publication", "deletion", "end", "interim")


@action("request.start")
def start_request(*, by: User, repeat_of: Request | None = None) -> Done[Request]:
    """A new draft of the person's organisation; of a repeat, the programme's answers are taken over."""
    organisation = permissions.check_start(by)
    answers: Mapping[str, Any] = {}
    if repeat_of is not None:
        permissions.check_see(by, repeat_of)
        if not permissions.is_provider_of(by, repeat_of) or repeat_of.state == State.DRAFT:
            raise Refused(say("requests.refusals.no_repeat"), status=409)
        answers = {name: value for name, value in repeat_of.answers.items() if name not in NOT_REPEATED}
    made = Request.objects.create(organisation=organisation, created_by=by, repeat_of=repeat_of, answers=answers)
    return Done(made, made, {"repeat_of": repeat_of.public_id} if repeat_of else {})


@action("request.answer")
def save_answers(*, by: User, request: Request, answers: Mapping[str, Any]) -> Done[Request]:
    """Keeps the answers of one page of the form. The audit keeps which were given, not what they say."""
    request = lock(request)
    permissions.check_edit(by, request)
    request.answers = {**request.answers, **answers}
    request.state_since = now()  # a draft is kept for so long after somebody last worked on it
    request.save(update_fields=["answers", "state_since"])
    return Done(request, request, {"answers": sorted(answers)})


@action("request.submit")
def submit(*, by: User, request: Request) -> Done[Request]:
    """The provider hands its request in: complete, with a clean upload."""
    request = lock(request)
    permissions.check_may(by, request, "submit")
    check_is_complete(request, has_clean_upload(request))
    return Done(request, request, move(request, "submit", by, submitted_at=now()))


@action("request.accept")
def accept(*, by: User, request: Request) -> Done[Request]:
    """The lab takes it on."""
    request = lock(request)
    return Done(request, request, move(request, "accept", by))


@action("request.refuse")
def refuse(*, by: User, request: Request, criterion: str, reason: str) -> Done[Request]:
    """The lab does not: a criterion (criteria.py) failed, and the provider is told which and why."""
    request = lock(request)
    if criterion not in CRITERIA:
        raise Refused(say("requests.refusals.criterion"), status=409)
    facts = move(request, "refuse", by, criterion=criterion, reason=reason)
    return Done(request, request, {**facts, "criterion": criterion})


@action("request.withdraw")
def withdraw(*, by: User, request: Request, reason: str = "") -> Done[Request]:
    """The provider takes it back, while nobody can know an outcome; a feasibility study also instead of agreeing to its facts."""
    request = lock(request)
    return Done(request, request, move_back(request, "withdraw", by, reason=reason))


@action("request.stop")
def stop(*, by: User, request: Request, reason: str) -> Done[Request]:
    """The lead statistician stops a publication, with a reason that is public."""
    request = lock(request)
    if not reason.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    return Done(request, request, {**move(request, "stop", by, reason=reason), "reason": reason})


@action("plan.register")
def register_plan(*, by: User, request: Request, text: str) -> Done[PlanVersion]:
    """Fixes the plan, with its hash and the time, before outcomes are linked. Raises InputError for a plan that is none."""
    request = lock(request)
    permissions.check_may(by, request, "register_plan")
    plan = read_new_plan(text)
    version = PlanVersion.objects.create(request=request, number=1, text=text, sha256=plan.plan_sha256, registered_by=by)
    facts = move(request, "register_plan", by)
    return Done(request, version, {**facts, "plan_sha256": version.sha256})


@action("plan.amend")
def amend_plan(*, by: User, request: Request, text: str, reason: str) -> Done[PlanVersion]:
    """Another plan beside the registered one, which stays. What differs is printed in the report as a change."""
    request = lock(request)
    permissions.check_amend(by, request)
    last = request.plans.order_by("number").last()
    if last is None:
        raise Refused(say("requests.refusals.no_plan"), status=409)
    if not reason.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    plan = read_new_plan(text)
    if plan.plan_sha256 == last.sha256:
        raise Refused(say("requests.refusals.same_plan"), status=409)
    version = PlanVersion.objects.create(
        request=request, number=last.number + 1, text=text, sha256=plan.plan_sha256, registered_by=by, reason=reason
    )
    tell(request, "amended", (Owner.PROVIDER,), by)
    return Done(request, version, {"plan_sha256": version.sha256, "number": version.number})


@action("note.write")
def write_note(*, by: User, request: Request, text: str) -> Done[Note]:
    """A note on the thread; the other side gets a letter that there is one."""
    request = lock(request)
    permissions.check_note(by, request)
    if not text.strip():
        raise Refused(say("requests.refusals.empty_note"), status=409)
    from_the_lab = not permissions.is_provider_of(by, request)
    note = Note.objects.create(request=request, written_by=by, from_the_lab=from_the_lab, text=text.strip())
    tell(request, "note", (Owner.PROVIDER,) if from_the_lab else (Owner.ANALYST,), by)
    return Done(request, note, {"note": note.public_id})


@action("request.describe")
def give_own_words(*, by: User, request: Request, text: str) -> Done[Request]:
    """The provider's own statement, which stands apart from the statistics; until it is scheduled."""
    request = lock(request)
    permissions.check_describe(by, request)
    request.own_words = text.strip()
    request.save(update_fields=["own_words"])
    return Done(request, request)


@action("facts.agree")
def agree_facts(*, by: Actor, request: Request) -> Done[Request]:
    """The provider finds no error of fact; or, by the system, 20 working days went by without an answer."""
    request = lock(request)
    if by is SYSTEM and (request.due is None or now().date() <= request.due):
        raise Refused(say("requests.refusals.still_time"), status=409)
    return Done(request, request, move(request, "agree", by))


@action("facts.report")
def report_error(*, by: User, request: Request, reason: str) -> Done[Request]:
    """The provider found an error of fact: it goes back to the analyst, and whatever was cleared no longer is."""
    request = lock(request)
    if not reason.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    return Done(request, request, move_back(request, "report_error", by, reason=reason))


@action("request.rework")
def rework(*, by: User, request: Request) -> Done[Request]:
    """The analyst takes a returned request up again."""
    request = lock(request)
    return Done(request, request, move_back(request, "rework", by))


@action("facts.ask")
def ask_for_facts(*, by: User, request: Request) -> Done[Request]:
    """The cleared draft goes to the provider, without any outcome, to be checked for facts; once the register holds it."""
    request = lock(request)
    return Done(request, request, move(request, "ask_for_facts", by))
