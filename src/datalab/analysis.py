"""One analysis from table to findings: impute, match, gate, estimate each outcome, adjust for their number, describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from datalab.balance import gate
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.bootstrap import BootstrapSettings, bootstrap_outcomes
from datalab.constraints import Range, refuse, require
from datalab.description import as_text, compare_profiles, count_groups, draw_overlap, share_subgroups
from datalab.effects.estimate import estimate_outcome, estimate_unbalanced, mark_unbalanced, outcome_design, withhold_outcome
from datalab.effects.front import model_faults
from datalab.effects.influence import count_people
from datalab.effects.multiplicity import adjust_outcomes
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.results import (
    AnalysisFindings,
    AnalysisStatus,
    Effect,
    Members,
    OutcomeResult,
    People,
    Role,
    SensitivityLine,
    Survival,
)
from datalab.effects.sample import outcome_faults
from datalab.effects.survival import compare_survival, earlier_years
from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.numerics.faults import table_faults
from datalab.numerics.impute import impute_covariates
from datalab.numerics.order import id_order
from datalab.progress import Progress, Silent
from datalab.sensitivity import LinkErrors, examine
from datalab.table import AnalysisTable, Bools, Measure, Outcome, take_outcome, take_rows
from datalab.wording import say

Gated = BalancedMatch | UnbalancedMatch


MAIN_KEPT = "matching.warnings.main_kept"
TRIMMED = "trimmed"  # of the match's settings: how many treated people were left out by trimming


@dataclass(frozen=True)
class AnalysisSettings:
    """headline: the measure tested alone at 5 %, "" for none. stated_effects: measure to the effect (absolute, in its
    units) that people needed are counted for. minimum_treated: fewest matched treated people. research: estimate even
    where the balance gate fails, verdicts withheld. outcome_model: "ridge" where None, or "boosted". bootstrap: intervals of
    a bootstrap beside the default ones, none where None. sensitivity: examine the estimates by the whole family.
    link_errors: of linkage, None where nobody was linked."""

    name: str
    headline: str = ""
    match: MatchSettings = field(default_factory=MatchSettings)
    stated_effects: Mapping[str, float] = field(default_factory=dict)
    minimum_treated: int = 30
    research: bool = False
    outcome_model: OutcomeModel | None = None
    bootstrap: BootstrapSettings | None = None
    sensitivity: bool = True
    link_errors: LinkErrors | None = None

    def __post_init__(self) -> None:
        refuse(model_faults(self.match.method, self.outcome_model))
        require({"minimum_treated": Range(2, whole=True)}, {"minimum_treated": self.minimum_treated})


def analyse(table: AnalysisTable, settings: AnalysisSettings, progress: Progress | None = None) -> AnalysisFindings:
    """One analysis: everything from the table to the findings, before disclosure control.

    table: n rows, missing numbers allowed in covariates; outcomes known in their denominator. status: "estimated";
    "too_few" where fewer than `minimum_treated` treated people are there or matched; "balance_failed" where the gate
    fails (balance kept, no outcomes, unless `research`: then estimates whose verdicts are withheld). The same bits
    whatever the order of rows; nothing is random. Raises InputError for a table that cannot be analysed.
    """
    progress = progress or Silent()
    _refuse_unsound(table)
    order = id_order(table)
    table = table if order is None else take_rows(table, order)
    if _treated_people(table) < settings.minimum_treated:
        return _named(table, None, settings, "too_few", "effects.withheld.too_few_treated")
    gated = _match_and_gate(table, settings, progress)
    if _treated_people(gated.table, gated.match.matched) < settings.minimum_treated:
        return _named(table, gated, settings, "too_few", "effects.withheld.too_few_matched")
    if isinstance(gated, BalancedMatch):
        return _with_sensitivity(_estimated(table, gated, settings, progress), gated, table, settings, progress)
    found = _named(table, gated, settings, "balance_failed", "effects.withheld.balance_failed")
    if not settings.research:
        return found
    return replace(found, outcomes=_estimate_all(gated, settings, outcome_design(gated.table, gated.match), progress))


def _refuse_unsound(table: AnalysisTable) -> None:
    """Refuses a table with every fault of its rows, covariates and outcomes at once, before any work is done on it."""
    faults = table_faults(table)
    for outcome in table.outcomes:
        faults += outcome_faults(table, outcome, whole=not outcome.measure.among)
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _match_and_gate(table: AnalysisTable, settings: AnalysisSettings, progress: Progress) -> Gated:
    progress.stage("imputation")
    covariates = impute_covariates(table.covariates, ~table.treated, case_weights=table.case_weights)
    filled = replace(table, covariates=covariates)
    progress.stage("matching")
    settings = replace(settings, match=_within_reach(settings.match, filled))
    found = match(filled, settings.match)  # checked there by `require_valid_match`
    progress.stage("balance")
    gated = gate(filled, found)
    if isinstance(gated, BalancedMatch) or settings.match.chosen["terms"] != "auto" or found.terms == "main":
        return gated
    return _with_main_terms(filled, settings) or gated


def _within_reach(settings: MatchSettings, filled: AnalysisTable) -> MatchSettings:
    """The settings without squares and products where these would be more columns than half of the rows.

    From there on some line through the columns tells any two groups of rows apart, alike or not (Cover 1965), so that the
    score matches next to nobody, at a hundred times the cost.
    """
    numbers = sum(not covariate.is_categorical and np.unique(covariate.values).size > 2 for covariate in filled.covariates)
    out_of_reach = numbers * (numbers + 1) > filled.n  # the products, twice
    return replace(settings, terms="main") if settings.chosen["terms"] == "auto" and out_of_reach else settings


def _with_main_terms(filled: AnalysisTable, settings: AnalysisSettings) -> BalancedMatch | None:
    """The match without squares and products, if that one is balanced.

    Where the pool is small (as in a trial), the enlarged score that poor overlap asks for may balance worse than the plain
    one. The choice looks at balance alone, never at an outcome.
    """
    plain = match(filled, replace(settings.match, terms="main"))
    gated = gate(filled, replace(plain, warnings=(*plain.warnings, MAIN_KEPT)))
    return gated if isinstance(gated, BalancedMatch) else None


def _estimated(table: AnalysisTable, balanced: BalancedMatch, settings: AnalysisSettings, progress: Progress) -> AnalysisFindings:
    progress.stage("outcome model")
    design = outcome_design(balanced.table, balanced.match)
    outcomes = _estimate_all(balanced, settings, design, progress)
    if settings.bootstrap is not None:
        outcomes = _bootstrap(table, balanced, settings, outcomes, progress)
    progress.stage("survival")
    found = _named(balanced.table, balanced, settings, "estimated", "")
    return replace(found, outcomes=outcomes, survival=_survival(balanced, outcomes, design))


def _with_sensitivity(
    found: AnalysisFindings, balanced: BalancedMatch, raw: AnalysisTable, settings: AnalysisSettings, progress: Progress
) -> AnalysisFindings:
    """The findings with the family's lines, where it is asked for. raw: the table before missing numbers were filled."""
    if not settings.sensitivity:
        return found
    progress.stage("sensitivity")
    return replace(found, sensitivity=_examine(balanced, raw, found.outcomes, settings))


