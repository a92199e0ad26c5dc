"""What disclosure control hands on: the released numbers, each a number or `Suppressed`, sealed in a Releasable.

The shape is that of `results.json` (design 4); report writers add words, never numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from datalab.disclosure.answers import ReleasedCriterion as ReleasedCriterion
from datalab.disclosure.answers import ReleasedExpectation as ReleasedExpectation
from datalab.disclosure.answers import ReleasedFeasibility as ReleasedFeasibility
from datalab.disclosure.answers import ReleasedYear as ReleasedYear
from datalab.disclosure.number import Band as Band
from datalab.disclosure.number import Number as Number
from datalab.disclosure.number import Suppressed as Suppressed
from datalab.disclosure.number import band as band
from datalab.effects.results import Programme
from datalab.errors import InternalError


@dataclass(frozen=True)
class ReleasedStep:
    """A step of the attrition; several small steps may have been merged (reason "several_reasons")."""

    step: str
    n: Number
    lost: Number
    percent: Number
    reason: str


@dataclass(frozen=True)
class ReleasedGroup:
    """Linked share of one level of a characteristic."""

    characteristic: str
    level: str
    submitted: Number
    linked_share: Number


@dataclass(frozen=True)
class ReleasedLinkage:
    """Linkage quality that may be shown (shares, 0 to 1)."""

    linked_share: Number
    false_links: Number
    missed_links: Number
    lost_to_blocking: Number
    awaiting_review: Number
    groups: tuple[ReleasedGroup, ...]


@dataclass(frozen=True)
class ReleasedPeople:
    """Head-counts that may be shown."""

    treated: Number
    matched: Number
    pool: Number
    comparison: Number
    effective_pool: Number


@dataclass(frozen=True)
class ReleasedCovariate:
    """A line of the balance table. Where the level is suppressed, means and smd are Suppressed and bands remain."""

    name: str
    level: str
    label: str
    family: str
    treated_before: Number
    pool_before: Number
    treated: Number
    comparison: Number
    smd_before: Number
    smd: Number
    band_before: Band
    band: Band
    variance_ratio: Number


@dataclass(frozen=True)
class ReleasedBalance:
    """The gate and the table."""

    passed: bool
    reasons: tuple[str, ...]
    max_smd: Number
    share_within_5pc: Number
    worst: tuple[str, ...]
    overlap_share: Number
    largest_weight_share: Number
    covariates: tuple[ReleasedCovariate, ...]


@dataclass(frozen=True)
class ReleasedEffect:
    """An effect on the difference scale (shares for rates), or Suppressed parts."""

    scale: str
    estimate: Number
    low: Number
    high: Number
    se: Number
    p: Number
    p_holm: Number
    role: str
    method: str
    ratio: Number
    ratio_low: Number
    ratio_high: Number


@dataclass(frozen=True)
class ReleasedOutcome:
    """One measure that may be shown; status "withheld" carries the reason (a wording key)."""

    measure: str
    label: str
    kind: str
    unit: str
    favourable: str
    among: str
    known_before: bool
    status: str
    reason: str
    role: str
    n_treated: Number
    n_comparison: Number
    effective_comparison: Number
    treated: Number
    comparison: Number
    comparison_plain: Number
    unadjusted: ReleasedEffect | None
    effect: ReleasedEffect | None
    classic: ReleasedEffect | None
    verdict: str
    stated_effect: Number
    people_needed: Number
    smallest_effect: Number
    notes: tuple[str, ...]
    bootstrap: ReleasedEffect | None = None
    percentile: ReleasedEffect | None = None


@dataclass(frozen=True)
class ReleasedCurvePoint:
    """The survival curves at one of the released days (shares without the event)."""

    day: float
    treated: Number
    treated_low: Number
    treated_high: Number
    treated_at_risk: Number
    comparison: Number
    comparison_low: Number
    comparison_high: Number
    comparison_at_risk: Number


@dataclass(frozen=True)
class ReleasedSurvival:
    """Coarsened curves, the RMST effect, landmarks by day, and the hazard ratio with its interval (ratio, low, high);
    earlier_rmst: the RMST effect within each whole year before the horizon (days, effect).

    Day 0 (everyone without the event) is not a point: it says nothing about anyone.
    """

    points: tuple[ReleasedCurvePoint, ...]
    horizon: float
    rmst: ReleasedEffect | None
    landmarks: tuple[tuple[float, Number, Number], ...]
    hazard_ratio: tuple[Number, Number, Number] | None = None
    earlier_rmst: tuple[tuple[float, ReleasedEffect], ...] = ()


@dataclass(frozen=True)
class ReleasedOverlapBin:
    """One bin of the score's histogram (logit from low to high): shares of each group."""

    low: float
    high: float
    treated: Number
    pool: Number
    comparison: Number


