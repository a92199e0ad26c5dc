"""Letters to be sent: written with what they are about, sent once the database has it, sent again if it failed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.config.clock import now


class Notice(models.Model):
    """One letter to one person. `key` names its words; `values` fill them, and never hold anything about anybody."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id",
        "recipient",
        "key",
        "values",
        "path",
        "request",
        "written_at",
        "sent_at",
        "tries",
    )

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    path = models.CharField(max_length=200)
    request = models.CharField(max_length=40, blank=True)
    written_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """The unsent ones are looked for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["written_at"], condition=Q(sent_at=None), name="notice_unsent")
        ]

    def __str__(self) -> str:
        return f"{self.key} to {self.recipient}"