def _examine(
    balanced: BalancedMatch, raw: AnalysisTable, results: tuple[OutcomeResult, ...], settings: AnalysisSettings
) -> tuple[SensitivityLine, ...]:
    """The lines of the analysis; a headline among a subgroup is examined with the match made within that subgroup."""
    table = balanced.table
    head = next((place for place, result in enumerate(results) if result.role == "headline" and result.measure.among), None)
    if head is not None:
        rows = ~np.isnan(table.outcomes[head].values)
        part = replace(take_rows(table, rows), outcomes=(take_outcome(table.outcomes[head], rows),))
        gated = _match_among(part, settings)
        if not isinstance(gated, BalancedMatch):
            return ()
        balanced, raw, results = gated, take_rows(raw, rows), (results[head],)
    return examine(
        balanced,
        raw,
        results,
        settings=settings.match,
        minimum_treated=settings.minimum_treated,
        errors=settings.link_errors,
    )


def _estimate_all(gated: Gated, settings: AnalysisSettings, design: Design, progress: Progress) -> tuple[OutcomeResult, ...]:
    table = gated.table
    progress.stage("effects", len(table.outcomes))
    within: dict[tuple[str, bytes], tuple[Gated, Design] | str] = {}
    found = []
    for done, outcome in enumerate(table.outcomes, start=1):
        role: Role = "headline" if outcome.measure.name == settings.headline else "secondary"
        if outcome.withheld:
            found.append(withhold_outcome(table, None, outcome, outcome.withheld, role))
        elif outcome.measure.among:
            found.append(_estimate_among(table, outcome, role, settings, within))
        else:
            found.append(_estimate_one(gated, outcome, role, settings, design))
        progress.step(done)
    if isinstance(gated, UnbalancedMatch):  # a subgroup may be balanced where the whole is not; that is no evidence either
        return tuple(mark_unbalanced(result) for result in found)
    return adjust_outcomes(found)


