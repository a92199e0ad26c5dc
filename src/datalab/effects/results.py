"""What effects hand on: estimates with the counts behind them. Raw: only disclosure control may see these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datalab.balance.results import Balance
from datalab.cohort.results import AttritionStep
from datalab.linkage.results import LinkageQuality
from datalab.table import Floats, Ints, Measure

Verdict = Literal["lower", "higher", "more_people", "withheld"]
Role = Literal["headline", "secondary"]
AnalysisStatus = Literal["estimated", "balance_failed", "too_few", "not_possible"]
NeedsDesign = Literal["with_needs", "same_people", "everyone"]


@dataclass(frozen=True)
class Effect:
    """Effect on the treated on the difference scale, treated minus comparison (rates: shares, 0.01 = one point).

    low, high: the two-sided 95 % interval. p inverts the same statistic, so p < 0.05 exactly when 0 is outside it.
    df: degrees of freedom (inf where the normal is used). method: "mover_wilson", "influence_t", "log_ratio_t",
    "welch" (classic). ratio, ratio_low, ratio_high: for counts, the rate ratio and its interval, else NaN.
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
    reason: a wording key, where status is "withheld". notes: wording keys.
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


@dataclass(frozen=True)
class SurvivalCurve:
    """Weighted Kaplan-Meier of one group on common days: share without the event, pointwise 95 % band, number at risk."""

    days: Ints
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
    by day (day, treated, comparison); hazard_ratio: None where a group has no event."""

    treated: SurvivalCurve
    comparison: SurvivalCurve
    horizon: float
    rmst: Effect | None
    landmarks: tuple[tuple[int, float, float], ...]
    hazard_ratio: HazardRatio | None = None


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
class Members:
    """Row ids of all treated and of the pool of an analysis: never released, for the rules about differences between
    analyses."""

    treated: Ints
    pool: Ints


@dataclass(frozen=True)
class AnalysisFindings:
    """One analysis: estimated, or named with the reason it is not (`balance_failed`, `too_few`, `not_possible`).

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
    """Everything found for one study, before disclosure control. `research` marks estimates of an unbalanced match."""

    kind: Literal["run", "evaluate"]
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
    needs: tuple[NeedsRun, ...] = ()
