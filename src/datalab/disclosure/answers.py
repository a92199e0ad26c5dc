"""What a feasibility study hands on, number by number: results of disclosure control like those of `results`."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.disclosure.number import Number


@dataclass(frozen=True)
class ReleasedExpectation:
    """What one measure could show; status "withheld" carries the reason (a wording key). Nothing of it is an outcome of
    anybody who took part: level and spread are the comparison people's."""

    measure: str
    label: str
    kind: str
    unit: str
    favourable: str
    among: str
    role: str
    status: str
    reason: str
    expected_people: Number
    base: Number
    smallest_effect: Number
    stated_effect: Number
    people_needed: Number
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ReleasedCriterion:
    """One criterion of whether a programme can be evaluated, and how it stands."""

    name: str
    standing: str


@dataclass(frozen=True)
class ReleasedYear:
    """Share of those who could be analysed, and of the pool, whose index event lies in a calendar year (or several)."""

    year: str
    analysed: Number
    pool: Number


@dataclass(frozen=True)
class ReleasedFeasibility:
    """Whether one analysis can be evaluated (can, may, cannot), its criteria, what its measures could show, and its years."""

    analysis: str
    answer: str
    criteria: tuple[ReleasedCriterion, ...]
    expectations: tuple[ReleasedExpectation, ...]
    years: tuple[ReleasedYear, ...] = ()
