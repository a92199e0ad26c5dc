"""A round of review: one output, fixed by its hash, and the votes of two people who do not see each other's."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.config.clock import now
from portal.config.ids import new_id
from portal.requests.models import Request
from portal.runs.models import Job


class Round(models.Model):
    """An output before two reviewers. `content_sha256` is of every file of it (runs/output.py)."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "request", "job", "number", "content_sha256", "release_sha256", "opened_by", "opened_at", "closed_at",
        "outcome",
    )  # fmt: skip

    class Outcome(models.TextChoices):
        """How a round ended."""

        CLEARED = "cleared", "Cleared"
        RETURNED = "returned", "Returned"
        VOID = "void", "Void: the output was changed"

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="rounds")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    release_sha256 = models.CharField(max_length=64)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    class Meta:
        """One at a time."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "number"], name="round_number_once"),
            models.UniqueConstraint(fields=["request"], condition=Q(closed_at=None), name="one_open_round"),
        ]

    def __str__(self) -> str:
        return f"{self.request} round {self.number}"

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"round:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that it belongs to."""
        return self.request.public_id


class Vote(models.Model):
    """One reviewer's answer, with the checklist. Never changed. The database refuses a second vote of the same person, a third
    vote, a vote in a closed round, and one by the analyst or by anybody of the organisation (migration 0002)."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "round", "reviewer", "approve", "checklist", "comment", "voted_at")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="votes")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approve = models.BooleanField()
    checklist = models.JSONField(help_text="Item of the checklist: whether it holds.")
    comment = models.TextField(blank=True)
    voted_at = models.DateTimeField(default=now)

    class Meta:
        """Everybody votes once; who returns says why."""

        ordering: ClassVar[list[str]] = ["voted_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "reviewer"], name="one_vote_each"),
            models.CheckConstraint(condition=Q(approve=True) | ~Q(comment=""), name="a_return_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.reviewer}"


class Clearance(models.Model):
    """An output that two people have cleared: only these bytes can be published. Never changed."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "round", "content_sha256", "release_sha256", "cleared_at")

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="clearance")
    content_sha256 = models.CharField(max_length=64)
    release_sha256 = models.CharField(max_length=64)
    cleared_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.content_sha256
