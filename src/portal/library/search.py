"""What is found: results that count, by the answers of the form; and the records behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet

from datalab.evidence import RULES, plain_name
from datalab.evidence.results import EvidenceRecord, Strength
from datalab.library import LibraryRow
from portal.library.forms import EVERY
from portal.library.models import Analysis, Kept, Result, Source, Standing, read_kept, record_of

PAGE = 20
# Field of the form -> condition on a result.
_EQUAL = {
    "kind": "analysis__kind",
    "setting": "analysis__setting",
    "people": "analysis__people",
    "verdict": "verdict",
    "source": "analysis__source",
}
_FROM = {"first": "analysis__year__gte", "last": "analysis__year__lte", "least": "n_treated__gte", "strength": "strength__gte"}
_ORDER: dict[str, Any] = {
    "newest": (F("published_on").desc(nulls_last=True),),
    "difference": (F("difference").asc(nulls_last=True),),
    "people": (F("n_treated").desc(nulls_last=True),),
    "strength": (F("strength").desc(nulls_last=True), F("n_treated").desc(nulls_last=True)),
    "programme": (F("analysis__programme").asc(),),
}


def find(asked: Mapping[str, Any], *, every: bool = False) -> QuerySet[Result]:
    """The results that are asked for, in the order that is asked for. every: of every outcome where none is named; else the
    main result of each analysis."""
    found = Result.objects.filter(counts=True)
    for name, column in {**_EQUAL, **_FROM}.items():
        if asked.get(name) not in (None, ""):
            found = found.filter(**{column: asked[name]})
    outcome = asked.get("outcome") or ("" if not every else EVERY)
    if outcome != EVERY:
        found = found.filter(outcome=outcome) if outcome else found.filter(is_main=True)
    for word in (asked.get("q") or "").lower().split():
        found = found.filter(analysis__words__contains=word)
    if organisation := (asked.get("organisation") or "").strip():
        found = found.filter(Q(analysis__organisation__icontains=organisation) | Q(analysis__organisation_name=organisation))
    return found.order_by(*_ORDER[asked.get("sort") or "newest"], "id")


def taken(found: QuerySet[Result], first: int, last: int) -> list[Result]:
    """The results from `first` to before `last`, each with its analysis: found by their numbers, then read."""
    ids = list(found.values_list("id", flat=True)[first:last])
    rows = Result.objects.select_related("analysis").in_bulk(ids)
    return [rows[one] for one in ids]


def verdict_counts(found: QuerySet[Result]) -> dict[str, int]:
    """How many of them went which way."""
    return dict(found.order_by().values_list("verdict").annotate(count=Count("id")))


def organisations(found: QuerySet[Result]) -> int:
    """How many organisations they are of; where none is named, each report counts as one."""
    names = found.order_by().exclude(analysis__organisation="").values_list("analysis__organisation", flat=True).distinct()
    unnamed = found.order_by().filter(analysis__organisation="").values("analysis__permanent").distinct()
    return len({plain_name(name) for name in names}) + unnamed.count()


def records_of(found: QuerySet[Result]) -> list[EvidenceRecord]:
    """Their records, without the rows around them."""
    return [read_kept(document) for document in found.order_by("id").values_list("evidence__document", flat=True)]


def row_of(result: Result, address: str = "") -> LibraryRow:
    """The result as a row of a download."""
    missed = tuple(rule.name for rule in RULES if rule.name not in result.rules_met)
    strength = None if result.strength is None else Strength(result.strength, tuple(result.rules_met), missed)
    return LibraryRow(record_of(result), strength, address)


def real(found: QuerySet[Result]) -> QuerySet[Result]:
    """Without those of made-up people."""
    return found.exclude(analysis__source=Source.DEMO)


def made_up(found: QuerySet[Result]) -> QuerySet[Result]:
    """Only those of made-up people."""
    return found.filter(analysis__source=Source.DEMO)


def counted() -> QuerySet[Analysis]:
    """The analyses that count; a feasibility study is none (studies.py)."""
    return Analysis.objects.filter(standing=Standing.CURRENT, product=Kept.ANALYSIS)


def address_of(asked: Mapping[str, Any], **changes: Any) -> str:
    """The answers as the part of an address after the question mark, without those left open."""
    given = {**asked, **changes}
    return urlencode({name: value for name, value in given.items() if value not in (None, "")})