def _estimate_one(gated: Gated, outcome: Outcome, role: Role, settings: AnalysisSettings, design: Design | None) -> OutcomeResult:
    model = settings.outcome_model or "ridge"
    if isinstance(gated, BalancedMatch):
        stated = settings.stated_effects.get(outcome.measure.name)
        return estimate_outcome(gated, outcome, role=role, stated_effect=stated, design=design, outcome_model=model)
    headline = outcome.measure.name if role == "headline" else ""
    return estimate_unbalanced(gated, (outcome,), headline=headline, design=design, outcome_model=model).outcomes[0]


def _bootstrap(
    table: AnalysisTable,
    balanced: BalancedMatch,
    settings: AnalysisSettings,
    results: tuple[OutcomeResult, ...],
    progress: Progress,
) -> tuple[OutcomeResult, ...]:
    """The results with a bootstrap beside them. Measures of a subgroup are left as they are: their people are drawn by what
    came after the programme, so a sample of everybody would not be one of them."""
    how, found = settings.bootstrap, list(results)
    chosen = [place for place, result in enumerate(results) if result.effect is not None and not result.measure.among]
    if how is None or not chosen:
        return results
    made = bootstrap_outcomes(
        table,
        replace(settings.match, terms=balanced.match.terms),  # type: ignore[arg-type]  # "main" or "rich"
        [table.outcomes[place] for place in chosen],
        [results[place] for place in chosen],
        how,
        outcome_model=settings.outcome_model or "ridge",
        progress=progress,
    )
    for place, result in zip(chosen, made, strict=True):
        found[place] = result
    return tuple(found)


def _estimate_among(
    table: AnalysisTable,
    outcome: Outcome,
    role: Role,
    settings: AnalysisSettings,
    within: dict[tuple[str, bytes], tuple[Gated, Design] | str],
) -> OutcomeResult:
    """A measure of a subgroup: score, radius and balance made again among the rows where it is known.

    within: matches already made, by subgroup, with the columns of their outcome model; measures of one subgroup share them.
    """
    rows = ~np.isnan(outcome.values)
    key = (outcome.measure.among, np.packbits(rows).tobytes())
    if key not in within:
        among = _match_among(take_rows(table, rows), settings)
        within[key] = among if isinstance(among, str) else (among, outcome_design(among.table, among.match))
    made, part = within[key], take_outcome(outcome, rows)
    if isinstance(made, str):
        return withhold_outcome(take_rows(table, rows), None, part, made, role)
    gated, design = made
    if isinstance(gated, UnbalancedMatch) and not settings.research:
        return withhold_outcome(gated.table, gated.match, part, "effects.withheld.subgroup_unbalanced", role)
    return _estimate_one(gated, part, role, settings, design)


def _match_among(part: AnalysisTable, settings: AnalysisSettings) -> Gated | str:
    """The gated match of a subgroup, or the wording key of why there is none."""
    if _treated_people(part) < settings.minimum_treated or part.treated.all():
        return "effects.withheld.too_few_treated"
    try:
        gated = _match_and_gate(part, settings, Silent())
    except InputError:  # the whole table passed these checks, so it is the subgroup that nobody can be matched in
        return "effects.withheld.subgroup_unmatched"
    few = _treated_people(part, gated.match.matched) < settings.minimum_treated
    return "effects.withheld.too_few_treated" if few else gated


def _treated_people(table: AnalysisTable, rows: Bools | None = None) -> int:
    return count_people(table.person, table.treated if rows is None else table.treated & rows)


def _survival(balanced: BalancedMatch, outcomes: tuple[OutcomeResult, ...], design: Design) -> Survival | None:
    """The curves of the table's durations, or else of its first outcome of kind time; None where there is neither."""
    table = balanced.table
    for outcome, result in zip(table.outcomes, outcomes, strict=True):
        if outcome.event is not None and not outcome.measure.among and _is_timed(table, outcome):
            return compare_survival(balanced, outcome.values, outcome.event, table.horizon, result.effect)
    if table.duration is None or table.event is None:
        return None
    timed = Outcome(Measure("time_to_event", "time", label=""), table.duration, table.event)
    effect: Effect | None = estimate_outcome(balanced, timed, design=design).effect
    earlier = _earlier_means(balanced, timed, design)
    return compare_survival(balanced, table.duration, table.event, table.horizon, effect, earlier=earlier)


