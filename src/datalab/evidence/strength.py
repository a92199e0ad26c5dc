"""Strength of evidence from 1 to 5 by printed rules: one more than the number of rules that a record meets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datalab.evidence.results import EvidenceRecord, Strength
from datalab.wording import say

LEAST_PEOPLE = 500  # 0.19 x (1 - R2 of 0.2) x (2.8 / 0.05)^2 is 477: a five-point difference at a rate of a quarter, power 0.8
MOST_SMD = 0.05
_OPPOSITE = {"lower": "higher", "higher": "lower"}
_GRADED = ("lower", "higher", "more_people")


@dataclass(frozen=True)
class Rule:
    """A rule: its name (`evidence.strength.<name>` is its sentence) and whether a record meets it, given the others."""

    name: str
    meets: Callable[[EvidenceRecord, Sequence[EvidenceRecord]], bool]

    @property
    def sentence(self) -> str:
        """The rule as it is printed."""
        return say(f"evidence.strength.{self.name}", least=LEAST_PEOPLE, most=round(100 * MOST_SMD))


def _is_large(record: EvidenceRecord, _: Sequence[EvidenceRecord]) -> bool:
    return record.n_treated is not None and record.n_treated >= LEAST_PEOPLE


def _is_balanced(record: EvidenceRecord, _: Sequence[EvidenceRecord]) -> bool:
    return record.balance_passed is True and record.largest_smd is not None and record.largest_smd <= MOST_SMD


def _is_robust(record: EvidenceRecord, _: Sequence[EvidenceRecord]) -> bool:
    return record.robust is True


def _is_replicated(record: EvidenceRecord, others: Sequence[EvidenceRecord]) -> bool:
    """Same kind, outcome and follow-up, other people; as real as the record itself."""
    alike = [
        other.verdict
        for other in others
        if other.study_key != record.study_key
        and record.kind != ""
        and (other.kind, other.outcome, other.follow_up_months) == (record.kind, record.outcome, record.follow_up_months)
        and other.design != "descriptive"
        and (other.origin == "demo") == (record.origin == "demo")
    ]
    return record.verdict in alike and _OPPOSITE.get(record.verdict) not in alike


RULES = (
    Rule("size", _is_large),
    Rule("balance", _is_balanced),
    Rule("sensitivity", _is_robust),
    Rule("replication", _is_replicated),
)


def grade_strength(record: EvidenceRecord, others: Sequence[EvidenceRecord] = ()) -> Strength | None:
    """The record's strength of evidence among `others` (it may be one of them); None for a record without a verdict.

    What is not known of a record counts as not met, so that a result published elsewhere without its balance cannot be
    stronger than one whose balance is open to all. The rules grade how far a verdict can be relied on, whatever it is.
    """
    if record.verdict not in _GRADED or record.design == "descriptive":
        return None
    met = tuple(rule.name for rule in RULES if rule.meets(record, others))
    return Strength(1 + len(met), met, tuple(rule.name for rule in RULES if rule.name not in met))


def grade_together(records: Sequence[EvidenceRecord]) -> tuple[Strength | None, ...]:
    """Every record's strength among all of them: `grade_strength`, in time that grows with their number and not its square.

    Whether another study repeats or contradicts a record can be told from two studies of each verdict.

    >>> from datalab.evidence import read_published
    >>> records = read_published()[:30]
    >>> grade_together(records) == tuple(grade_strength(one, records) for one in records)
    True
    """
    kept: dict[tuple[object, ...], dict[str, dict[str, EvidenceRecord]]] = {}
    for record in records:
        if record.design != "descriptive":
            studies = kept.setdefault(_alike(record), {}).setdefault(record.verdict, {})
            if len(studies) < 2:
                studies.setdefault(record.study_key, record)
    others = {key: [one for studies in found.values() for one in studies.values()] for key, found in kept.items()}
    return tuple(grade_strength(record, others.get(_alike(record), ())) for record in records)


def _alike(record: EvidenceRecord) -> tuple[object, ...]:
    """What `_is_replicated` compares records within."""
    return record.kind, record.outcome, record.follow_up_months, record.origin == "demo"
