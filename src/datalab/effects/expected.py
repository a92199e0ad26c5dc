"""What a measure could show once it is measured, learnt from the comparison people alone: no treated outcome is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datalab.effects.estimate import FEWEST_EFFECTIVE, STATED_EFFECT
from datalab.effects.influence import Group, Variance, count_people, make_group, mean_variance
from datalab.effects.outcome_model import expect_outcome
from datalab.effects.planning import people_needed, smallest_effect
from datalab.errors import InternalError
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.planning.results import Expectation
from datalab.table import AnalysisTable, Bools, Measure, Outcome

_NOTHING = float("nan")


def expect_outcome_of(
    table: AnalysisTable, match: Match, outcome: Outcome, design: Design, *, is_headline: bool, stated_effect: float | None = None
) -> Expectation:
    """The smallest effect and the people needed of one measure, before any treated outcome is linked.

    outcome: values (n,) for the pool, NaN where a pool event is outside the denominator and for every treated row; a known
    treated value is refused (InternalError). A is the weighted spread of y - m0 among the matched comparison people: what the
    treated would show if the programme did nothing. V0 is theirs as in any result. A measure among those with a later event
    counts on the matched people times the comparison people's share, and is not matched again. Withheld, with the reason,
    where a gate of the measure is likely to fail. Deterministic.
    """
    if not np.isnan(outcome.values[table.treated]).all():
        raise InternalError("A feasibility study was handed an outcome of a treated person.")
    known = ~np.isnan(outcome.values)
    rows = np.asarray(match.matched & known, dtype=np.bool_)
    share = float(match.weights[rows].sum())
    group = _group(table, match, outcome, rows) if share > 0 else None
    people = round(count_people(table.person, table.treated & match.matched) * share, 9)  # weights sum to 1 but for rounding
    measure = outcome.measure
    found = Expectation(
        measure=measure,
        status="expected",
        reason="",
        role="headline" if is_headline else "secondary",
        expected_people=people,
        n_comparison=count_people(table.person, rows),
        comparison_events=count_people(table.person, rows & (outcome.values != 0)),
        effective_comparison=0.0 if group is None else group.effective,
        base=_NOTHING if group is None else group.mean,
        smallest_effect=_NOTHING,
        stated_effect=_stated(measure, stated_effect),
        people_needed=None,
    )
    if group is None or (reason := _reason(found)):
        return replace(found, status="withheld", reason=f"effects.withheld.{'too_few_treated' if group is None else reason}")
    m0 = expect_outcome(design, outcome.values, measure.kind, known, horizon=table.horizon)
    return _reached(found, replace(group, m0=m0[rows]))


def _group(table: AnalysisTable, match: Match, outcome: Outcome, rows: Bools) -> Group:
    """The comparison people of the denominator, before any model."""
    none = np.zeros(int(np.count_nonzero(rows)))
    return make_group(outcome.values[rows], none, match.weights[rows], table.person[rows])


def _stated(measure: Measure, given: float | None) -> float:
    return STATED_EFFECT.get(measure.kind, _NOTHING) if given is None else given


def _reason(found: Expectation) -> str:
    """The gate (design 2.8, 3.2) that the measure is likely to fail, "" where none."""
    measure, people = found.measure, found.expected_people
    gates = (
        (people < measure.minimum_treated, "too_few_treated"),
        (people * found.base < measure.minimum_expected, "too_few_expected"),
        (found.effective_comparison < FEWEST_EFFECTIVE, "effective_size"),
    )
    return next((name for fails, name in gates if fails), "")


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
