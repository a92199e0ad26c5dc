"""Every part of a release with its numbers as found: what `own_data` prints, and what the rules then take away from."""

from __future__ import annotations

from datalab.balance.results import Balance, CovariateBalance
from datalab.cohort.results import AttritionStep
from datalab.disclosure.number import band
from datalab.disclosure.results import (
    Number,
    ReleasedAnalysis,
    ReleasedBalance,
    ReleasedCovariate,
    ReleasedCurvePoint,
    ReleasedDeaths,
    ReleasedEffect,
    ReleasedGroup,
    ReleasedLinkage,
    ReleasedOutcome,
    ReleasedOverlapBin,
    ReleasedPeople,
    ReleasedProfile,
    ReleasedSensitivity,
    ReleasedStep,
    ReleasedSubgroup,
    ReleasedSurvival,
)
from datalab.disclosure.values import NOT_AVAILABLE, shown
from datalab.effects.results import (
    AnalysisFindings,
    Deaths,
    Effect,
    OutcomeResult,
    Overlap,
    People,
    ProfileLine,
    SensitivityLine,
    Survival,
    SurvivalCurve,
)
from datalab.linkage.results import LinkageQuality


def exact_steps(steps: tuple[AttritionStep, ...]) -> tuple[ReleasedStep, ...]:
    """The ladder; percent is n as a share of the first step's n."""
    first = steps[0].n if steps else 0
    return tuple(ReleasedStep(s.step, s.n, s.lost, s.n / first if first else NOT_AVAILABLE, s.reason) for s in steps)


def exact_linkage(quality: LinkageQuality) -> ReleasedLinkage:
    """Linkage quality; a group nobody was submitted in has no share."""
    groups = tuple(
        ReleasedGroup(g.characteristic, g.level, g.submitted, g.linked / g.submitted if g.submitted else NOT_AVAILABLE)
        for g in quality.groups
    )
    return ReleasedLinkage(
        linked_share=shown(quality.linked_share),
        false_links=shown(quality.false_links),
        missed_links=shown(quality.missed_links),
        lost_to_blocking=shown(quality.lost_to_blocking),
        awaiting_review=quality.awaiting_review,
        groups=groups,
    )


def exact_deaths(deaths: Deaths | None) -> ReleasedDeaths | None:
    """Deaths in the follow-up, where they were counted."""
    return None if deaths is None else ReleasedDeaths(deaths.treated, deaths.pool)


def exact_people(people: People) -> ReleasedPeople:
    """The head-counts."""
    return ReleasedPeople(people.treated, people.matched, people.pool, people.comparison, shown(people.effective))


def exact_covariate(line: CovariateBalance) -> ReleasedCovariate:
    """One line of the balance table."""
    return ReleasedCovariate(
        name=line.covariate,
        level=line.level,
        label=line.label,
        family=line.family,
        treated_before=shown(line.mean_treated_before),
        pool_before=shown(line.mean_pool_before),
        treated=shown(line.mean_treated),
        comparison=shown(line.mean_pool),
        smd_before=shown(line.smd_before),
        smd=shown(line.smd),
        band_before=band(line.smd_before),
        band=band(line.smd),
        variance_ratio=shown(line.variance_ratio),
    )


def exact_balance(balance: Balance) -> ReleasedBalance:
    """The gate and every line."""
    return ReleasedBalance(
        passed=balance.passed,
        reasons=balance.reasons,
        max_smd=shown(balance.max_smd),
        share_within_5pc=shown(balance.share_within_5pc),
        worst=balance.worst,
        overlap_share=shown(balance.overlap_share),
        largest_weight_share=shown(balance.largest_weight_share),
        covariates=tuple(exact_covariate(line) for line in balance.covariates),
    )


def exact_effect(effect: Effect | None, role: str, p_holm: float = float("nan")) -> ReleasedEffect | None:
    """An effect on the difference scale with its ratio, where it has one."""
    if effect is None:
        return None
    return ReleasedEffect(
        scale="difference",
        estimate=shown(effect.estimate),
        low=shown(effect.low),
        high=shown(effect.high),
        se=shown(effect.se),
        p=shown(effect.p),
        p_holm=shown(p_holm),
        role=role,
        method=effect.method,
        ratio=shown(effect.ratio),
        ratio_low=shown(effect.ratio_low),
        ratio_high=shown(effect.ratio_high),
    )


