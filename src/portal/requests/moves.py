"""One move of the life cycle, inside an action: checked, written, those concerned told. Only actions use it."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from portal.accounts.models import User
from portal.audit.record import Actor
from portal.config.clock import now
from portal.notices.outbox import notify
from portal.requests.models import Request
from portal.requests.permissions import ROLE_OF, check_may
from portal.requests.states import INSTEAD, MOVES, OF_FEASIBILITY, PUBLIC, Owner, Product


def lock(request: Request) -> Request:
    """The request as the database has it now, held until the transaction ends: of two moves, the second sees the first."""
    return Request.objects.select_for_update(of=("self",)).select_related("organisation").get(id=request.id)


def move(request: Request, name: str, by: Actor, **changes: object) -> dict[str, str]:
    """Moves a locked request, writes `changes` with it, and tells who is to be told. Gives the facts for the audit."""
    check_may(by, request, name)
    before, request.state = request.state, MOVES[name].end
    # A correction does not begin the time anew for which personal data are kept.
    if before not in PUBLIC or request.state not in PUBLIC:
        request.state_since = now()
    for field, value in changes.items():
        setattr(request, field, value)
    request.save(update_fields=["state", "state_since", *changes])
    tell(request, name, MOVES[name].notice, by)
    return {"from": before, "to": request.state}


def name_of(request: Request, name: str) -> str:
    """The move's name for what the request makes: a feasibility study has some of its own."""
    return INSTEAD.get(name, name) if request.product == Product.FEASIBILITY else name


def move_back(request: Request, name: str, by: Actor, **changes: object) -> dict[str, str]:
    """As `move`, by the product's own move: a feasibility study that goes back to the plan is none any more."""
    chosen = name_of(request, name)
    if MOVES[chosen].end not in OF_FEASIBILITY:
        changes["product"] = Product.EVALUATION
    return move(request, chosen, by, **changes)


def tell(request: Request, key: str, owners: Iterable[Owner], by: Actor) -> None:
    """A letter to everybody among the owners; whoever did it needs none, unless it is the provider's receipt."""
    path = reverse("request", args=[request.public_id])
    for owner in owners:
        people = [person for person in people_of(request, owner) if person != by or owner is Owner.PROVIDER]
        notify(people, f"{key}.{owner.value}", path, request.public_id, reference=request.reference)


def people_of(request: Request, owner: Owner) -> list[User]:
    """The people who act for an owner: those of the organisation, or who hold the lab's role."""
    active = User.objects.filter(is_active=True)
    if owner is Owner.PROVIDER:
        return list(active.filter(memberships__organisation=request.organisation_id, memberships__ended_at=None))
    if owner not in ROLE_OF:
        return []
    return list(active.filter(grants__role=ROLE_OF[owner], grants__ended_at=None))
