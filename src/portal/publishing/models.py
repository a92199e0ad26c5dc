"""Releases, what is in them, who may see them early, published reports with their versions, and corrections."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.accounts.models import User
from portal.config.clock import now
from portal.config.ids import new_id
from portal.ops.models import Proposal
from portal.publishing.states import FROZEN, ReleaseState
from portal.publishing.times import opens_at, publish_at
from portal.requests.models import Request
from portal.review.models import Clearance


class Release(models.Model):
    """One day's publication: reports, a bulletin, and who decided on it. Once scheduled its pages are fixed by a hash."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "title", "day", "announced", "state", "created_by", "created_at", "proposed_by", "proposed_at",
        "scheduled_by", "scheduled_at", "content_sha256", "published_at", "reason",
    )  # fmt: skip

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    day = models.DateField(help_text="It is out at 09:30 in London on this day.")
    announced = models.BooleanField(default=False, help_text="Whether the public calendar shows its title.")
    state = models.CharField(max_length=10, choices=ReleaseState, default=ReleaseState.DRAFT)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="Of every file that will be public.")
    published_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was cancelled (public) or held.")

    class Meta:
        """Two people for what is fixed, and what is fixed has a hash."""

        ordering: ClassVar[list[str]] = ["-day", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="release_state_known"),
            models.CheckConstraint(
                condition=Q(scheduled_by=None) | (Q(proposed_by__isnull=False) & ~Q(scheduled_by=F("proposed_by"))),
                name="two_people_schedule",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*FROZEN, ReleaseState.PUBLISHED])
                | (Q(scheduled_by__isnull=False) & ~Q(content_sha256="")),
                name="fixed_by_two_and_a_hash",
            ),
            models.CheckConstraint(condition=~Q(state="published") | Q(published_at__isnull=False), name="published_when"),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(reason=""), name="cancelled_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"release {self.public_id}"

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"release:{self.public_id}"

    audit_request = ""

    @property
    def publish_at(self) -> dt.datetime:
        """When it is out."""
        return publish_at(self.day)

    @property
    def opens_at(self) -> dt.datetime:
        """From when named people may see it."""
        return opens_at(self.day)

    @property
    def is_frozen(self) -> bool:
        """Whether its pages are fixed and not out yet."""
        return self.state in FROZEN

    @property
    def folder(self) -> Path:
        """Where its fixed pages lie."""
        return Path(settings.HOME) / "publishing" / self.public_id


class Entry(models.Model):
    """A cleared report in a release. `public_id` is the report's permanent address."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "release", "request", "clearance", "added_by", "dropped")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="entries")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="entries")
    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="entries")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    dropped = models.BooleanField(default=False, help_text="Taken out, or its release was cancelled.")

    class Meta:
        """A request is in one release."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(dropped=False), name="in_one_release")
        ]

    def __str__(self) -> str:
        return self.public_id


class Named(models.Model):
    """Somebody who may see a release at most 24 hours before it is out. The role and the reason are printed in the release."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "release", "user", "role", "why", "added_by", "removed")

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="named")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=120)
    why = models.CharField(max_length=500)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed = models.BooleanField(default=False)

    class Meta:
        """Once on a list."""

        ordering: ClassVar[list[str]] = ["role", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["release", "user"], condition=Q(removed=False), name="named_once")
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"named:{self.public_id}"

    audit_request = ""


class QualityAccess(models.Model):
    """Somebody to whom the results of a cleared output are open during its fact check, to look for errors. The role and the
    reason are printed in the release, whether or not it was ended or used."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "clearance", "user", "role", "why", "opened_by", "opened_at", "ended_at",
    )  # fmt: skip

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="opened_to")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=120)
    why = models.CharField(max_length=500)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once at a time, and nobody opens it for themselves."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clearance", "user"], condition=Q(ended_at=None), name="opened_once"),
            models.CheckConstraint(condition=~Q(user=F("opened_by")), name="not_opened_for_oneself"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"quality:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request whose result it is."""
        return self.request.public_id

    @property
    def request(self) -> Request:
        """The request whose result it is."""
        return self.clearance.round.request


class Report(models.Model):
    """A published report at its permanent address; what it says stands in its versions."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "public_id", "request", "entry", "first_published_at")

    public_id = models.CharField(max_length=40, unique=True, editable=False)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="report")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="report")
    first_published_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"report:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that it answers."""
        return self.request.public_id


class Correction(Proposal):
    """A change of a published report: proposed by one, agreed to by another. With a new cleared output, or with a note alone."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "public_id", "report", "note", "withdraws", "clearance", "proposed_by", "proposed_at", "decided_by", "decided_at",
        "accepted",
    )  # fmt: skip

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="corrections")
    note = models.TextField(help_text="What was wrong and what is changed; public.")
    withdraws = models.BooleanField(default=False, help_text="The result does not count any more; it stays readable.")
    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        """Two people, one at a time."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="two_people_correct"),
            models.UniqueConstraint(fields=["report"], condition=Q(decided_at=None), name="one_open_correction"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"correction:{self.public_id}"

    @property
    def audit_request(self) -> str:
        """The request that the report answers."""
        return self.report.request.public_id


class Version(models.Model):
    """What a report says from some moment on; earlier versions stay readable. Never changed."""

    mutable: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "report", "number", "published_at", "note", "place", "content_sha256", "correction", "facts",
    )  # fmt: skip

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    note = models.TextField(blank=True)
    place = models.CharField(max_length=120, help_text="Its folder below the home folder's `publishing`.")
    content_sha256 = models.CharField(max_length=64)
    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, null=True, blank=True, related_name="version")
    facts = models.JSONField(help_text="What its page says: programme, findings, people (publishing/findings.py).")

    class Meta:
        """Numbered from 1; all but the first say what was changed."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["report", "number"], name="version_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(note=""), name="correction_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} version {self.number}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.HOME) / "publishing" / self.place


class Subscription(models.Model):
    """Somebody who wants a letter on every release and correction; `secret` ends it, and confirms that the address is theirs."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ("email",)
    impersonal: ClassVar[tuple[str, ...]] = (
        "id",
        "public_id",
        "asked_at",
        "letter_at",
        "tries",
        "confirmed_at",
        "ended_at",
        "told_at",
    )

    public_id = models.CharField(max_length=40, unique=True, default=new_id, editable=False)
    email = models.EmailField(blank=True)
    asked_at = models.DateTimeField(default=now)
    letter_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(default=now, help_text="Everything published up to here was told.")

    class Meta:
        """An address once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["email"], condition=Q(ended_at=None), name="subscribed_once")
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"subscription:{self.public_id}"

    audit_request = ""
