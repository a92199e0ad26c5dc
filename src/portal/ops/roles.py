"""Roles of the lab: proposed by one data steward, agreed by another, never for themselves; looked through every quarter."""

from __future__ import annotations

import datetime as dt

from portal.accounts.models import Grant, User
from portal.accounts.roles import APART, Role
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.ops.central import check_steward
from portal.ops.models import Change
from portal.ops.proposals import hold_open
from portal.wording import say

REVIEW_EVERY = dt.timedelta(days=92)


@action("role.propose")
def propose_role(*, by: User, user: User, role: str, give: bool, why: str) -> Done[Change]:
    """A steward proposes that somebody gets a role or loses it."""
    check_steward(by)
    _check_role(user, role, give)
    if by == user:
        raise Refused(say("ops.refusals.for_yourself"))
    if not why.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    kind = Change.Kind.GIVE_ROLE if give else Change.Kind.TAKE_ROLE
    made = Change.objects.create(kind=kind, user=user, role=role, why=why.strip(), proposed_by=by)
    return Done(made, made, {"kind": kind, "role": role, "user": user.public_id})


@action("role.decide")
def decide_role(*, by: User, change: Change, accept: bool) -> Done[Change]:
    """Another steward agrees, and it holds from now; or does not."""
    check_steward(by)
    change = hold_open(change, by, change.user)
    if change.user is None:
        raise Refused(say("ops.refusals.decided"), status=409)
    change.decided_by, change.decided_at, change.accepted = by, now(), accept
    change.save()
    if accept:
        _check_role(change.user, change.role, change.kind == Change.Kind.GIVE_ROLE)
        _apply(change.user, change.role, change.kind == Change.Kind.GIVE_ROLE)
    return Done(change, change, {"accepted": accept, "role": change.role, "user": change.user.public_id})


@action("role.keep")
def confirm_role(*, by: User, grant: Grant) -> Done[Grant]:
    """The quarterly look: the person still needs the role."""
    check_steward(by)
    if by == grant.user:
        raise Refused(say("ops.refusals.for_yourself"))
    grant.reviewed_at = now()
    grant.save(update_fields=["reviewed_at"])
    return Done(grant.user, grant, {"role": grant.role})


@action("role.install")
def install_role(*, by: Actor, user: User, role: str) -> Done[Grant]:
    """At the installation of a lab, by its console alone, while there are fewer than two stewards to do it."""
    if by is not SYSTEM or Grant.objects.filter(role=Role.STEWARD, ended_at=None).count() >= 2:
        raise Refused(say("ops.refusals.install"))
    _check_role(user, role, give=True)
    return Done(user, Grant.objects.create(user=user, role=role), {"role": role})


def due_for_review() -> list[Grant]:
    """Roles that nobody has looked at for a quarter."""
    return list(Grant.objects.filter(ended_at=None, reviewed_at__lt=now() - REVIEW_EVERY).select_related("user"))


def _check_role(user: User, role: str, give: bool) -> None:
    held = set(Grant.objects.filter(user=user, ended_at=None).values_list("role", flat=True))
    if role not in Role.values or (role in held) == give:
        raise Refused(say("ops.refusals.role"), status=409)
    if give and any({*held, role} >= pair for pair in APART):
        raise Refused(say("ops.refusals.apart"), status=409)


def _apply(user: User, role: str, give: bool) -> None:
    if give:
        Grant.objects.create(user=user, role=role)
    else:
        Grant.objects.filter(user=user, role=role, ended_at=None).update(ended_at=now())