@dataclass(frozen=True)
class ReleasedProfile:
    """Treated people analysed beside those left out, one covariate level (means or shares)."""

    label: str
    level: str
    analysed: Number
    left_out: Number


@dataclass(frozen=True)
class ReleasedDeaths:
    """Deaths in the follow-up among the eligible that may be shown: treated people, and events of the pool."""

    treated: Number
    pool: Number


@dataclass(frozen=True)
class ReleasedSubgroup:
    """Share of those matched who belong to a subgroup known before the clock started; the comparison's is weighted."""

    name: str
    treated: Number
    comparison: Number


@dataclass(frozen=True)
class ReleasedSensitivity:
    """One line of the sensitivity family that may be shown, of the measure that it names.

    part: design | hidden | linkage | control. status "not_balanced" has no estimate; "withheld" carries the reason (a wording
    key); "same_people" is of the very people of the outcome. figures: name and number. subject: label of the recorded covariate
    that a benchmark is about. warns: whether the printed rule for a warning holds.
    """

    part: str
    name: str
    measure: str
    label: str
    kind: str
    unit: str
    status: str
    reason: str
    effect: ReleasedEffect | None
    figures: tuple[tuple[str, Number], ...]
    subject: str
    warns: bool


@dataclass(frozen=True)
class ReleasedAnalysis:
    """One analysis that may be shown. conditions: who is in it, as variable and values. status: as found, or "withheld"."""

    name: str
    status: str
    reason: str
    small_group: bool
    people: ReleasedPeople
    balance: ReleasedBalance | None
    outcomes: tuple[ReleasedOutcome, ...]
    survival: ReleasedSurvival | None
    overlap: tuple[ReleasedOverlapBin, ...]
    profile: tuple[ReleasedProfile, ...]
    match_settings: dict[str, str]
    warnings: tuple[str, ...]
    subgroups: tuple[ReleasedSubgroup, ...] = ()
    sensitivity: tuple[ReleasedSensitivity, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class ReleasedNeedsOutcome:
    """One measure in one run of the needs design: the difference and its interval, rounded; no values of the groups."""

    measure: str
    label: str
    kind: str
    unit: str
    effect: ReleasedEffect


@dataclass(frozen=True)
class ReleasedNeedsRun:
    """One of the three runs of the needs design for an analysis (design: with_needs, same_people, everyone)."""

    analysis: str
    design: str
    status: str
    reason: str
    n_treated: Number
    n_comparison: Number
    outcomes: tuple[ReleasedNeedsOutcome, ...]


@dataclass(frozen=True)
class Decision:
    """One disclosure check: which rule, on what, with which outcome (pass, review or fail), in a sentence's key."""

    rule: str
    subject: str
    outcome: Literal["pass", "review", "fail"]
    action: str


@dataclass(frozen=True)
class Release:
    """Everything that may leave, and nothing else. status: released | own_data | balance_failed.

    unnamed_analyses: how many analyses are too small even to name. secondary_tests: how many tests beside the headline were
    made in all analyses together: the family that the adjusted p allows for.
    """

    kind: str
    study_id: str
    title: str
    programme: Programme
    follow_up_months: int
    plan_sha256: str
    synthetic: bool
    disclosure_profile: str
    status: Literal["released", "own_data", "balance_failed"]
    attrition: tuple[ReleasedStep, ...]
    linkage: ReleasedLinkage | None
    headline_analysis: str
    headline_outcome: str
    verdict: str
    analyses: tuple[ReleasedAnalysis, ...]
    deviations: tuple[str, ...]
    warnings: tuple[str, ...]
    symbols: dict[str, str] = field(default_factory=dict)
    deaths: ReleasedDeaths | None = None
    feasibility: tuple[ReleasedFeasibility, ...] = ()
    needs: tuple[ReleasedNeedsRun, ...] = ()
    unnamed_analyses: int = 0
    secondary_tests: int = 0


_SEAL = object()


class Releasable:
    """A Release that passed disclosure control, with the decisions. Only `datalab.disclosure` makes one."""

    __slots__ = ("decisions", "release")

    release: Release
    decisions: tuple[Decision, ...]

    def __init__(self, release: Release, decisions: tuple[Decision, ...], *, seal: object) -> None:
        if seal is not _SEAL:
            raise InternalError("A Releasable is made by disclosure control alone.")
        if any(decision.outcome == "fail" and not decision.action for decision in decisions):
            raise InternalError("A failed disclosure check without a remedy cannot be released.")
        object.__setattr__(self, "release", release)
        object.__setattr__(self, "decisions", decisions)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Releasable is frozen; {name} cannot be set")
