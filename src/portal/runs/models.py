"""Jobs: the queue is the table. What a worker is to do, who has it, how far it is, and what came out."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.config.clock import now
from portal.config.ids import new_id
from portal.requests.models import PlanVersion, Request

# A worker says that it is alive every few seconds; after this it is taken for dead.
SILENCE = dt.timedelta(seconds=60)
MOST_TRIES = 3


class Job(models.Model):
    """One piece of work for the engine, done in a sealed process by whichever worker takes it."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "kind", "request", "upload", "plan", "asked_by", "asked_at", "state", "worker", "tries", "started_at",
        "heard_at", "ended_at", "stage", "done", "total", "cancel_asked", "error", "found", "output_sha256", "run",
    )  # fmt: skip

    class Kind(models.TextChoices):
        """What is done."""

        CHECK = "check", "Check of an upload"
        RUN = "run", "Run of the engine"
        FEASIBILITY = "feasibility", "Feasibility study"
        REGISTER = "register", "Adoption into the register"

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="jobs")
    upload = models.ForeignKey("uploads.Upload", on_delete=models.PROTECT, related_name="jobs", null=True, blank=True)
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="jobs", null=True, blank=True)
    run = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="adoptions", help_text="The run that is adopted."
    )
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    worker = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=80, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True, help_text="A sentence for people; never a value from anybody's record.")
    found = models.JSONField(default=dict, help_text="What the engine reported: the release's status and verdict, hashes.")
    output_sha256 = models.CharField(max_length=64, blank=True, help_text="Of every file of the output (runs/output.py).")

    class Meta:
        """A request is run once at a time: two clicks are one run. The queue is read by state and age."""

        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "asked_at"], name="job_queue")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(state__in=("queued", "running")) & ~Q(kind="check"),
                name="one_run_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="running") | ~Q(worker=""), name="running_has_a_worker"),
            models.CheckConstraint(
                condition=Q(kind="register", run__isnull=False) | (~Q(kind="register") & Q(run=None)), name="adopts_a_run"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="register", state="running"), name="one_adoption_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"job:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that it belongs to."""
        return self.request.public_id

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)


class Pair(models.Model):
    """A doubtful link of a run: what was submitted beside what the records hold. `compared`: field, submitted, central."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ("row", "person_id", "compared")
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "job", "number", "rule", "probability", "in_sample")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="pairs")
    number = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    person_id = models.CharField(max_length=40)
    rule = models.CharField(max_length=40)
    probability = models.FloatField()
    compared = models.JSONField()
    in_sample = models.BooleanField(help_text="Two people decide on it, each without seeing the other's answer.")

    class Meta:
        """In the order of the file."""

        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return self.public_id


class PairDecision(models.Model):
    """Somebody says whether two records are one person. It goes with its pair."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "pair", "by", "at", "accept")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="decisions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    accept = models.BooleanField()

    class Meta:
        """Everybody decides once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pair", "by"], name="one_decision_each")
        ]

    def __str__(self) -> str:
        return f"{self.pair} {self.accept}"
