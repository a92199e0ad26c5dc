"""The second person's part, the same for thresholds, linkage models and roles: what is open, decided once, by somebody else."""

from __future__ import annotations

from typing import TypeVar

from portal.accounts.models import User
from portal.config.refusals import Refused
from portal.ops.models import Proposal
from portal.wording import say

P = TypeVar("P", bound=Proposal)


def hold_open(proposed: P, by: User, *also: User | None) -> P:
    """The proposal, locked. Raises Refused where it was decided, or this person proposed it. also: others who may not decide."""
    kind = type(proposed)
    found = kind._default_manager.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposed.pk)
    if found.decided_at is not None:
        raise Refused(say("ops.refusals.decided"), status=409)
    if by in (found.proposed_by, *also):
        raise Refused(say("ops.refusals.two_people"))
    return found
