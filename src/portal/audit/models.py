"""The audit: one row an act or a look. Rows are never changed or removed: the database refuses (guards.py)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from portal.audit.chain import START


class Kind(models.TextChoices):
    """What an event is of."""

    ACT = "act", "something was done"
    LOOK = "look", "something was looked at"


class AuditEvent(models.Model):
    """Who did what to what, when. `facts` never hold anything about a person; people stand by their random identifier."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "seq",
        "at",
        "kind",
        "actor",
        "verb",
        "subject",
        "request",
        "facts",
        "previous",
        "hash",
    )

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=4, choices=Kind)
    actor = models.CharField(max_length=40, help_text="Random identifier of the person, or the name of a part of the system.")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, help_text="kind:identifier")
    request = models.CharField(max_length=40, blank=True, help_text="Identifier of the request that it is about, if any.")
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """In the order of the chain; found by request, by subject and by person."""

        ordering: ClassVar[list[str]] = ["seq"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["request", "seq"], name="audit_request"),
            models.Index(fields=["subject", "seq"], name="audit_subject"),
            models.Index(fields=["actor", "seq"], name="audit_actor"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="audit_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}"

    def said(self) -> dict[str, Any]:
        """What the hash is of, ready for JSON."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "request": self.request,
            "facts": self.facts,
        }


class AuditHead(models.Model):
    """The last event's number and hash: one row, which every writer locks, so that the chain has no forks."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "seq", "hash")

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=START)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
