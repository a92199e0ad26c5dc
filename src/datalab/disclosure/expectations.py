"""A feasibility study for release: its answers, and what each measure could show where enough people stand behind it."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.checks import judged
from datalab.disclosure.reasons import TOO_FEW_EXPECTED, neutral
from datalab.disclosure.results import (
    Decision,
    ReleasedAnalysis,
    ReleasedCriterion,
    ReleasedExpectation,
    ReleasedFeasibility,
    Suppressed,
)
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, shown
from datalab.disclosure.years import release_years
from datalab.effects.results import Findings
from datalab.errors import InternalError
from datalab.planning.results import Expectation, Feasibility

_HAS_EVENTS = frozenset({"binary", "count"})


def release_feasibility(
    findings: Findings, analyses: tuple[ReleasedAnalysis, ...], thresholds: Thresholds
) -> tuple[tuple[ReleasedFeasibility, ...], tuple[Decision, ...]]:
    """The answers as they may be shown, and the decisions; an analysis whose size is hidden shows no expectation.

    analyses: as released. Raises InternalError where findings of another kind hold answers, or the other way round.
    """
    if (findings.kind == "feasibility") != bool(findings.feasibility):
        raise InternalError("Only a feasibility study holds answers of feasibility, and it holds one at least.")
    hidden = {analysis.name for analysis in analyses if isinstance(analysis.people.matched, Suppressed)}
    shown_balance = {analysis.name: analysis.balance for analysis in analyses}
    raw_balance = {analysis.name: analysis.balance for analysis in findings.analyses}
    released, decisions = [], []
    for found in findings.feasibility:
        answer, made = _release(found, found.analysis in hidden, thresholds)
        raw, visible = raw_balance[found.analysis], shown_balance[found.analysis]
        years = () if raw is None or visible is None else release_years(raw, visible, thresholds)
        released.append(replace(answer, years=years))
        decisions += made
    return tuple(released), tuple(decisions)


def _release(found: Feasibility, is_hidden: bool, thresholds: Thresholds) -> tuple[ReleasedFeasibility, list[Decision]]:
    criteria = tuple(ReleasedCriterion(criterion.name, criterion.standing) for criterion in found.criteria)
    lines, decisions = [], []
    for expected in () if is_hidden else found.expectations:
        safe = _is_safe(expected, thresholds)
        decisions.append(judged("expectation", f"{found.analysis}/{expected.measure.name}", safe, "withheld"))
        lines.append(_shown(expected, thresholds) if safe else _withheld(expected, thresholds))
    return ReleasedFeasibility(found.analysis, found.answer, criteria, tuple(lines)), decisions


def _is_safe(expected: Expectation, thresholds: Thresholds) -> bool:
    """Enough comparison people, with and (of a share) without the event, by the rules of a result."""
    heads, worth = expected.n_comparison, expected.effective_comparison
    enough = heads >= thresholds.comparison_minimum and worth >= thresholds.effective_minimum
    if not enough or expected.measure.kind not in _HAS_EVENTS:
        return enough
    without = expected.n_comparison - expected.comparison_events
    cells = (expected.comparison_events, *((without,) if expected.measure.kind == "binary" else ()))
    return not any(thresholds.is_small(cell) for cell in cells)


def _shown(expected: Expectation, thresholds: Thresholds) -> ReleasedExpectation:
    measure, people = expected.measure, round(expected.expected_people)
    infinite = expected.people_needed == float("inf")
    return ReleasedExpectation(
        measure=measure.name,
        label=measure.label,
        kind=measure.kind,
        unit=measure.unit,
        favourable=measure.favourable,
        among=measure.among,
        role=expected.role,
        status=expected.status,
        # It follows from the base, which is shown.
        reason=TOO_FEW_EXPECTED if expected.reason == TOO_FEW_EXPECTED else neutral(expected.reason),
        expected_people=CONFIDENTIAL if thresholds.is_small(people) else people,
        base=shown(expected.base),
        smallest_effect=shown(expected.smallest_effect),
        stated_effect=shown(expected.stated_effect),
        people_needed=shown(expected.people_needed),
        notes=("disclosure.notes.more_comparison_needed",) if infinite else (),
    )


def _withheld(expected: Expectation, thresholds: Thresholds) -> ReleasedExpectation:
    """The measure's name and the reason, and no number but the effect that was stated."""
    return replace(
        _shown(replace(expected, people_needed=None), thresholds),
        status="withheld",
        reason=neutral(expected.reason) or "disclosure.withheld.too_few_comparison",
        expected_people=CONFIDENTIAL,
        base=CONFIDENTIAL,
        smallest_effect=CONFIDENTIAL,
    )
