"""Estimates one outcome of a balanced match: effect, interval, classic way, unadjusted difference, verdict, people needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.effects.influence import (
    FEWEST_CLUSTERS,
    Group,
    Variance,
    count_people,
    difference,
    difference_variance,
    named_clusters,
)
from datalab.effects.intervals import influence_t, log_ratio_t, mover_wilson, welch
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.planning import people_needed, smallest_effect
from datalab.effects.results import Effect, OutcomeResult, Role
from datalab.effects.sample import Sample, draw_sample, is_followed, require_outcome
from datalab.effects.verdict import give_verdict
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.numerics.impute import impute_covariates
from datalab.numerics.weighting import weighted_design
from datalab.table import AnalysisTable, Floats, Kind, Measure, Outcome

STATED_EFFECT: dict[Kind, float] = {"binary": 0.05}  # 5 points, where the plan states none
FEWEST_EFFECTIVE = 10.0
FEWEST_TREATED = 2
FEWEST_EVENTS_FOR_RATIO = 5.0
_TINY = 1e-24  # a variance below this share of the squared values is rounding


@dataclass(frozen=True)
class UnbalancedEstimates:
    """Estimates of a match that failed the gate: for research only, every verdict withheld, never released."""

    outcomes: tuple[OutcomeResult, ...]
    reasons: tuple[str, ...]


def _withhold_reason(measure: Measure, sample: Sample, variance: Variance) -> str:
    """The wording key of the first gate that fails, "" where all hold."""
    k, total = sample.treated.people, float(sample.treated.y.sum())
    scale = float(np.abs(sample.treated.y).max() + np.abs(sample.comparison.y).max())
    gates = (
        (k < measure.minimum_treated, "too_few_treated"),
        (total < measure.minimum_expected, "too_few_expected"),
        (measure.kind == "count" and sample.treated_with < 2, "too_few_with_event"),
        (measure.kind != "binary" and variance.total <= _TINY * scale**2, "no_variation"),
        (sample.model == "none" and welch(sample.treated, sample.comparison) is None, "no_variation"),
    )
    return next((f"effects.withheld.{name}" for fails, name in gates if fails), "")


def _estimate(sample: Sample, variance: Variance) -> tuple[Effect | None, tuple[str, ...]]:
    """The default effect of the outcome's kind, and notes (design 3.2, table of outcomes); without m0 the two-sample test."""
    treated, comparison = sample.treated, sample.comparison
    if sample.model == "none":
        return welch(treated, comparison), ()
    estimate = difference(treated, comparison)
    if sample.kind == "binary":
        return mover_wilson(treated.mean, estimate, variance, treated.people, comparison.effective), ()
    if sample.kind == "count":
        if treated.people * treated.mean >= FEWEST_EVENTS_FOR_RATIO and treated.mean - estimate > 0:
            return log_ratio_t(treated, comparison), ()
        return influence_t(estimate, variance), ("effects.notes.difference_interval",)
    return influence_t(estimate, variance), ()


def _notes(measure: Measure, sample: Sample) -> tuple[str, ...]:
    sites, classic = named_clusters(sample.treated), sample.model == "none"
    named = (
        (bool(measure.among) and not measure.known_before, "after_programme"),
        (measure.kind == "time", "mean_time"),
        (sites >= FEWEST_CLUSTERS and not classic, "clustered"),
        (2 <= sites < FEWEST_CLUSTERS and not classic, "few_sites"),
        (sites >= 2 and classic, "classic_sites"),
        (sample.model == "boosted", "boosted"),
    )
    return tuple(f"effects.notes.{name}" for holds, name in named if holds)


def _top_two_share(group: Group) -> float:
    """Share of the treated total that its two largest contributors hold; 0 where the total is 0."""
    amounts = np.sort(np.abs(np.bincount(group.person, group.y, group.people)))
    return float(amounts[-2:].sum() / amounts.sum()) if amounts.sum() > 0 else 0.0