def _is_timed(table: AnalysisTable, outcome: Outcome) -> bool:
    """Whether the table's durations, where it has any, are those of the outcome, whose effect then need not be found again."""
    durations, events = table.duration, table.event
    if durations is None or events is None or outcome.event is None:
        return outcome.measure.kind == "time"
    return np.array_equal(durations, outcome.values) and np.array_equal(events, outcome.event)


def _earlier_means(balanced: BalancedMatch, timed: Outcome, design: Design) -> tuple[tuple[float, Effect], ...]:
    """The effect on the mean time without the event within each whole year before the horizon, where there is one."""
    found = (
        (days, estimate_outcome(balanced, timed, design=design, horizon=days).effect)
        for days in earlier_years(balanced.table.horizon)
    )
    return tuple((days, effect) for days, effect in found if effect is not None)


def _describe_settings(settings: AnalysisSettings, table: AnalysisTable | None, found: Match | None) -> dict[str, str]:
    """Every setting of match and estimate as text, and what came of it: caliper, terms used, people trimmed."""
    asked = {name: as_text(value) for name, value in settings.match.settings().items()}
    asked |= {"outcome_model": settings.outcome_model} if settings.outcome_model else {}
    if settings.bootstrap is not None:
        asked |= {"bootstrap": str(settings.bootstrap.replicates), "bootstrap_seed": str(settings.bootstrap.seed)}
    if found is None or table is None:
        return asked
    caliper = {"caliper": f"{found.caliper:.10g}"} if np.isfinite(found.caliper) and found.scale == "logit" else {}
    trimmed = {} if found.trimmed is None else {TRIMMED: str(count_people(table.person, found.trimmed & table.treated))}
    return {**asked, **caliper, "terms_used": found.terms, **trimmed}


def name_impossible(name: str, reason: str, settings: AnalysisSettings) -> AnalysisFindings:
    """The findings of an analysis that cannot be made at all: nobody is counted. reason: a wording key."""
    return AnalysisFindings(
        name=name,
        status="not_possible",
        reason=reason,
        people=People(0, 0, 0, 0, 0.0),
        balance=None,
        outcomes=(),
        survival=None,
        overlap=None,
        profile=(),
        match_settings=_describe_settings(settings, None, None),
    )


def _named(
    table: AnalysisTable, gated: Gated | None, settings: AnalysisSettings, status: AnalysisStatus, reason: str
) -> AnalysisFindings:
    """The findings without outcomes: who was analysed, balance, overlap, profile, settings."""
    found = None if gated is None else gated.match
    return AnalysisFindings(
        name=settings.name,
        status=status,
        reason=reason,
        people=count_groups(table, found),
        balance=None if gated is None else gated.balance,
        outcomes=(),
        survival=None,
        overlap=None if gated is None else draw_overlap(gated.table, gated.match),
        profile=() if gated is None else compare_profiles(gated.table, gated.match),
        match_settings=_describe_settings(settings, table, found),
        warnings=(*table.warnings, *(() if found is None else found.warnings)),
        matched_row_ids=() if found is None else tuple(table.row_id[table.treated & found.matched].tolist()),
        subgroups=() if gated is None else share_subgroups(gated.table, gated.match),
        members=Members(table.row_id[table.treated], table.row_id[~table.treated]),
    )


def analyse_match(
    table: AnalysisTable, settings: AnalysisSettings, progress: Progress | None = None
) -> tuple[AnalysisFindings, Gated | None]:
    """The match of a table and whether it would pass the gate, no outcome looked at: for a feasibility study.

    status: "matched" (the gate passed), "balance_failed", or "too_few" as in `analyse`. The gated match is None where none
    could be made: too few treated, nobody to compare with, or nobody within reach (the reason then says which).
    Deterministic, whatever the order of rows. Raises InputError for a table without covariates.
    """
    progress = progress or Silent()
    order = id_order(table)
    table = table if order is None else take_rows(table, order)
    if _treated_people(table) < settings.minimum_treated:
        return _named(table, None, settings, "too_few", "effects.withheld.too_few_treated"), None
    if table.treated.all():
        return _named(table, None, settings, "too_few", "feasibility.reasons.no_pool"), None
    try:
        gated = _match_and_gate(table, settings, progress)
    except InputError:
        if not table.covariates:
            raise
        return _named(table, None, settings, "too_few", "effects.withheld.nobody_matched"), None
    if _treated_people(gated.table, gated.match.matched) < settings.minimum_treated:
        return _named(table, gated, settings, "too_few", "effects.withheld.too_few_matched"), gated
    if isinstance(gated, BalancedMatch):
        return _named(gated.table, gated, settings, "matched", ""), gated
    return _named(gated.table, gated, settings, "balance_failed", "effects.withheld.balance_failed"), gated
