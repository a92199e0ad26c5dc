"""Every analysis that was ever published, its results, and the edition of the whole. Nothing else is ever put in."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from datalab.evidence.results import EffectSize, EvidenceRecord
from portal.config.clock import now


class Source(models.TextChoices):
    """Whose result it is; told apart by a label wherever it stands."""

    PUBLISHED = "published", "the real service's"
    MADE_HERE = "made_here", "made by this lab"
    DEMO = "demo", "of made-up people"


class Standing(models.TextChoices):
    """Whether an analysis counts."""

    CURRENT = "current", "counts"
    REPLACED = "replaced", "a later version counts"
    WITHDRAWN = "withdrawn", "does not count"


class Kept(models.TextChoices):
    """What an entry is. A feasibility study has an answer and no results: nothing that counts results can meet it."""

    ANALYSIS = "analysis", "analysis"
    STUDY = "feasibility", "feasibility study"


class Analysis(models.Model):
    """One analysis of a report as it was published, or a feasibility study. A later version is a row of its own; the old one
    stays readable."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "name", "version", "permanent", "part", "standing", "standing_since", "why", "source", "is_effect", "programme",
        "programme_name", "organisation", "organisation_name", "kind", "setting", "people", "published", "published_on", "year",
        "address", "told_by", "note", "curves", "words", "kept_at", "product", "answer",
    )  # fmt: skip

    name = models.SlugField(max_length=160, help_text="Of its address; the versions of one analysis share it.")
    version = models.PositiveIntegerField(default=1)
    permanent = models.CharField(max_length=80, help_text="The report it belongs to.")
    part = models.CharField(
        max_length=120, blank=True, help_text="The part of the people, of an analysis that is not the main one."
    )
    standing = models.CharField(max_length=9, choices=Standing, default=Standing.CURRENT)
    standing_since = models.DateTimeField(default=now)
    why = models.TextField(blank=True, help_text="Why it was replaced or withdrawn.")
    source = models.CharField(max_length=9, choices=Source)
    is_effect = models.BooleanField(default=True, help_text="False: a description, which no synthesis counts.")
    programme = models.CharField(max_length=300)
    programme_name = models.SlugField(max_length=160, help_text="Of the programme's page.")
    organisation = models.CharField(max_length=200, blank=True)
    organisation_name = models.SlugField(max_length=160, help_text="Of the organisation's page.")
    kind = models.CharField(max_length=60)
    setting = models.CharField(max_length=20, blank=True)
    people = models.CharField(max_length=120, blank=True)
    published = models.CharField(max_length=10, blank=True, help_text="As it is known: a year, a month or a day.")
    published_on = models.DateField(null=True, blank=True, help_text="The first day that it can mean; to sort by.")
    year = models.PositiveIntegerField(null=True, blank=True)
    address = models.CharField(max_length=500, blank=True, help_text="Of the report.")
    told_by = models.TextField(blank=True, help_text="Where a published figure was read.")
    note = models.TextField(blank=True)
    curves = models.JSONField(default=list)
    words = models.TextField(help_text="What a search for words looks through.")
    kept_at = models.DateTimeField(default=now)
    product = models.CharField(max_length=11, choices=Kept, default=Kept.ANALYSIS)
    answer = models.JSONField(default=dict, help_text="Of a feasibility study: what it found (entries.py); else empty.")

    class Meta:
        """One version of a name counts."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["permanent"], name="analysis_report"),
            models.Index(fields=["standing", "product", "published_on"], name="analysis_product"),
            models.Index(fields=["standing", "kind"], name="analysis_kind"),
            models.Index(fields=["standing", "organisation_name"], name="analysis_organisation"),
            models.Index(fields=["standing", "programme_name"], name="analysis_programme"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name", "version"], name="one_row_a_version"),
            models.UniqueConstraint(fields=["name"], condition=Q(standing=Standing.CURRENT), name="one_version_counts"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="library_source_known"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="library_standing_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def audit_name(self) -> str:
        """As the subject of an event."""
        return f"analysis:{self.permanent}"[:80]

    audit_request = ""


class Result(models.Model):
    """What an analysis says about one outcome: a copy of its record that can be searched. `counts` and `published_on` are the
    analysis's, so that a list is found and ordered without it."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = (
        "id", "analysis", "outcome", "months", "role", "verdict", "direction_only", "unit", "favourable", "n_treated",
        "treated", "comparison", "difference", "se", "low", "high", "strength", "rules_met", "reason", "is_main",
        "counts", "published_on",
    )  # fmt: skip

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=60)
    months = models.PositiveIntegerField()
    role = models.CharField(max_length=10)
    verdict = models.CharField(max_length=12)
    direction_only = models.BooleanField(help_text="No figure could be read at the source: shown as a direction, never a number.")
    unit = models.CharField(max_length=20, blank=True)
    favourable = models.CharField(max_length=8)
    n_treated = models.PositiveIntegerField(null=True, blank=True)
    treated = models.FloatField(null=True, blank=True)
    comparison = models.FloatField(null=True, blank=True)
    difference = models.FloatField(null=True, blank=True)
    se = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    strength = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5; none: no verdict to grade.")
    rules_met = models.JSONField(default=list)
    reason = models.CharField(max_length=60, blank=True, help_text="Why there is no usable number (a wording key of the engine).")
    is_main = models.BooleanField(default=False, help_text="The one result that a list of analyses shows.")
    counts = models.BooleanField(default=True)
    published_on = models.DateField(null=True, blank=True)

    class Meta:
        """Searched by outcome and verdict, listed by date."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["counts", "outcome", "months", "verdict"], name="result_outcome"),
            models.Index(fields=["analysis", "outcome"], name="result_of_analysis"),
            models.Index(fields=["counts", "is_main", "verdict"], name="result_main"),
            models.Index(fields=["counts", "is_main", "published_on"], name="result_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.analysis} {self.outcome}"


class Evidence(models.Model):
    """The engine's evidence record of a result, whole: apart from it, since a search reads every row that it looks through."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("result", "document")

    result = models.OneToOneField(Result, on_delete=models.PROTECT, related_name="evidence", primary_key=True)
    document = models.JSONField()

    def __str__(self) -> str:
        return str(self.document["id"])


def read_kept(document: dict[str, Any]) -> EvidenceRecord:
    """The engine's record of a kept document; it was checked when it was kept."""
    return EvidenceRecord(**{**document, "effects": tuple(EffectSize(**one) for one in document["effects"])})


def record_of(result: Result) -> EvidenceRecord:
    """The engine's record of a result."""
    return read_kept(result.evidence.document)


def new_stamp() -> str:
    """A name that no other edition has."""
    return secrets.token_hex(8)


class Edition(models.Model):
    """The state of the library: another stamp after every change, so that what was made of it is made anew."""

    mutable: ClassVar[bool] = True
    personal: ClassVar[tuple[str, ...]] = ()
    impersonal: ClassVar[tuple[str, ...]] = ("id", "stamp", "changed_at", "published_sha256")

    stamp = models.CharField(max_length=16, default=new_stamp)
    changed_at = models.DateTimeField(default=now)
    published_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the packaged published results as loaded.")

    def __str__(self) -> str:
        return self.stamp
