"""Who may review, and who sees whose vote when. The database holds the first as well (guards.py)."""

from __future__ import annotations

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.config.refusals import Refused
from portal.review.models import Round, Vote
from portal.wording import say


def check_vote(user: User, round_: Round) -> None:
    """A reviewer who is neither the analyst nor ever was of the organisation, once, while the round is open."""
    if Role.REVIEWER not in user.roles:
        raise Refused(say("review.refusals.reviewers_only"))
    if user.id in (round_.opened_by_id, round_.job.asked_by_id):
        raise Refused(say("review.refusals.analyst"))
    if Membership.objects.filter(user=user, organisation=round_.request.organisation_id).exists():
        raise Refused(say("review.refusals.organisation"))
    if round_.closed_at is not None:
        raise Refused(say("review.refusals.closed"), status=409)
    if round_.votes.filter(reviewer=user).exists():
        raise Refused(say("review.refusals.voted"), status=409)


def visible_votes(user: User, round_: Round) -> list[Vote]:
    """While a round is open a reviewer sees their own vote alone, everybody else none; afterwards the lab sees both."""
    votes = list(round_.votes.select_related("reviewer"))
    if round_.closed_at is not None:
        return votes if user.is_of_the_lab else []
    return [vote for vote in votes if vote.reviewer_id == user.id]
