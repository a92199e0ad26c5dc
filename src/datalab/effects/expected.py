"""What a measure could show once it is measured, learnt from the comparison people alone: no treated outcome is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datalab.effects.estimate import STATED_EFFECT
from datalab.effects.influence import Group, Variance, count_people, make_group, mean_variance
from datalab.effects.outcome_model import expect_outcome
from datalab.effects.planning import people_needed, smallest_effect
from datalab.errors import InternalError
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.planning.results import Expectation
from datalab.table import AnalysisTable, Bools, Floats, Measure, Outcome

_NOTHING = float("nan")


@dataclass(frozen=True)
class _Known:
    """The comparison people in a measure's denominator: their group, its rows (n,), and its share of the matching weight."""

    group: Group
    rows: Bools
    share: float


def expect_outcome_of(
    table: AnalysisTable, match: Match, outcome: Outcome, design: Design, *, is_headline: bool, stated_effect: float | None = None
) -> Expectation:
    """The smallest effect and the people needed of one measure, before any treated outcome is linked.

    outcome: values (n,) for the pool, NaN where a pool event is outside the denominator and for every treated row; a known
    treated value is refused (InternalError). A is the weighted spread of y - m0 among the matched comparison people: what the
    treated would show if the programme did nothing. V0 is theirs as in any result. A measure among those with a later event
    counts on the matched people times the comparison people's share, and is not matched again. Deterministic.
    """
    if not np.isnan(outcome.values[table.treated]).all():
        raise InternalError("A feasibility study was handed an outcome of a treated person.")
    k = count_people(table.person, table.treated & match.matched)
    known = _known(table, match, outcome, design)
    measure = outcome.measure
    people = k * known.share
    base = known.group.mean if known.share > 0 else _NOTHING
    empty = Expectation(
        measure=measure,
        status="expected",
        reason="",
        role="headline" if is_headline else "secondary",
        expected_people=people,
        n_comparison=count_people(table.person, known.rows),
        comparison_events=count_people(table.person, known.rows & (outcome.values != 0)),
        effective_comparison=known.group.effective if known.share > 0 else 0.0,
        base=base,
        smallest_effect=_NOTHING,
        stated_effect=_stated(measure, stated_effect),
        people_needed=None,
    )
    if reason := _reason(measure, people, base):
        return replace(empty, status="withheld", reason=f"effects.withheld.{reason}")
    return _reached(empty, known.group)


def _known(table: AnalysisTable, match: Match, outcome: Outcome, design: Design) -> _Known:
    inside = ~np.isnan(outcome.values)
    rows = np.asarray(match.matched & ~table.treated & inside, dtype=np.bool_)
    share = float(match.weights[rows].sum())
    m0 = expect_outcome(design, outcome.values, outcome.measure.kind, ~table.treated & inside)
    if share <= 0:
        return _Known(_nobody(), rows, 0.0)
    return _Known(make_group(outcome.values[rows], m0[rows], match.weights[rows], table.person[rows]), rows, share)


def _nobody() -> Group:
    none: Floats = np.zeros(0)
    return Group(none, none, none, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 0, 0.0)


def _stated(measure: Measure, given: float | None) -> float:
    return STATED_EFFECT.get(measure.kind, _NOTHING) if given is None else given


def _reason(measure: Measure, people: float, base: float) -> str:
    """The gate (design 2.8) that the measure is likely to fail, "" where none."""
    if people <= 0 or people < measure.minimum_treated:
        return "too_few_treated"
    return "too_few_expected" if people * base < measure.minimum_expected else ""


def _reached(found: Expectation, group: Group) -> Expectation:
    spread = float(group.weights @ (group.residual - group.weights @ group.residual) ** 2)
    if spread <= 0:
        return replace(found, status="withheld", reason="effects.withheld.no_variation")
    people = found.expected_people
    variance = Variance(spread / people, mean_variance(group.residual, group), float("inf"))
    whole = max(1, round(people))
    needed = None
    if np.isfinite(found.stated_effect):
        needed = people_needed(replace(variance, v1=spread / whole), whole, found.stated_effect)
    return replace(found, smallest_effect=smallest_effect(variance), people_needed=needed)
