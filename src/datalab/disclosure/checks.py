"""The rules: pure functions of evidence that end in a decision, pass, review or fail, with what is done about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from datalab.disclosure.evidence import GroupEvidence, LineEvidence, OutcomeEvidence
from datalab.disclosure.results import Decision
from datalab.disclosure.thresholds import Thresholds
from datalab.errors import InternalError

Showing = Literal["full", "direction_only", "withheld"]
_HAS_EVENTS = frozenset({"binary", "count"})
_HALF = 0.5  # a yes/no number's contributors are its total but for the divisor of its variance
_HAS_NO_TOTAL = frozenset({"binary", "time"})  # its total is a number of people, or of days that all have


@dataclass(frozen=True)
class OutcomeDecision:
    """How an outcome may be shown, the wording key of why not in full, and the decisions that led there."""

    showing: Showing
    reason: str
    decisions: tuple[Decision, ...]


def passed(rule: str, subject: str) -> Decision:
    """The rule looked and found nothing."""
    return Decision(rule, subject, "pass", "")


def failed(rule: str, subject: str, action: str) -> Decision:
    """Not safe as it was; `action` says what was done: merged, suppressed, rounded, direction_only, withheld, left_out."""
    return Decision(rule, subject, "fail", action)


def judged(rule: str, subject: str, ok: bool, action: str) -> Decision:
    """`passed` where ok, else `failed` with the action."""
    return passed(rule, subject) if ok else failed(rule, subject, action)


def check_group(evidence: GroupEvidence, subject: str, thresholds: Thresholds) -> tuple[Decision, ...]:
    """Whether the groups of an analysis are large enough for any result; 30 to 59 treated ask for a person's look."""
    enough = evidence.matched >= thresholds.treated_minimum
    small = enough and evidence.matched < thresholds.small_group_below
    comparison = evidence.comparison >= thresholds.comparison_minimum and evidence.effective >= thresholds.effective_minimum
    return (
        judged("treated_minimum", subject, enough, "withheld"),
        Decision("small_group", subject, "review", "marked") if small else passed("small_group", subject),
        judged("comparison_minimum", subject, comparison, "withheld"),
    )


def check_outcome(evidence: OutcomeEvidence, subject: str, thresholds: Thresholds) -> OutcomeDecision:
    """How an outcome may be shown: the first rule that withholds it decides, then the rules about its values.

    Raises InternalError for a kind of measure that no rule was written for.
    """
    if evidence.kind not in _HAS_EVENTS | _HAS_NO_TOTAL | {"days", "number"}:
        raise InternalError("Disclosure control has no rule for this kind of measure.")
    rules = (
        ("treated_minimum", evidence.n >= thresholds.treated_minimum, "too_few_treated"),
        ("comparison_minimum", _comparison_is_enough(evidence, thresholds), "too_few_comparison"),
        ("degrees_of_freedom", evidence.residual_df >= thresholds.residual_df_minimum, "degrees_of_freedom"),
        ("dominance", _is_spread(evidence, thresholds), "dominance"),
        ("contributors", _has_contributors(evidence, thresholds), "few_people"),
    )
    decisions = tuple(judged(rule, subject, ok, "withheld") for rule, ok, _ in rules)
    if reason := next((name for _, ok, name in rules if not ok), ""):
        return OutcomeDecision("withheld", f"disclosure.withheld.{reason}", decisions)
    values = judged("rate_cells", subject, _rate_is_safe(evidence, thresholds), "direction_only")
    if values.outcome == "pass":
        return OutcomeDecision("full", "", (*decisions, values))
    return OutcomeDecision("direction_only", "disclosure.notes.direction_only", (*decisions, values))


def _comparison_is_enough(evidence: OutcomeEvidence, thresholds: Thresholds) -> bool:
    return evidence.comparison_n >= thresholds.comparison_minimum and evidence.effective >= thresholds.effective_minimum


def _is_spread(evidence: OutcomeEvidence, thresholds: Thresholds) -> bool:
    """False where two people hold nearly all of a total, or where that is not known of a kind that has a total."""
    if math.isnan(evidence.top_two_share):
        return evidence.kind in _HAS_NO_TOTAL
    return evidence.top_two_share < thresholds.dominance_maximum


def _has_contributors(evidence: OutcomeEvidence, thresholds: Thresholds) -> bool:
    """False where a cell rests on too few people with the event, or, within a subgroup, without it.

    A rate of the whole group is left to `_rate_is_safe`; a mean over all has everyone as contributors.
    """
    if evidence.kind == "count":
        return not (thresholds.is_small(evidence.events) or thresholds.is_small(evidence.comparison_events))
    if evidence.kind == "binary" and not evidence.whole_group:
        cells = (evidence.events, evidence.without, evidence.comparison_events, evidence.comparison_without)
        return not any(thresholds.is_small(cell) for cell in cells)
    return True


def _rate_is_safe(evidence: OutcomeEvidence, thresholds: Thresholds) -> bool:
    """A rate: an adjusted comparison within 0 and 1 (it may leave them where events are rare). A whole group's rate: enough
    treated with and without the event, and enough comparison people of each."""
    if evidence.kind == "binary" and (evidence.comparison_share <= 0 or evidence.comparison_share >= 1):
        return False
    if evidence.kind != "binary" or not evidence.whole_group:
        return True
    comparison = (evidence.comparison_events, evidence.comparison_without)
    if any(thresholds.is_small(cell) for cell in comparison):
        return False
    return min(evidence.events, evidence.without) >= thresholds.whole_group_minimum


def is_small_line(evidence: LineEvidence, thresholds: Thresholds) -> bool:
    """True where a balance line rests on too few people in any of its columns, or a total on a few who hold most of it."""
    if evidence.contributors < thresholds.cell_minimum - _HALF:
        return True
    cells = (*evidence.counts, *evidence.others)
    # A total below 0 counts nobody (a log rate, a difference).
    return any(0 <= round(cell, 6) < thresholds.cell_minimum for cell in cells)


def is_before_safe(lines: tuple[LineEvidence, ...], left_out: float, thresholds: Thresholds) -> bool:
    """False where all treated and those analysed, both shown, would tell how few of those left out are in a line."""
    if left_out == 0:
        return True
    if thresholds.is_small(left_out):
        return False
    return not any(0 <= round(line.left_out, 6) < thresholds.cell_minimum for line in lines)
