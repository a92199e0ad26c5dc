"""One outcome in one match, ready for the estimators: checked values, the outcome model, and the groups compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from datalab.effects.boosted import expect_boosted
from datalab.effects.influence import Group, count_people, make_group
from datalab.effects.life_table import can_reach, end_at_horizon, pseudo_mean_time
from datalab.effects.outcome_model import DAYS_IN_YEAR, OutcomeModel, expect_outcome
from datalab.errors import InputError
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.numerics.impute import impute_covariates
from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Bools, Floats, Kind, Outcome
from datalab.wording import say


@dataclass(frozen=True)
class Sample:
    """treated, comparison: matched rows with m0 and weights. all_treated, pool: everyone before matching, equal weights,
    m0 = 0. residual_df: people in the smaller of the treated group (less 1) and the pool (less the model's columns).
    treated_with, comparison_with: people with the event (any value but 0; kind time: the event within the horizon).
    model: what m0 is, "none" for the classic way.
    """

    kind: Kind
    treated: Group
    comparison: Group
    all_treated: Group
    pool: Group
    residual_df: float
    treated_with: int
    comparison_with: int
    model: OutcomeModel = "ridge"


def _most_days(horizon: float) -> float:
    """The most days of a follow-up: of the horizon, or a year where that is told in another unit; one more in a leap year."""
    return max(DAYS_IN_YEAR, horizon) + 1.0


def _kind_fault(outcome: Outcome, horizon: float) -> str | None:
    """The wording key of what is wrong with the known values, None where they fit the kind."""
    values, kind = outcome.values[~np.isnan(outcome.values)], outcome.measure.kind
    faults = (
        ("kind", lambda: kind not in get_args(Kind)),
        ("infinite", lambda: np.isinf(values).any()),
        ("binary", lambda: kind == "binary" and not ((values == 0) | (values == 1)).all()),
        ("count", lambda: kind == "count" and not ((values >= 0) & (values == np.floor(values))).all()),
        ("days", lambda: kind in ("days", "time") and (values < 0).any()),
        ("most_days", lambda: kind == "days" and (values > _most_days(horizon)).any()),
        ("event", lambda: kind == "time" and outcome.event is None),
    )
    return next((name for name, holds in faults if holds()), None)


def require_outcome(table: AnalysisTable, outcome: Outcome) -> None:
    """Refuses an outcome that is missing in a row of its denominator, or that does not fit its kind, with every fault."""
    if faults := outcome_faults(table, outcome):
        raise InputError(" ".join(faults), faults if len(faults) > 1 else ())


def outcome_faults(table: AnalysisTable, outcome: Outcome, *, whole: bool = True) -> list[str]:
    """Every fault of an outcome as a sentence. whole: it must be known in every row, as it need not be outside a subgroup.

    >>> from datalab.table import Measure
    >>> ids, zeros = np.arange(2), np.zeros(2, dtype=np.int64)
    >>> table = AnalysisTable(ids, ids, ids > 0, (), (), zeros, zeros)
    >>> outcome_faults(table, Outcome(Measure("back", "binary", "Back"), np.array([0.0, np.inf])))
    ['The outcome back must hold finite numbers only.']
    """
    name = outcome.measure.name
    if outcome.values.shape != (table.n,) or (outcome.event is not None and outcome.event.shape != (table.n,)):
        return [say("effects.input.rows", measure=name)]
    missing, kind = int(np.isnan(outcome.values).sum()), _kind_fault(outcome, table.horizon)
    faults = [say("effects.input.missing", measure=name, count=missing)] if missing and whole else []
    told = {"measure": name, "kinds": ", ".join(get_args(Kind)), "most": max(DAYS_IN_YEAR, table.horizon)}
    return faults + ([say(f"effects.input.{kind}", **told)] if kind else [])


def is_followed(outcome: Outcome, groups: tuple[Bools, ...], horizon: float) -> bool:
    """False for a time whose curve ends before the horizon in one of the groups, so that its mean is not known."""
    if outcome.event is None:
        return True
    return all(can_reach(outcome.values[g], outcome.event[g], horizon) for g in groups)


def _values_of(outcome: Outcome, groups: tuple[Bools, ...], table: AnalysisTable) -> Floats:
    """The numbers whose means are compared: as given, or for a time pseudo-values made within each group."""
    if outcome.event is None:
        return outcome.values
    values = np.full(outcome.values.size, np.nan)
    for rows in groups:
        mass = None if table.case_weights is None else table.case_weights[rows]
        values[rows] = pseudo_mean_time(outcome.values[rows], outcome.event[rows], table.horizon, mass)
    return values


def compared_values(table: AnalysisTable, match: Match, outcome: Outcome) -> Floats:
    """The numbers (n,) whose means an effect compares, NaN for treated rows without a match where they are pseudo-values."""
    pool = ~table.treated & (mass_of(table.case_weights, table.n) > 0)
    return _values_of(outcome, (table.treated & match.matched, pool), table)


def _had_event(outcome: Outcome, horizon: float) -> Bools:
    if outcome.event is None:
        return np.asarray(outcome.values != 0)
    _, had = end_at_horizon(outcome.values, outcome.event, horizon)
    return had


def fit_expected(table: AnalysisTable, outcome: Outcome, design: Design, values: Floats, model: OutcomeModel = "ridge") -> Floats:
    """m0 (n,) of an outcome, fitted on the whole pool. values (n,): as `compared_values` has them. model: what m0 is."""
    pool = ~table.treated & (mass_of(table.case_weights, table.n) > 0)
    return _expected(table, values, outcome.measure.kind, pool, design, model)


def draw_sample(
    table: AnalysisTable,
    match: Match,
    outcome: Outcome,
    design: Design,
    model: OutcomeModel = "ridge",
    expected: Floats | None = None,
) -> Sample:
    """The groups of one outcome. Fits m0 on the whole pool, before matching, and never on a treated person.

    The outcome must have passed `require_outcome` and, for a time, `is_followed`. design: the table's covariates. model:
    what m0 is; a match of the classic method has none. expected (n,): m0 where it is fitted already; None: fitted here.
    """
    mass = mass_of(table.case_weights, table.n)
    counts = mass > 0
    matched, pool, everyone = table.treated & match.matched, ~table.treated & counts, table.treated & counts
    values = compared_values(table, match, outcome)
    before = values if outcome.event is None else _values_of(outcome, (everyone, pool), table)
    model = "none" if match.method == "classic" else model
    if expected is None or model == "none":
        expected = fit_expected(table, outcome, design, values, model)
    used, had = match.matched & pool, _had_event(outcome, table.horizon)

    def group(y: Floats, m0: Floats, weights: Floats, rows: Bools) -> Group:
        return make_group(y[rows], m0[rows], weights[rows], table.person[rows], table.cluster[rows])

    none = np.zeros(table.n)
    treated, raw_pool = group(values, expected, match.weights, matched), group(before, none, mass, pool)
    return Sample(
        kind=outcome.measure.kind,
        treated=treated,
        comparison=group(values, expected, match.weights, used),
        all_treated=group(before, none, mass, everyone),
        pool=raw_pool,
        residual_df=float(min(treated.people - 1, raw_pool.people - design.p - 1)),
        treated_with=count_people(table.person, matched & had),
        comparison_with=count_people(table.person, used & had),
        model=model,
    )


def _expected(table: AnalysisTable, values: Floats, kind: Kind, pool: Bools, design: Design, model: OutcomeModel) -> Floats:
    if model == "none":
        return np.zeros(table.n)
    if model == "boosted":
        return expect_boosted(table, impute_covariates(table.covariates, pool, case_weights=table.case_weights), values, kind)
    return expect_outcome(design, values, kind, pool, table.case_weights, table.horizon)
