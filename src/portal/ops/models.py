"""Loads of central records, changes that need two people, certificates of destruction."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.config.clock import now
from portal.config.ids import new_id
from portal.requests.models import Request


class CentralLoad(models.Model):
    """A folder of central records that obeyed its schema when it was loaded; one at a time is the one that is used."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "folder", "extracted_on", "synthetic", "rows", "sha256", "coverage", "loaded_by", "loaded_at",
        "is_current",
    )  # fmt: skip

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    folder = models.CharField(max_length=200, help_text="Below the home folder's `central`.")
    extracted_on = models.DateField(help_text="The day the records were taken; ages and follow-up are counted to it.")
    synthetic = models.BooleanField()
    rows = models.JSONField()
    sha256 = models.JSONField()
    coverage = models.JSONField()
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(default=now)
    is_current = models.BooleanField(default=False)

    class Meta:
        """One is used."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_load")
        ]

    def __str__(self) -> str:
        return self.folder

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"central:{self.public_id}"

    audit_request = ""

    @property
    def path(self) -> Path:
        """Where the records lie."""
        return Path(settings.HOME) / "central" / self.folder


class Proposal(models.Model):
    """What one person proposes and another agrees to, or does not."""

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)

    class Meta:
        """No table of its own."""

        abstract = True

    @property
    def audit_request(self) -> str:
        """Of no request, where a kind says nothing else."""
        return ""


class Change(Proposal):
    """A change that needs two people: one proposes it, another agrees. What: a role given or taken."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "kind", "user", "role", "why", "proposed_by", "proposed_at", "decided_by",
        "decided_at", "accepted",
    )  # fmt: skip

    class Kind(models.TextChoices):
        """What is changed."""

        GIVE_ROLE = "give_role", "Give a role"
        TAKE_ROLE = "take_role", "Take a role away"

    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="changes", null=True, blank=True)
    role = models.CharField(max_length=10, blank=True)
    why = models.TextField()

    class Meta:
        """Never one person alone, and nobody for themselves."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="two_people_change"
            ),
            models.CheckConstraint(
                condition=Q(user=None)
                | (~Q(proposed_by=models.F("user")) & (Q(decided_by=None) | ~Q(decided_by=models.F("user")))),
                name="nobody_for_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"change:{self.public_id}"


class ThresholdSet(Proposal):
    """A lab's own disclosure thresholds. One person may tighten them; to loosen an earlier tightening another agrees. None is
    ever looser than the engine's own file, which a run refuses."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "version", "values", "loosens", "why", "proposed_by", "proposed_at", "decided_by", "decided_at",
        "accepted", "is_current",
    )  # fmt: skip

    version = models.CharField(max_length=60, unique=True, help_text="As manifests of runs name it.")
    values = models.JSONField(help_text="Name of each threshold: its number.")
    loosens = models.BooleanField(help_text="Whether any number is looser than what was in force.")
    why = models.TextField()
    is_current = models.BooleanField(default=False)

    class Meta:
        """One is in force, and somebody agreed to it; to what loosens, somebody else."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_set_in_force"),
            models.CheckConstraint(
                condition=Q(loosens=False) | Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="two_people_loosen"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | (Q(accepted=True) & ~Q(decided_by=None)), name="in_force_was_agreed"
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"thresholds:{self.public_id}"


class LinkageModel(Proposal):
    """A linkage model that was proposed: the file of a training, or none for the engine's own. In force once another steward
    than the one who proposed it agreed. It holds weights of agreement, nothing about a person."""

    VERSION_LENGTH: ClassVar[int] = 60
    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "version", "text", "sha256", "why", "proposed_by", "proposed_at", "decided_by", "decided_at",
        "accepted", "is_current",
    )  # fmt: skip

    version = models.CharField(max_length=VERSION_LENGTH, help_text="As manifests of runs name it.")
    text = models.TextField(blank=True, help_text="The file; empty for the engine's own model.")
    sha256 = models.CharField(max_length=64)
    why = models.TextField()
    is_current = models.BooleanField(default=False)

    class Meta:
        """One is in force, by two people."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_model_in_force"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="two_people_model"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | (Q(accepted=True) & ~Q(decided_by=None)), name="model_was_agreed"
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"linkage_model:{self.public_id}"


class Certificate(models.Model):
    """What was destroyed of a request, when and by whom; the audit event that goes with it chains it. Never changed."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "request", "made_at", "made_by", "content", "sha256")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="certificate")
    made_at = models.DateTimeField(default=now)
    made_by = models.CharField(max_length=40)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.public_id
