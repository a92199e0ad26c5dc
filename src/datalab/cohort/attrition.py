"""The attrition funnel: the steps of design 2.5 in their order, every loss counted once, numbers that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from datalab.cohort.results import AttritionStep
from datalab.errors import InternalError

# Step -> the reasons for which people are lost at it, in the order in which they are asked.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("readable", ("unreadable",)),
    ("one_per_person", ("duplicate",)),
    ("linked", ("awaiting_review", "not_linked")),
    ("index_event", ("outside_programme", "outside_coverage", "no_event")),
    ("at_risk", ("died", "custody", "offended", "superseded")),
    ("follow_up", ("follow_up",)),
    ("eligible", ("under_age", "excluded")),
)
FIRST, IN_ANALYSIS, LAST = "submitted", "in_analysis", "matched"
ORDER = (FIRST, *(step for step, _ in STEPS), IN_ANALYSIS, LAST)
_ALWAYS = set(ORDER) - {IN_ANALYSIS, LAST}
_REASON_KEY = "cohort.reasons."


def count_attrition(submitted: int, losses: Mapping[str, int]) -> tuple[AttritionStep, ...]:
    """The funnel from `submitted` rows and the number lost for each reason (missing: 0).

    A step with several reasons has one line for each that lost somebody, at least one line in all.
    Raises InternalError for a reason that no step knows, or more losses than rows.

    >>> [(line.step, line.n) for line in count_attrition(3, {"duplicate": 1})][:3]
    [('submitted', 3), ('readable', 3), ('one_per_person', 2)]
    """
    known = {reason for _, reasons in STEPS for reason in reasons}
    if not set(losses) <= known:
        raise InternalError(f"attrition knows no reason named {', '.join(sorted(set(losses) - known))}")
    lines = [AttritionStep(FIRST, submitted, 0, f"{_REASON_KEY}none")]
    for step, reasons in STEPS:
        told = [reason for reason in reasons if losses.get(reason, 0)] or list(reasons[-1:])
        for reason in told:
            lost = losses.get(reason, 0)
            lines.append(AttritionStep(step, lines[-1].n - lost, lost, f"{_REASON_KEY}{reason}"))
    require_valid_attrition(lines)
    return tuple(lines)


def with_analysis(attrition: Sequence[AttritionStep], n_inside: int) -> tuple[AttritionStep, ...]:
    """The funnel with the step of an analysis that is about some of the people only. Raises InternalError as above."""
    lines = [line for line in attrition if line.step not in (IN_ANALYSIS, LAST)]
    lines.append(AttritionStep(IN_ANALYSIS, n_inside, lines[-1].n - n_inside, f"{_REASON_KEY}outside_analysis"))
    require_valid_attrition(lines)
    return tuple(lines)


def with_matched(attrition: Sequence[AttritionStep], n_matched: int) -> tuple[AttritionStep, ...]:
    """The funnel with its last step: in common support and matched. Raises InternalError where it does not add up."""
    lines = [line for line in attrition if line.step != LAST]
    lines.append(AttritionStep(LAST, n_matched, lines[-1].n - n_matched, f"{_REASON_KEY}unmatched"))
    require_valid_attrition(lines)
    return tuple(lines)


def require_valid_attrition(attrition: Sequence[AttritionStep]) -> None:
    """Refuses a funnel whose steps are out of order, missing, negative, or do not add up (InternalError)."""
    steps = [line.step for line in attrition]
    places = [ORDER.index(step) for step in steps if step in ORDER]
    if len(places) != len(steps) or places != sorted(places) or not set(steps) >= _ALWAYS:
        raise InternalError("the attrition's steps are not those of the design, in their order")
    for before, line in pairwise(attrition):
        if line.lost < 0 or line.n < 0 or before.n != line.n + line.lost:
            raise InternalError(f"the attrition does not add up at {line.step}")
