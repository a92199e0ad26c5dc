"""What effects hand on: estimates with the counts behind them. Raw: only disclosure control may see these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datalab.balance.results import Balance
from datalab.cohort.results import AttritionStep
from datalab.linkage.results import LinkageQuality
from datalab.planning.results import Feasibility
from datalab.table import Floats, Ints, Measure

Verdict = Literal["lower", "higher", "more_people", "withheld"]
Role = Literal["headline", "secondary"]
AnalysisStatus = Literal["estimated", "balance_failed", "too_few", "matched", "not_possible"]
NeedsDesign = Literal["with_needs", "same_people", "everyone"]
SensitivityPart = Literal["design", "hidden", "linkage", "control"]
SensitivityStatus = Literal["estimated", "not_balanced", "withheld", "same_people"]


@dataclass(frozen=True)
class Effect:
    """Effect on the treated on the difference scale, treated minus comparison (rates: shares, 0.01 = one point).

    low, high: the two-sided 95 % interval. p inverts the same statistic, so p < 0.05 exactly when 0 is outside it.
    df: degrees of freedom (inf where the normal is used). method: "mover_wilson", "influence_t", "log_ratio_t",
    "welch" (classic), "bootstrap_t", "bootstrap_percentile". ratio, ratio_low, ratio_high: for counts, the rate ratio and
    its interval, else NaN.
    """

    estimate: float
    low: float
    high: float
    se: float
    p: float
    df: float
    method: str
    ratio: float = float("nan")
    ratio_low: float = float("nan")
    ratio_high: float = float("nan")


@dataclass(frozen=True)
class OutcomeResult:
    """One measure in one analysis.

    n_treated, n_comparison: matched people in the denominator (comparison: people with positive weight).
    treated: mean of the matched treated. comparison: treated - effect, so that the columns subtract.
    comparison_plain: weighted mean without adjustment. treated_events, comparison_events: people with the event (binary,
    count), for disclosure. top_two_share: the two largest contributors' share of the treated total.
    people_needed: more treated people to detect `stated_effect` with 80 % power (inf: more comparison people or
    overlap are needed instead); None where it does not apply. smallest_effect: what this study could have detected.
    reason: a wording key, where status is "withheld". notes: wording keys. bootstrap, percentile: the same estimate with the
    standard error and t interval, and with the percentile interval, of a bootstrap of the whole procedure, where asked for.
    """

    measure: Measure
    status: Literal["estimated", "withheld"]
    reason: str
    role: Role
    n_treated: int
    n_comparison: int
    effective_comparison: float
    treated: float
    comparison: float
    comparison_plain: float
    effect: Effect | None
    classic: Effect | None
    unadjusted: Effect | None
    verdict: Verdict
    p_holm: float
    stated_effect: float
    people_needed: float | None
    smallest_effect: float
    treated_events: int
    comparison_events: int
    top_two_share: float
    residual_df: float
    notes: tuple[str, ...] = ()
    bootstrap: Effect | None = None
    percentile: Effect | None = None


@dataclass(frozen=True)
class SurvivalCurve:
    """Weighted Kaplan-Meier of one group on common days (in the unit of
    the horizon): share without the event, pointwise 95 % band, number at risk."""

    days: Ints | Floats
    surviving: Floats
    low: Floats
    high: Floats
    at_risk: Ints


@dataclass(frozen=True)
class HazardRatio:
    """Treated against comparison, from a weighted Cox model: ratio, 95 % interval, robust standard error of its log, p."""

    ratio: float
    low: float
    high: float
    se_log: float
    p: float


@dataclass(frozen=True)
class Survival:
    """Both curves; rmst: effect on the mean days without the event within the horizon; landmarks: share with the event
    by day (day, treated, comparison); hazard_ratio: None where a group has no event. earlier_rmst: the same effect within
    each whole year before the horizon (days, effect)."""

    treated: SurvivalCurve
    comparison: SurvivalCurve
    horizon: float
    rmst: Effect | None
    landmarks: tuple[tuple[float, float, float], ...]
    hazard_ratio: HazardRatio | None = None
    earlier_rmst: tuple[tuple[float, Effect], ...] = ()


@dataclass(frozen=True)
class Overlap:
    """Histogram of the logit score: bin edges (m+1,), counts of treated and of pool people in each (m,), and weighted
    comparison share (m,)."""

    edges: Floats
    treated: Ints
    pool: Ints
    comparison_weight: Floats


@dataclass(frozen=True)
class ProfileLine:
    """Analysed treated beside treated left out, one covariate level: counts and means (shares for levels)."""

    label: str
    level: str
    analysed_count: int
    left_out_count: int
    analysed_mean: float
    left_out_mean: float


@dataclass(frozen=True)
class People:
    """Head-counts (people, not events). treated: at risk and eligible; matched: of those, matched; pool: comparison
    people before matching; comparison: with positive weight; effective: effective size of the comparison group."""

    treated: int
    matched: int
    pool: int
    comparison: int
    effective: float


@dataclass(frozen=True)
class SubgroupShare:
    """How many of those matched belong to a subgroup known before the clock started (`Measure.among`): people.

    A person whose events differ counts in both. share_comparison: weighted share of the comparison group.
    """

    name: str
    treated_in: int
    treated_out: int
    comparison_in: int
    comparison_out: int
    share_treated: float
    share_comparison: float


@dataclass(frozen=True)
class SensitivityLine:
    """One line of what is looked at beside the estimate of a measure, chosen before any result is seen (design 3.5).

    part: "design" (the effect by another design), "hidden" (what a trait that nobody recorded could do), "linkage" (errors
    of links) or "control" (an outcome that the programme cannot have moved). name: of the line; `sensitivity.lines.<name>`
    and `sensitivity.assumes.<name>` of the wording say what it is and what it assumes. status: "not_balanced" has no
    estimate; "withheld" has a reason (a wording key); "same_people" was not estimated again, since it is of the very people of
    the outcome. effect: None where there are only `figures` (name and number; shares
    0 to 1). counted: the estimate with the counts behind it, None where the effect is made of the measure's own.
    subject: the covariate of a benchmark. warns: whether the printed rule for a warning holds.
    """

    part: SensitivityPart
    name: str
    measure: Measure
    status: SensitivityStatus = "estimated"
    reason: str = ""
    effect: Effect | None = None
    counted: OutcomeResult | None = None
    figures: tuple[tuple[str, float], ...] = ()
    subject: str = ""
    warns: bool = False


@dataclass(frozen=True)
class Members:
    """Row ids of all treated and of the pool of an analysis: never released, for the rules about differences between
    analyses."""

    treated: Ints
    pool: Ints


@dataclass(frozen=True)
class AnalysisFindings:
    """One analysis: estimated, or named with the reason it is not (`balance_failed`, `too_few`, `not_possible`), or `matched`
    and no more (feasibility).

    matched_row_ids: row ids of the matched treated (never released). conditions: who is in it, as variable and values.
    planned: False where its name was made from what the data hold, so that it may itself tell that somebody is there."""

    name: str
    status: AnalysisStatus
    reason: str
    people: People
    balance: Balance | None
    outcomes: tuple[OutcomeResult, ...]
    survival: Survival | None
    overlap: Overlap | None
    profile: tuple[ProfileLine, ...]
    match_settings: dict[str, str]
    warnings: tuple[str, ...] = ()
    matched_row_ids: tuple[int, ...] = ()
    subgroups: tuple[SubgroupShare, ...] = ()
    sensitivity: tuple[SensitivityLine, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    planned: bool = True
    members: Members | None = None


@dataclass(frozen=True)
class NeedsRun:
    """One of the three runs of the needs design for `analysis`: people with an assessment and needs in the model, the same
    people without needs in it, or everyone without needs."""

    analysis: str
    design: NeedsDesign
    found: AnalysisFindings


@dataclass(frozen=True)
class Programme:
    """What was evaluated, in the plan's own terms; empty texts for `evaluate`."""

    kind: str = ""
    setting: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Deaths:
    """Deaths in the follow-up among the eligible: treated people, and events of the pool."""

    treated: int
    pool: int


@dataclass(frozen=True)
class Findings:
    """Everything found for one study, before disclosure control. `research` marks estimates of an unbalanced match.

    feasibility: one answer an analysis, in a feasibility study, which has no outcomes; else empty."""

    kind: Literal["run", "evaluate", "feasibility"]
    study_id: str
    title: str
    programme: Programme
    follow_up_months: int
    plan_sha256: str
    synthetic: bool
    research: bool
    attrition: tuple[AttritionStep, ...]
    linkage: LinkageQuality | None
    headline_analysis: str
    headline_outcome: str
    analyses: tuple[AnalysisFindings, ...]
    deviations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    deaths: Deaths | None = None
    feasibility: tuple[Feasibility, ...] = ()
    needs: tuple[NeedsRun, ...] = ()