def _mean_or_nan(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def withhold_outcome(
    table: AnalysisTable, match: Match | None, outcome: Outcome, reason: str, role: Role = "secondary"
) -> OutcomeResult:
    """An outcome that is named but not estimated. reason: wording key. match: None where there was none to count in."""
    matched = np.zeros(table.n, dtype=bool) if match is None else match.matched
    rows = matched & ~np.isnan(outcome.values)
    treated, used, had = rows & table.treated, rows & ~table.treated, outcome.values != 0
    nan = float("nan")
    return OutcomeResult(
        measure=outcome.measure,
        status="withheld",
        reason=reason,
        role=role,
        n_treated=count_people(table.person, treated),
        n_comparison=count_people(table.person, used),
        effective_comparison=0.0 if match is None else match.effective_pool,
        treated=_mean_or_nan(outcome.values[treated]),
        comparison=nan,
        comparison_plain=nan,
        effect=None,
        classic=None,
        unadjusted=None,
        verdict="withheld",
        p_holm=nan,
        stated_effect=nan,
        people_needed=None,
        smallest_effect=nan,
        treated_events=count_people(table.person, treated & had),
        comparison_events=count_people(table.person, used & had),
        top_two_share=nan,
        residual_df=nan,
    )


def estimate_sample(sample: Sample, measure: Measure, role: Role, stated: float) -> OutcomeResult:
    """The estimated outcome, all fields filled, or withheld by a gate with its counts kept; `estimate_outcome` calls it.

    stated: effect for planning in the measure's units, NaN for none.
    """
    treated, comparison = sample.treated, sample.comparison
    variance = difference_variance(treated.residual, comparison.residual, treated, comparison)
    reason = _withhold_reason(measure, sample, variance)
    effect, notes = (None, ()) if reason else _estimate(sample, variance)
    needed = people_needed(variance, treated.people, stated) if effect and np.isfinite(stated) else None
    return OutcomeResult(
        measure=measure,
        status="withheld" if reason else "estimated",
        reason=reason,
        role=role,
        n_treated=treated.people,
        n_comparison=comparison.people,
        effective_comparison=comparison.effective,
        treated=treated.mean,
        comparison=treated.mean - effect.estimate if effect else float("nan"),
        comparison_plain=comparison.mean,
        effect=effect,
        classic=welch(treated, comparison) if effect else None,
        unadjusted=welch(sample.all_treated, sample.pool) if effect else None,
        verdict=give_verdict(effect),
        p_holm=effect.p if effect else float("nan"),
        stated_effect=stated,
        people_needed=needed,
        smallest_effect=smallest_effect(variance) if effect else float("nan"),
        treated_events=sample.treated_with,
        comparison_events=sample.comparison_with,
        top_two_share=_top_two_share(treated),
        residual_df=sample.residual_df,
        notes=_notes(measure, sample) + notes,
    )


def outcome_design(table: AnalysisTable, match: Match) -> Design:
    """The columns of the outcome model: all covariates, in the terms of the match, missing numbers filled from the pool."""
    covariates = impute_covariates(table.covariates, ~table.treated, case_weights=table.case_weights)
    return weighted_design(covariates, table.case_weights, terms="rich" if match.terms == "rich" else "main")


def _estimate_in(
    table: AnalysisTable,
    match: Match,
    outcome: Outcome,
    *,
    role: Role,
    stated: float | None,
    design: Design | None,
    model: OutcomeModel,
    expected: Floats | None = None,
) -> OutcomeResult:
    require_outcome(table, outcome)
    matched, pool = table.treated & match.matched, ~table.treated
    if count_people(table.person, matched) < FEWEST_TREATED:
        return withhold_outcome(table, match, outcome, "effects.withheld.too_few_treated", role)
    if match.effective_pool < FEWEST_EFFECTIVE:
        return withhold_outcome(table, match, outcome, "effects.withheld.effective_size", role)
    if not is_followed(outcome, (matched, pool), table.horizon):
        return withhold_outcome(table, match, outcome, "effects.withheld.follow_up_short", role)
    columns = design or outcome_design(table, match)
    sample = draw_sample(table, match, outcome, columns, model, expected)
    default = STATED_EFFECT.get(outcome.measure.kind, float("nan"))
    return estimate_sample(sample, outcome.measure, role, default if stated is None else stated)


def estimate_outcome(
    balanced: BalancedMatch,
    outcome: Outcome,
    *,
    role: Role = "secondary",
    stated_effect: float | None = None,
    design: Design | None = None,
    outcome_model: OutcomeModel = "ridge",
    expected: Floats | None = None,
    horizon: float | None = None,
) -> OutcomeResult:
    """The effect on the matched treated, with everything that is reported beside it (design 3.1, 3.2).

    Estimand: the average effect on those treated who could be matched. outcome: values for every row of the balanced
    table, none missing (a measure among a subgroup comes with a match made within that subgroup); kind "time" is
    compared by its mean up to `table.horizon`. stated_effect: for planning, absolute, in the outcome's units; 0.05 for
    a rate where None. design: of the table's covariates with the match's terms, to share between outcomes; built where
    None. outcome_model: "ridge", or "boosted" for poor overlap; a match of the classic method has none, and its effect is that
    of the two-sample test. expected (n,): m0 where another match of the same rows and design has it already. horizon: of a
    time, the table's where None. Influence is summed by person before it is squared. Withheld, with the reason, where a
    gate fails. Raises InputError for missing values or values that do not fit the kind. Deterministic.
    """
    table = balanced.table if horizon is None else replace(balanced.table, horizon=horizon)
    return _estimate_in(
        table,
        balanced.match,
        outcome,
        role=role,
        stated=stated_effect,
        design=design,
        model=outcome_model,
        expected=expected,
    )


def estimate_unbalanced(
    unbalanced: UnbalancedMatch,
    outcomes: Sequence[Outcome],
    *,
    headline: str = "",
    design: Design | None = None,
    outcome_model: OutcomeModel = "ridge",
) -> UnbalancedEstimates:
    """What the estimators would say of a match that failed the gate: for research, verdicts withheld, no people needed.

    outcomes: as for `estimate_outcome`. headline: the measure whose role is the headline's.
    """
    table, match = unbalanced.table, unbalanced.match
    shared = design or outcome_design(table, match)
    roles: tuple[Role, ...] = tuple("headline" if o.measure.name == headline else "secondary" for o in outcomes)
    found = [
        _estimate_in(table, match, o, role=role, stated=None, design=shared, model=outcome_model)
        for o, role in zip(outcomes, roles, strict=True)
    ]
    return UnbalancedEstimates(tuple(mark_unbalanced(result) for result in found), unbalanced.balance.reasons)


def mark_unbalanced(result: OutcomeResult) -> OutcomeResult:
    """The result with its verdict withheld and the note that it is no evidence (once)."""
    notes = tuple(dict.fromkeys((*result.notes, "effects.notes.not_evidence")))
    return replace(result, verdict="withheld", people_needed=None, p_holm=float("nan"), notes=notes)
