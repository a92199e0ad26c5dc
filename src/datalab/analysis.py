"""One analysis from table to findings: impute, match, gate, estimate each outcome, adjust for their number, describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from datalab.balance import gate
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.constraints import Range, require
from datalab.description import compare_profiles, draw_overlap
from datalab.effects.estimate import estimate_outcome, estimate_unbalanced, mark_unbalanced, outcome_design, withhold_outcome
from datalab.effects.influence import count_people
from datalab.effects.multiplicity import adjust_outcomes
from datalab.effects.results import AnalysisFindings, AnalysisStatus, Effect, Members, OutcomeResult, People, Role, Survival
from datalab.effects.survival import compare_survival
from datalab.errors import InputError
from datalab.matching import MatchSettings, match, require_valid_match
from datalab.matching.results import Match
from datalab.numerics.design import Design
from datalab.numerics.impute import impute_covariates
from datalab.numerics.order import id_order
from datalab.progress import Progress, Silent
from datalab.table import AnalysisTable, Bools, Measure, Outcome, take_outcome, take_rows

Gated = BalancedMatch | UnbalancedMatch


MAIN_KEPT = "matching.warnings.main_kept"


@dataclass(frozen=True)
class AnalysisSettings:
    """headline: the measure tested alone at 5 %, "" for none. stated_effects: measure to the effect (absolute, in its
    units) that people needed are counted for. minimum_treated: fewest matched treated people. research: estimate even
    where the balance gate fails, verdicts withheld."""

    name: str
    headline: str = ""
    match: MatchSettings = field(default_factory=MatchSettings)
    stated_effects: Mapping[str, float] = field(default_factory=dict)
    minimum_treated: int = 30
    research: bool = False

    def __post_init__(self) -> None:
        require({"minimum_treated": Range(2, whole=True)}, {"minimum_treated": self.minimum_treated})


def analyse(table: AnalysisTable, settings: AnalysisSettings, progress: Progress | None = None) -> AnalysisFindings:
    """One analysis: everything from the table to the findings, before disclosure control.

    table: n rows, missing numbers allowed in covariates; outcomes known in their denominator. status: "estimated";
    "too_few" where fewer than `minimum_treated` treated people are there or matched; "balance_failed" where the gate
    fails (balance kept, no outcomes, unless `research`: then estimates whose verdicts are withheld). The same bits
    whatever the order of rows; nothing is random. Raises InputError for a table that cannot be analysed.
    """
    progress = progress or Silent()
    order = id_order(table)
    table = table if order is None else take_rows(table, order)
    if _treated_people(table) < settings.minimum_treated:
        return _named(table, None, settings, "too_few", "effects.withheld.too_few_treated")
    gated = _match_and_gate(table, settings, progress)
    if _treated_people(gated.table, gated.match.matched) < settings.minimum_treated:
        return _named(table, gated, settings, "too_few", "effects.withheld.too_few_matched")
    if isinstance(gated, BalancedMatch):
        return _estimated(gated, settings, progress)
    found = _named(table, gated, settings, "balance_failed", "effects.withheld.balance_failed")
    if not settings.research:
        return found
    return replace(found, outcomes=_estimate_all(gated, settings, outcome_design(gated.table, gated.match), progress))


def _match_and_gate(table: AnalysisTable, settings: AnalysisSettings, progress: Progress) -> Gated:
    progress.stage("imputation")
    filled = replace(table, covariates=impute_covariates(table.covariates, ~table.treated))
    progress.stage("matching")
    settings = replace(settings, match=_within_reach(settings.match, filled))
    found = match(filled, settings.match)
    require_valid_match(found, filled)
    progress.stage("balance")
    gated = gate(filled, found)
    if isinstance(gated, BalancedMatch) or settings.match.terms != "auto" or found.terms == "main":
        return gated
    return _with_main_terms(filled, settings) or gated


def _within_reach(settings: MatchSettings, filled: AnalysisTable) -> MatchSettings:
    """The settings without squares and products where these would be more columns than there are rows.

    A score of so many terms tells everybody from everybody, so that nobody is matched, at a hundred times the cost.
    """
    numbers = sum(not covariate.is_categorical and np.unique(covariate.values).size > 2 for covariate in filled.covariates)
    out_of_reach = numbers * (numbers + 1) // 2 > filled.n
    return replace(settings, terms="main") if settings.terms == "auto" and out_of_reach else settings


def _with_main_terms(filled: AnalysisTable, settings: AnalysisSettings) -> BalancedMatch | None:
    """The match without squares and products, if that one is balanced.

    Where the pool is small (as in a trial), the enlarged score that poor overlap asks for may balance worse than the plain
    one. The choice looks at balance alone, never at an outcome.
    """
    plain = match(filled, replace(settings.match, terms="main"))
    require_valid_match(plain, filled)
    gated = gate(filled, replace(plain, warnings=(*plain.warnings, MAIN_KEPT)))
    return gated if isinstance(gated, BalancedMatch) else None


def _estimated(balanced: BalancedMatch, settings: AnalysisSettings, progress: Progress) -> AnalysisFindings:
    progress.stage("outcome model")
    design = outcome_design(balanced.table, balanced.match)
    outcomes = _estimate_all(balanced, settings, design, progress)
    progress.stage("survival")
    found = _named(balanced.table, balanced, settings, "estimated", "")
    return replace(found, outcomes=outcomes, survival=_survival(balanced, outcomes, design))


def _estimate_all(gated: Gated, settings: AnalysisSettings, design: Design, progress: Progress) -> tuple[OutcomeResult, ...]:
    table = gated.table
    progress.stage("effects", len(table.outcomes))
    within: dict[tuple[str, bytes], Gated | str] = {}
    found = []
    for done, outcome in enumerate(table.outcomes, start=1):
        role: Role = "headline" if outcome.measure.name == settings.headline else "secondary"
        if outcome.measure.among:
            found.append(_estimate_among(table, outcome, role, settings, within))
        else:
            found.append(_estimate_one(gated, outcome, role, settings, design))
        progress.step(done)
    if isinstance(gated, UnbalancedMatch):  # a subgroup may be balanced where the whole is not; that is no evidence either
        return tuple(mark_unbalanced(result) for result in found)
    return adjust_outcomes(found)


def _estimate_one(gated: Gated, outcome: Outcome, role: Role, settings: AnalysisSettings, design: Design | None) -> OutcomeResult:
    if isinstance(gated, BalancedMatch):
        stated = settings.stated_effects.get(outcome.measure.name)
        return estimate_outcome(gated, outcome, role=role, stated_effect=stated, design=design)
    headline = outcome.measure.name if role == "headline" else ""
    return estimate_unbalanced(gated, (outcome,), headline=headline, design=design).outcomes[0]


def _estimate_among(
    table: AnalysisTable,
    outcome: Outcome,
    role: Role,
    settings: AnalysisSettings,
    within: dict[tuple[str, bytes], Gated | str],
) -> OutcomeResult:
    """A measure of a subgroup: score, radius and balance made again among the rows where it is known.

    within: matches already made, by subgroup; measures of the same subgroup share one.
    """
    rows = ~np.isnan(outcome.values)
    key = (outcome.measure.among, np.packbits(rows).tobytes())
    if key not in within:
        within[key] = _match_among(take_rows(table, rows), settings)
    gated, part = within[key], take_outcome(outcome, rows)
    if isinstance(gated, str):
        return withhold_outcome(take_rows(table, rows), None, part, gated, role)
    if isinstance(gated, UnbalancedMatch) and not settings.research:
        return withhold_outcome(gated.table, gated.match, part, "effects.withheld.subgroup_unbalanced", role)
    return _estimate_one(gated, part, role, settings, None)


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
    if table.duration is not None and table.event is not None:
        timed = Outcome(Measure("time_to_event", "time", label=""), table.duration, table.event)
        effect: Effect | None = estimate_outcome(balanced, timed, design=design).effect
        return compare_survival(balanced, table.duration, table.event, table.horizon, effect)
    for outcome, result in zip(table.outcomes, outcomes, strict=True):
        if outcome.measure.kind == "time" and not outcome.measure.among and outcome.event is not None:
            return compare_survival(balanced, outcome.values, outcome.event, table.horizon, result.effect)
    return None


def _people(table: AnalysisTable, found: Match | None) -> People:
    matched = np.zeros(table.n, dtype=bool) if found is None else found.matched
    return People(
        treated=count_people(table.person, table.treated),
        matched=count_people(table.person, table.treated & matched),
        pool=count_people(table.person, ~table.treated),
        comparison=count_people(table.person, ~table.treated & matched),
        effective=0.0 if found is None else found.effective_pool,
    )


def _describe_settings(settings: MatchSettings, found: Match | None) -> dict[str, str]:
    """Every matching setting as text, and what came of it: the caliper on the logit and the terms used."""
    asked = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in asdict(settings).items()}
    if found is None:
        return asked
    return {**asked, "caliper": f"{found.caliper:.10g}", "terms_used": found.terms}


def name_impossible(name: str, reason: str, settings: MatchSettings) -> AnalysisFindings:
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
        match_settings=_describe_settings(settings, None),
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
        people=_people(table, found),
        balance=None if gated is None else gated.balance,
        outcomes=(),
        survival=None,
        overlap=None if gated is None else draw_overlap(gated.table, gated.match),
        profile=() if gated is None else compare_profiles(gated.table, gated.match),
        match_settings=_describe_settings(settings.match, found),
        warnings=(*table.warnings, *(() if found is None else found.warnings)),
        matched_row_ids=() if found is None else tuple(table.row_id[table.treated & found.matched].tolist()),
        members=Members(table.row_id[table.treated], table.row_id[~table.treated]),
    )