def exact_outcome(result: OutcomeResult) -> ReleasedOutcome:
    """One measure; an infinite number of people needed becomes `[x]` with a note that says what would help."""
    infinite = result.people_needed == float("inf")
    return ReleasedOutcome(
        measure=result.measure.name,
        label=result.measure.label,
        kind=result.measure.kind,
        unit=result.measure.unit,
        favourable=result.measure.favourable,
        among=result.measure.among,
        known_before=result.measure.known_before,
        status=result.status,
        reason=result.reason,
        role=result.role,
        n_treated=result.n_treated,
        n_comparison=result.n_comparison,
        effective_comparison=shown(result.effective_comparison),
        treated=shown(result.treated),
        comparison=shown(result.comparison),
        comparison_plain=shown(result.comparison_plain),
        unadjusted=exact_effect(result.unadjusted, result.role),
        effect=exact_effect(result.effect, result.role, result.p_holm),
        classic=exact_effect(result.classic, result.role),
        verdict=result.verdict,
        stated_effect=shown(result.stated_effect),
        people_needed=shown(result.people_needed),
        smallest_effect=shown(result.smallest_effect),
        notes=result.notes + (("disclosure.notes.more_comparison_needed",) if infinite else ()),
        bootstrap=exact_effect(result.bootstrap, result.role),
        percentile=exact_effect(result.percentile, result.role),
    )


def curve_point(survival: Survival, place: int) -> ReleasedCurvePoint:
    """Both curves at the day in this place, and how many people are at risk on it."""

    def side(curve: SurvivalCurve) -> tuple[Number, Number, Number, int]:
        surviving, low, high = (shown(float(values[place])) for values in (curve.surviving, curve.low, curve.high))
        return surviving, low, high, int(curve.at_risk[place])

    return ReleasedCurvePoint(survival.treated.days[place].item(), *side(survival.treated), *side(survival.comparison))


def exact_survival(survival: Survival) -> ReleasedSurvival:
    """Both curves on every common day but day 0."""
    points = tuple(curve_point(survival, place) for place, day in enumerate(survival.treated.days.tolist()) if day > 0)
    hazard = survival.hazard_ratio
    return ReleasedSurvival(
        points=points,
        horizon=survival.horizon,
        rmst=exact_effect(survival.rmst, "secondary"),
        landmarks=tuple((day, shown(a), shown(b)) for day, a, b in survival.landmarks),
        hazard_ratio=None if hazard is None else (shown(hazard.ratio), shown(hazard.low), shown(hazard.high)),
        earlier_rmst=exact_earlier(survival),
    )


def exact_earlier(survival: Survival) -> tuple[tuple[float, ReleasedEffect], ...]:
    """The effect on the mean time within each whole year before the horizon."""
    found = ((days, exact_effect(effect, "secondary")) for days, effect in survival.earlier_rmst)
    return tuple((days, effect) for days, effect in found if effect is not None)


def exact_overlap(overlap: Overlap) -> tuple[ReleasedOverlapBin, ...]:
    """Every bin, counts as shares of their group."""
    treated, pool = overlap.treated / max(1, overlap.treated.sum()), overlap.pool / max(1, overlap.pool.sum())
    columns = (overlap.edges[:-1], overlap.edges[1:], treated, pool, overlap.comparison_weight)
    return tuple(ReleasedOverlapBin(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def exact_profile(profile: tuple[ProfileLine, ...]) -> tuple[ReleasedProfile, ...]:
    """Analysed beside left out."""
    return tuple(
        ReleasedProfile(line.label, line.level, shown(line.analysed_mean), shown(line.left_out_mean)) for line in profile
    )


def exact_sensitivity(line: SensitivityLine, subject: str) -> ReleasedSensitivity:
    """One line of the sensitivity family; subject: label of the covariate that it is about."""
    measure = line.measure
    return ReleasedSensitivity(
        part=line.part,
        name=line.name,
        measure=measure.name,
        label=measure.label,
        kind=measure.kind,
        unit=measure.unit,
        status=line.status,
        reason=line.reason,
        effect=exact_effect(line.effect, "secondary"),
        figures=tuple((name, shown(value)) for name, value in line.figures),
        subject=subject,
        warns=line.warns,
    )


def covariate_labels(balance: Balance | None) -> dict[str, str]:
    """The label of each covariate of a balance table."""
    return {} if balance is None else {line.covariate: line.label for line in balance.covariates}


def exact_analysis(found: AnalysisFindings, small_group: bool) -> ReleasedAnalysis:
    """One analysis, nothing taken away."""
    labels = covariate_labels(found.balance)
    return ReleasedAnalysis(
        name=found.name,
        status=found.status,
        reason=found.reason,
        small_group=small_group,
        people=exact_people(found.people),
        balance=None if found.balance is None else exact_balance(found.balance),
        outcomes=tuple(exact_outcome(result) for result in found.outcomes),
        survival=None if found.survival is None else exact_survival(found.survival),
        overlap=() if found.overlap is None else exact_overlap(found.overlap),
        profile=exact_profile(found.profile),
        match_settings=dict(found.match_settings),
        warnings=found.warnings,
        subgroups=tuple(
            ReleasedSubgroup(item.name, shown(item.share_treated), shown(item.share_comparison)) for item in found.subgroups
        ),
        sensitivity=tuple(exact_sensitivity(line, labels.get(line.subject, line.subject)) for line in found.sensitivity),
        conditions=found.conditions,
    )
