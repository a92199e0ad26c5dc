"""Writes events. Acts come from `action` alone (action.py); looks from the pages that show something kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from django.db import transaction

from portal.audit.chain import hash_of
from portal.audit.models import AuditEvent, AuditHead, Kind
from portal.config.clock import now


class Actor(Protocol):
    """Whoever does something: a person, or a part of the system."""

    @property
    def actor_id(self) -> str: ...


class Subject(Protocol):
    """What something is done to. request_id of a thing that belongs to no request is empty."""

    @property
    def audit_name(self) -> str: ...

    @property
    def audit_request(self) -> str: ...


class Named:
    """A subject, or a part of the system, that is no row of its own: a page, a worker."""

    def __init__(self, kind: str, name: str = "", request: str = "") -> None:
        self.audit_name = f"{kind}:{name}" if name else kind
        self.audit_request = request
        self.actor_id = self.audit_name


SYSTEM = Named("system")
NOBODY = Named("visitor")


def hold_head() -> AuditHead:
    """The end of the chain, locked until the transaction that is open ends: nobody else acts meanwhile."""
    head, _ = AuditHead.objects.select_for_update().get_or_create(id=1)
    return head


def write_event(by: Actor, kind: Kind, verb: str, subject: Subject, facts: Mapping[str, Any]) -> AuditEvent:
    """Adds one event to the end of the chain, inside the transaction that is open."""
    head = hold_head()
    event = AuditEvent(
        seq=head.seq + 1,
        # The database keeps microseconds; so does the hash.
        at=now().astimezone(dt.UTC),
        kind=kind,
        actor=by.actor_id,
        verb=verb,
        subject=subject.audit_name,
        request=subject.audit_request,
        facts=dict(facts),
        previous=head.hash,
    )
    event.hash = hash_of(event.previous, event.said())
    event.save(force_insert=True)
    head.seq, head.hash = event.seq, event.hash
    head.save(update_fields=["seq", "hash"])
    return event


def record_look(by: Actor, verb: str, subject: Subject, **facts: Any) -> None:
    """Somebody has looked at something that is kept of a request."""
    with transaction.atomic():
        write_event(by, Kind.LOOK, verb, subject, facts)
