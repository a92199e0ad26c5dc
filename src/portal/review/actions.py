"""Reviews: an output is put before two people, each votes alone, and with the second vote it is cleared or returned."""

from __future__ import annotations

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.moves import lock, move
from portal.requests.permissions import check_analyst, check_review_again
from portal.requests.states import PUBLIC, Product, State
from portal.review.checklist import ITEMS, is_unchanged
from portal.review.models import Clearance, Round, Vote
from portal.review.permissions import check_vote
from portal.runs.models import Job
from portal.runs.output import content_sha256, output_folder, product_of
from portal.wording import say


@action("review.open")
def send_to_review(*, by: User, request: Request) -> Done[Round]:
    """The analyst puts the newest run, or before anything is linked the newest feasibility study, before two reviewers. From
    here on it is these bytes or a new round."""
    request = lock(request)
    check_analyst(by)
    if request.state in PUBLIC:
        check_review_again(by, request)
    study = request.state == State.PLANNED or request.product == Product.FEASIBILITY
    job = _newest(request, Job.Kind.FEASIBILITY if study else Job.Kind.RUN)
    number = request.rounds.count() + 1
    made = Round.objects.create(
        request=request,
        job=job,
        number=number,
        opened_by=by,
        content_sha256=job.output_sha256,
        release_sha256=job.found["release_sha256"],
    )
    # What is published stays so while a newer output of it is reviewed.
    facts: dict[str, str] = {}
    if request.state not in PUBLIC:
        way = "send_feasibility" if study else "send_to_review"
        facts = move(request, way, by, product=product_of(job))
    return Done(made, made, {**facts, "number": number, "content_sha256": made.content_sha256})


def _newest(request: Request, kind: str) -> Job:
    """The output that is to be reviewed: the newest of its kind, of the newest plan, as it was made, recorded for the register.

    Raises Refused while the engine is at work, or where there is none.
    """
    made = request.jobs.filter(kind__in=(Job.Kind.RUN, Job.Kind.FEASIBILITY))
    if made.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise Refused(say("review.refusals.running"), status=409)
    job = made.filter(kind=kind, state=Job.State.DONE).order_by("-ended_at").first()
    newest = request.plans.order_by("number").last()
    if job is None or newest is None or job.plan_id != newest.id or "study" not in job.found:
        raise Refused(say("review.refusals.no_run"), status=409)
    if content_sha256(output_folder(job)) != job.output_sha256:
        raise Refused(say("review.refusals.changed"), status=409)
    return job


@action("review.vote")
def vote(*, by: User, round_: Round, approve: bool, checklist: dict[str, bool], comment: str = "") -> Done[Vote]:
    """A reviewer's vote; the second one decides: two approvals clear the output, anything else returns it.

    An output that is no longer what was opened takes no vote: the round is void and the analyst opens another.
    """
    request = lock(round_.request)
    round_ = Round.objects.select_for_update(of=("self",)).select_related("request", "job").get(id=round_.id)
    check_vote(by, round_)
    if set(checklist) != set(ITEMS) or (approve and not all(checklist.values())):
        raise Refused(say("review.refusals.checklist"), status=409)
    if not approve and not comment.strip():
        raise Refused(say("review.refusals.comment"), status=409)
    if not is_unchanged(round_):
        raise Refused(say("review.refusals.changed"), status=409)
    made = Vote.objects.create(round=round_, reviewer=by, approve=approve, checklist=checklist, comment=comment.strip())
    votes = list(round_.votes.all())
    facts: dict[str, object] = {"votes": len(votes)}
    if len(votes) == 2:
        facts |= _close(request, round_, all(one.approve for one in votes), by)
    return Done(round_, made, facts)


def _close(request: Request, round_: Round, cleared: bool, by: User) -> dict[str, str]:
    """With the second vote: what both said is known, and the request goes on."""
    round_.outcome = Round.Outcome.CLEARED if cleared else Round.Outcome.RETURNED
    round_.closed_at = now()
    round_.save(update_fields=["outcome", "closed_at"])
    if cleared:
        Clearance.objects.create(round=round_, content_sha256=round_.content_sha256, release_sha256=round_.release_sha256)
        # Before anything of it leaves the lab, a worker compares it with everything released and adds it to the register.
        Job.objects.create(kind=Job.Kind.REGISTER, request=request, run=round_.job, asked_by=by)
    return {} if request.state in PUBLIC else move(request, "clear" if cleared else "return", by)


@action("review.void")
def void_round(*, by: User, round_: Round) -> Done[Round]:
    """An output was found changed while it was reviewed: the votes no longer count, and it goes back to the analyst."""
    request = lock(round_.request)
    round_ = Round.objects.select_for_update(of=("self",)).select_related("request", "job").get(id=round_.id)
    check_analyst(by)
    if round_.closed_at is not None or is_unchanged(round_):
        raise Refused(say("review.refusals.unchanged"), status=409)
    round_.outcome, round_.closed_at = Round.Outcome.VOID, now()
    round_.save(update_fields=["outcome", "closed_at"])
    return Done(round_, round_, {} if request.state in PUBLIC else move(request, "return", SYSTEM))
