"""What a feasibility study hands on: whether a programme can be evaluated, why, and what each measure could show. Raw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datalab.table import Measure

Answer = Literal["can", "may", "cannot"]
Standing = Literal["met", "doubtful", "not_met", "not_reached"]


@dataclass(frozen=True)
class Criterion:
    """One criterion and how it stands; not_reached: an earlier one failed, so that nobody knows."""

    name: str
    standing: Standing


@dataclass(frozen=True)
class Expectation:
    """What one measure could show, from the comparison people's outcomes alone.

    expected_people: treated people likely in the denominator (among those with a later event: the matched times the
    comparison people's share). n_comparison, comparison_events: comparison people in the denominator, and with the event.
    base: their weighted mean. smallest_effect: found with 80 % power (absolute, in the measure's unit). people_needed: more
    treated people for `stated_effect` (inf: more comparison people or overlap instead), None where none is stated.
    reason: a wording key, where status is "withheld": the measure would not be shown.
    """

    measure: Measure
    status: Literal["expected", "withheld"]
    reason: str
    role: Literal["headline", "secondary"]
    expected_people: float
    n_comparison: int
    comparison_events: int
    effective_comparison: float
    base: float
    smallest_effect: float
    stated_effect: float
    people_needed: float | None


@dataclass(frozen=True)
class Feasibility:
    """The answer for one analysis of the plan, its criteria in the order of the design, and what its measures could show."""

    analysis: str
    answer: Answer
    criteria: tuple[Criterion, ...]
    expectations: tuple[Expectation, ...]
