"""What results say together, kept for an edition of the library: by kind of programme, by outcome, real and made-up apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from datalab.evidence.results import EvidenceRecord
from datalab.library import Told, amount, span, speaking_for_a_study, understand
from portal.library.entries import current_stamp
from portal.library.forms import kind_name, outcome_name, people_name, setting_name
from portal.library.models import Result, Source, read_kept
from portal.wording import say


@dataclass(frozen=True)
class Finding:
    """What the results of one kind of programme say about one outcome, and for whom."""

    kind: str
    name: str
    outcome: str
    months: int
    told: Told
    whom: str
    studies: int

    @property
    def tally(self) -> str:
        """How many results went which way, and of how many organisations; "" where none tells a direction."""
        counts = dict(self.share)
        values = {name: counts.get(name, 0) for name in ("lower", "higher", "more_people")}
        of = say("library.first.organisations", count=self.told.organisations)
        return say("library.first.tally", count=sum(values.values()), of=of, **values) if counts else ""

    @property
    def measure(self) -> str:
        """What was measured."""
        return outcome_name(self.outcome, self.months)

    @property
    def average(self) -> str:
        """The average difference in words, "" where there is none."""
        pool = self.told.found.pool
        return amount(pool.random.estimate, self.told.unit) if pool else ""

    @property
    def likely(self) -> str:
        """The range of the average, "" where there is none."""
        pool = self.told.found.pool
        return span(pool.random.low, pool.random.high, self.told.unit) if pool else ""

    @property
    def prediction(self) -> str:
        """What to expect of another programme, "" where that cannot be told."""
        pool = self.told.found.pool
        return span(*pool.prediction, self.told.unit) if pool and pool.prediction else ""

    @property
    def spread(self) -> str:
        """The share of the spread that lies between programmes, "" for fewer than two."""
        pool = self.told.found.pool
        return f"{100 * pool.heterogeneity.i2:.0f}%" if pool and pool.heterogeneity else ""

    @property
    def sure(self) -> str:
        """How sure one can be, in a few words."""
        pool = self.told.found.pool
        return say(f"library.sure_short.{self.told.certainty}", count=pool.k if pool else 0)

    @property
    def share(self) -> list[tuple[str, int]]:
        """Each verdict with its count, in the order of a bar."""
        counts = self.told.found.verdicts
        return [(name, getattr(counts, name)) for name in ("lower", "more_people", "higher") if getattr(counts, name)]


def overview(*, demo: bool = False, outcome: str = "rate", months: int = 12) -> tuple[Finding, ...]:
    """Every kind of programme that has results about the outcome, most results first."""
    return _overview(current_stamp(), demo, outcome, months)


@lru_cache(maxsize=16)
def _overview(stamp: str, demo: bool, outcome: str, months: int) -> tuple[Finding, ...]:
    kinds: dict[str, list[_Row]] = {}
    for row in _rows(stamp, demo, outcome, months):
        kinds.setdefault(row.kind, []).append(row)
    found = [_finding(kind, rows, outcome, months) for kind, rows in kinds.items()]
    return tuple(sorted(found, key=lambda one: (-one.studies, one.name)))


def finding(*, kind: str = "", demo: bool = False, outcome: str = "rate", months: int = 12) -> Finding | None:
    """What one kind (all where "") says about one outcome; None where there is no result."""
    return _one(current_stamp(), kind, demo, outcome, months)


@lru_cache(maxsize=128)
def _one(stamp: str, kind: str, demo: bool, outcome: str, months: int) -> Finding | None:
    if kind:
        return next((one for one in _overview(stamp, demo, outcome, months) if one.kind == kind), None)
    rows = _rows(stamp, demo, outcome, months)
    return _finding("", rows, outcome, months) if rows else None


@dataclass(frozen=True)
class _Row:
    """A record, and what its analysis says of programme and people."""

    kind: str
    setting: str
    people: str
    record: EvidenceRecord


@lru_cache(maxsize=2)
def _rows(stamp: str, demo: bool, outcome: str, months: int) -> list[_Row]:
    """The results that can speak: of main analyses alone, since a report's further ones are of the same people."""
    found = Result.objects.filter(counts=True, analysis__part="", outcome=outcome, months=months)
    found = found.filter(analysis__source=Source.DEMO) if demo else found.exclude(analysis__source=Source.DEMO)
    columns = found.order_by("id").values_list("analysis__kind", "analysis__setting", "analysis__people", "evidence__document")
    return [_Row(kind, setting, people, read_kept(document)) for kind, setting, people, document in columns]


def _finding(kind: str, rows: list[_Row], outcome: str, months: int) -> Finding:
    records = [row.record for row in rows]
    effects = [row for row in rows if row.record.design != "descriptive"]
    return Finding(
        kind=kind,
        name=kind_name(kind) if kind else say("library.kinds_all.title"),
        outcome=outcome,
        months=months,
        told=understand(records, outcome, follow_up_months=months),
        whom=_whom(effects),
        studies=len(speaking_for_a_study(row.record for row in effects)),
    )


def _whom(rows: list[_Row]) -> str:
    """Where the programmes were and whom they were for, most frequent first; what is not known is not counted."""
    settings = Counter(setting_name(row.setting) for row in rows if row.setting)
    people = Counter(people_name(row.people) for row in rows if row.people)
    parts = [f"{name} ({count})" for found in (settings, people) for name, count in found.most_common(4)]
    return ", ".join(parts) or say("library.unknown.whom")
