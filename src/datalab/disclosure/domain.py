"""What disclosure control knows how to judge; findings with anything else are refused, never passed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from datalab.balance.results import Balance, CovariateBalance
from datalab.cohort.results import AttritionStep
from datalab.effects.results import (
    AnalysisFindings,
    Deaths,
    Effect,
    Findings,
    HazardRatio,
    Members,
    NeedsRun,
    OutcomeResult,
    Overlap,
    People,
    ProfileLine,
    Programme,
    SensitivityLine,
    SubgroupShare,
    Survival,
    SurvivalCurve,
)
from datalab.errors import InternalError
from datalab.linkage.results import GroupShare, LinkageQuality
from datalab.planning.results import Criterion, Expectation, Feasibility
from datalab.table import Measure

# Every field that disclosure control has been taught. A field added upstream must be added here, with a rule for it.
_FIELDS: dict[type, str] = {
    Findings: "kind study_id title programme follow_up_months plan_sha256 synthetic research attrition linkage "
    "headline_analysis headline_outcome analyses deviations warnings deaths feasibility needs",
    NeedsRun: "analysis design found",
    Deaths: "treated pool",
    Feasibility: "analysis answer criteria expectations",
    Criterion: "name standing",
    Expectation: "measure status reason role expected_people n_comparison comparison_events effective_comparison base "
    "smallest_effect stated_effect people_needed",
    Programme: "kind setting start end",
    AttritionStep: "step n lost reason",
    LinkageQuality: "linked_share false_links missed_links lost_to_blocking awaiting_review groups warnings",
    GroupShare: "characteristic level submitted linked",
    # matched_row_ids and members stay inside: nothing of them is released.
    AnalysisFindings: "name status reason people balance outcomes survival overlap profile match_settings warnings "
    "matched_row_ids subgroups sensitivity conditions planned members",
    SubgroupShare: "name treated_in treated_out comparison_in comparison_out share_treated share_comparison",
    SensitivityLine: "part name measure status reason effect counted figures subject warns",
    Members: "treated pool",
    People: "treated matched pool comparison effective",
    Balance: "covariates passed reasons max_smd share_within_5pc worst overlap_share matched_share effective_pool "
    "largest_weight_share",
    CovariateBalance: "covariate level label family mean_treated_before mean_pool_before mean_treated mean_pool sd sd_source "
    "smd_before smd variance_ratio_before variance_ratio ks_before ks ecdf_before ecdf treated_count_before "
    "pool_count_before treated_count pool_count",
    OutcomeResult: "measure status reason role n_treated n_comparison effective_comparison treated comparison "
    "comparison_plain effect classic unadjusted verdict p_holm stated_effect people_needed smallest_effect treated_events "
    "comparison_events top_two_share residual_df notes bootstrap percentile",
    Measure: "name kind label unit favourable among minimum_treated minimum_expected survival known_before part_of one_of",
    Effect: "estimate low high se p df method ratio ratio_low ratio_high",
    Survival: "treated comparison horizon rmst landmarks hazard_ratio earlier_rmst",
    SurvivalCurve: "days surviving low high at_risk",
    HazardRatio: "ratio low high se_log p",
    Overlap: "edges treated pool comparison_weight",
    ProfileLine: "label level analysed_count left_out_count analysed_mean left_out_mean",
}
_VALUES: dict[tuple[type, str], frozenset[str]] = {
    (Findings, "kind"): frozenset({"run", "evaluate", "feasibility"}),
    (AnalysisFindings, "status"): frozenset({"estimated", "balance_failed", "too_few", "matched", "not_possible"}),
    (Feasibility, "answer"): frozenset({"can", "may", "cannot"}),
    (Criterion, "name"): frozenset({"people", "period", "coverage", "analysed", "comparison", "balance"}),
    (Criterion, "standing"): frozenset({"met", "doubtful", "not_met", "not_reached"}),
    (Expectation, "status"): frozenset({"expected", "withheld"}),
    (Expectation, "role"): frozenset({"headline", "secondary"}),
    (NeedsRun, "design"): frozenset({"with_needs", "same_people", "everyone"}),
    (CovariateBalance, "sd_source"): frozenset({"treated", "pool", "none"}),
    (OutcomeResult, "status"): frozenset({"estimated", "withheld"}),
    (OutcomeResult, "role"): frozenset({"headline", "secondary"}),
    (OutcomeResult, "verdict"): frozenset({"lower", "higher", "more_people", "withheld"}),
    (SensitivityLine, "part"): frozenset({"design", "hidden", "linkage", "control"}),
    (SensitivityLine, "status"): frozenset({"estimated", "not_balanced", "withheld", "same_people"}),
    (Measure, "kind"): frozenset({"binary", "count", "days", "number", "time"}),
    (Measure, "favourable"): frozenset({"lower", "higher", "neutral"}),
    (Effect, "method"): frozenset({"mover_wilson", "influence_t", "log_ratio_t", "welch", "bootstrap_t", "bootstrap_percentile"}),
}
PROFILES = ("default", "strict")


def require_known(findings: Findings) -> None:
    """Refuses findings with a type, field or named value that no rule was written for.

    Raises InternalError naming the type and field (never a value), so that what is new stays inside until it has a rule.
    """
    for item in _walk(findings):
        kind = type(item)
        if kind not in _FIELDS:
            raise InternalError(f"Disclosure control has no rule for a {kind.__name__}.")
        unknown = {entry.name for entry in fields(item)} ^ set(_FIELDS[kind].split())
        if unknown:
            raise InternalError(f"Disclosure control has no rule for {kind.__name__}.{min(unknown)}.")
        for (owner, name), allowed in _VALUES.items():
            if owner is kind and getattr(item, name) not in allowed:
                raise InternalError(f"Disclosure control has no rule for this {kind.__name__}.{name}.")


def _walk(item: object) -> Iterator[Any]:
    """Every dataclass within a value, tuples included, outermost first."""
    if isinstance(item, tuple):
        for part in item:
            yield from _walk(part)
    elif is_dataclass(item) and not isinstance(item, type):
        yield item
        for entry in fields(item):
            yield from _walk(getattr(item, entry.name))
