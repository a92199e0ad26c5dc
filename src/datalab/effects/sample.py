"""One outcome in one match, ready for the estimators: checked values, the outcome model, and the groups compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.effects.influence import Group, count_people, make_group
from datalab.effects.life_table import can_reach, end_at_horizon, pseudo_mean_time
from datalab.effects.outcome_model import expect_outcome
from datalab.errors import InputError
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.table import AnalysisTable, Bools, Floats, Kind, Outcome
from datalab.wording import say


@dataclass(frozen=True)
class Sample:
    """treated, comparison: matched rows with m0 and weights. all_treated, pool: everyone before matching, equal weights,
    m0 = 0. residual_df: people in the smaller of the treated group (less 1) and the pool (less the model's columns).
    treated_with, comparison_with: people with the event (any value but 0; kind time: the event within the horizon).
    """

    kind: Kind
    treated: Group
    comparison: Group
    all_treated: Group
    pool: Group
    residual_df: float
    treated_with: int
    comparison_with: int


def _kind_fault(outcome: Outcome) -> str | None:
    """The wording key of what is wrong with the known values, None where they fit the kind."""
    values, kind = outcome.values[~np.isnan(outcome.values)], outcome.measure.kind
    if np.isinf(values).any():
        return "infinite"
    if kind == "binary" and not bool(((values == 0) | (values == 1)).all()):
        return "binary"
    if kind == "count" and not bool(((values >= 0) & (values == np.floor(values))).all()):
        return "count"
    if kind in ("days", "time") and bool((values < 0).any()):
        return "days"
    return "event" if kind == "time" and outcome.event is None else None


def require_outcome(table: AnalysisTable, outcome: Outcome) -> None:
    """Refuses an outcome that is missing in a row of its denominator, or that does not fit its kind."""
    if outcome.values.shape != (table.n,) or (outcome.event is not None and outcome.event.shape != (table.n,)):
        raise InputError(say("effects.input.rows", measure=outcome.measure.name))
    if missing := int(np.isnan(outcome.values).sum()):
        raise InputError(say("effects.input.missing", measure=outcome.measure.name, count=missing))
    if fault := _kind_fault(outcome):
        raise InputError(say(f"effects.input.{fault}", measure=outcome.measure.name))


def is_followed(outcome: Outcome, groups: tuple[Bools, ...], horizon: float) -> bool:
    """False for a time whose curve ends before the horizon in one of the groups, so that its mean is not known."""
    if outcome.event is None:
        return True
    return all(can_reach(outcome.values[g], outcome.event[g], horizon) for g in groups)


def _values_of(outcome: Outcome, groups: tuple[Bools, ...], horizon: float) -> Floats:
    """The numbers whose means are compared: as given, or for a time pseudo-values made within each group."""
    if outcome.event is None:
        return outcome.values
    values = np.full(outcome.values.size, np.nan)
    for rows in groups:
        values[rows] = pseudo_mean_time(outcome.values[rows], outcome.event[rows], horizon)
    return values


def compared_values(table: AnalysisTable, match: Match, outcome: Outcome) -> Floats:
    """The numbers (n,) whose means an effect compares, NaN for treated rows without a match where they are pseudo-values."""
    return _values_of(outcome, (table.treated & match.matched, ~table.treated), table.horizon)


def _had_event(outcome: Outcome, horizon: float) -> Bools:
    if outcome.event is None:
        return np.asarray(outcome.values != 0)
    _, had = end_at_horizon(outcome.values, outcome.event, horizon)
    return had


def fit_expected(table: AnalysisTable, outcome: Outcome, design: Design, values: Floats) -> Floats:
    """m0 (n,) of an outcome, fitted on the whole pool. values (n,): as `compared_values` has them."""
    return expect_outcome(design, values, outcome.measure.kind, ~table.treated)


def draw_sample(table: AnalysisTable, match: Match, outcome: Outcome, design: Design, expected: Floats | None = None) -> Sample:
    """The groups of one outcome. Fits m0 on the whole pool, before matching, and never on a treated person.

    The outcome must have passed `require_outcome` and, for a time, `is_followed`. design: the table's covariates.
    expected (n,): m0 where it is fitted already; None: fitted here.
    """
    matched, pool, everyone = table.treated & match.matched, ~table.treated, table.treated
    values = compared_values(table, match, outcome)
    before = values if outcome.event is None else _values_of(outcome, (everyone, pool), table.horizon)
    m0 = fit_expected(table, outcome, design, values) if expected is None else expected
    used, had = match.matched & pool, _had_event(outcome, table.horizon)

    def group(y: Floats, expected: Floats, weights: Floats, rows: Bools) -> Group:
        return make_group(y[rows], expected[rows], weights[rows], table.person[rows], table.cluster[rows])

    none, equal = np.zeros(table.n), np.ones(table.n)
    treated, raw_pool = group(values, m0, match.weights, matched), group(before, none, equal, pool)
    return Sample(
        kind=outcome.measure.kind,
        treated=treated,
        comparison=group(values, m0, match.weights, used),
        all_treated=group(before, none, equal, everyone),
        pool=raw_pool,
        residual_df=float(min(treated.people - 1, raw_pool.people - design.p - 1)),
        treated_with=count_people(table.person, matched & had),
        comparison_with=count_people(table.person, used & had),
    )
