"""An upload: what was received and what the check found. The file itself lies encrypted beside the database (vault.py)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.config.clock import now
from portal.config.ids import new_id
from portal.requests.models import Request


class Upload(models.Model):
    """One file of a provider. `faults` name rows and rules, never a value of the file."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "request", "received_by", "received_at", "kind", "size", "sha256", "state", "submitted", "readable",
        "faults", "checked_at", "destroyed_at",
    )  # fmt: skip

    class State(models.TextChoices):
        """Where a file is."""

        WAITING = "waiting", "Being checked"
        USABLE = "usable", "Checked"
        UNUSABLE = "unusable", "Cannot be used"
        REPLACED = "replaced", "Replaced"
        DESTROYED = "destroyed", "Destroyed"

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="uploads")
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=5, help_text="The file's ending; its name is not kept.")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was sent: the provider's receipt.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    submitted = models.PositiveIntegerField(null=True, blank=True)
    readable = models.PositiveIntegerField(null=True, blank=True)
    faults = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A request has one upload that counts."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(state__in=("waiting", "usable")), name="one_upload_counts")
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"upload:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that it belongs to."""
        return self.request.public_id
