"""A request, its registered plans, and the notes between provider and lab."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import Organisation, User
from portal.config.clock import now, working_days_after
from portal.config.ids import new_id, new_reference
from portal.requests.states import OF_FEASIBILITY, RETENTION_DAYS, STANDINGS, Product, Standing, State


class Request(models.Model):
    """A provider asks what its programme did. `answers`: of the form (questions.py); it asks for nothing about a person."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "reference", "organisation", "created_by", "created_at", "submitted_at", "state", "state_since",
        "answers", "criterion", "reason", "repeat_of", "own_words", "data_destroyed_at", "product",
    )  # fmt: skip

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="requests")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    state_since = models.DateTimeField(default=now)
    answers = models.JSONField(default=dict)
    criterion = models.CharField(max_length=40, blank=True, help_text="The criterion that failed, of a refused request.")
    reason = models.TextField(blank=True, help_text="What was said with a refusal, a withdrawal, a return or a stop.")
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeats")
    own_words = models.TextField(blank=True, help_text="The provider's own statement; it stands apart from the statistics.")
    data_destroyed_at = models.DateTimeField(null=True, blank=True)
    product = models.CharField(
        max_length=11, choices=Product, default=Product.EVALUATION, help_text="What is reviewed and published."
    )

    class Meta:
        """The queue reads by state and age; what becomes a feasibility study was never linked to an outcome."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "state_since"], name="request_queue"),
            models.Index(fields=["organisation", "created_at"], name="request_of_organisation"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="state_known"),
            models.CheckConstraint(condition=~Q(state=State.REFUSED) | ~Q(criterion=""), name="refused_for_a_criterion"),
            models.CheckConstraint(
                condition=Q(product=Product.EVALUATION) | Q(product=Product.FEASIBILITY, state__in=OF_FEASIBILITY),
                name="feasibility_is_never_linked",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"request:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that it is about: itself."""
        return self.public_id

    @property
    def title(self) -> str:
        """What the provider calls its programme; empty while nobody has said."""
        return str(self.answers.get("title") or "")

    @property
    def standing(self) -> Standing:
        """Who has it now."""
        return STANDINGS[State(self.state)]

    @property
    def due(self) -> dt.date | None:
        """By when the next thing is to happen."""
        days = self.standing.days
        return None if days is None else working_days_after(self.state_since.date(), days)

    @property
    def destroy_due(self) -> dt.date | None:
        """When its personal data are to be destroyed; None while they are needed or where they are gone."""
        days = RETENTION_DAYS.get(State(self.state))
        if days is None or self.data_destroyed_at is not None:
            return None
        return (self.state_since + dt.timedelta(days=days)).date()


class PlanVersion(models.Model):
    """A registered plan: the study file as text, its hash, who registered it and when. The first stands before outcomes are
    linked; a later one is an amendment, with its reason, and is shown as a change in the report. Never changed."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id",
        "public_id",
        "request",
        "number",
        "text",
        "sha256",
        "registered_by",
        "registered_at",
        "reason",
    )

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True)

    class Meta:
        """Numbered from 1; all but the first say why."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "number"], name="plan_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="amendment_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} plan {self.number}"


class Note(models.Model):
    """A note on the thread between provider and lab. Never changed; its text goes with the request's personal data."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ("text",)
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "request", "written_by", "written_at", "from_the_lab")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="notes")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=now)
    from_the_lab = models.BooleanField()
    text = models.TextField()

    class Meta:
        """Oldest first."""

        ordering: ClassVar[list[str]] = ["written_at", "id"]

    def __str__(self) -> str:
        return self.public_id
