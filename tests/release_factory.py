"""Turns the made-up Findings of findings_factory into a Releasable without any suppression, for tests of the report alone.

Tests of the whole way use disclosure control instead; here a number may be replaced by hand with `Suppressed`.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from datalab.disclosure import results as released
from datalab.disclosure.exact import exact_sensitivity
from datalab.disclosure.number import band
from datalab.disclosure.results import Releasable, Release
from datalab.effects.results import AnalysisFindings, Effect, Findings, OutcomeResult

CURVE_DAYS = (0, 30, 61, 91, 122, 152, 183, 213, 244, 274, 304, 335, 365)


def make_release(findings: Findings, **changes: Any) -> Releasable:
    """A sealed release of these findings; `changes` replace fields of the release."""
    status = "balance_failed" if findings.research else "own_data" if findings.kind == "evaluate" else "released"
    submitted = findings.attrition[0].n if findings.attrition else 1
    analyses = tuple(_analysis(analysis) for analysis in findings.analyses)
    head = [
        o for a in analyses if a.name == findings.headline_analysis for o in a.outcomes if o.measure == findings.headline_outcome
    ]
    release = Release(
        kind=findings.kind,
        study_id=findings.study_id,
        title=findings.title,
        programme=findings.programme,
        follow_up_months=findings.follow_up_months,
        plan_sha256=findings.plan_sha256,
        synthetic=findings.synthetic,
        disclosure_profile="default",
        status=status,
        attrition=tuple(released.ReleasedStep(s.step, s.n, s.lost, s.n / submitted, s.reason) for s in findings.attrition),
        linkage=_linkage(findings),
        headline_analysis=findings.headline_analysis,
        headline_outcome=findings.headline_outcome,
        verdict=head[0].verdict if head else "withheld",
        analyses=analyses,
        deviations=findings.deviations,
        warnings=findings.warnings,
        symbols={"c": "[c]", "x": "[x]", "z": "[z]", "low": "[low]"},
        secondary_tests=sum(o.role == "secondary" and o.effect is not None for a in findings.analyses for o in a.outcomes),
    )
    return seal(replace(release, **changes))


def seal(release: Release) -> Releasable:
    """A Releasable of this release, with one decision."""
    decision = released.Decision("group_size", "everyone", "pass", "")
    return Releasable(release, (decision,), seal=released._SEAL)


def _linkage(findings: Findings) -> released.ReleasedLinkage | None:
    quality = findings.linkage
    if quality is None:
        return None
    groups = tuple(released.ReleasedGroup(g.characteristic, g.level, g.submitted, g.linked / g.submitted) for g in quality.groups)
    return released.ReleasedLinkage(
        quality.linked_share, quality.false_links, quality.missed_links, quality.lost_to_blocking, quality.awaiting_review, groups
    )


def _analysis(found: AnalysisFindings) -> released.ReleasedAnalysis:
    people = released.ReleasedPeople(
        found.people.treated, found.people.matched, found.people.pool, found.people.comparison, found.people.effective
    )
    return released.ReleasedAnalysis(
        name=found.name,
        status=found.status,
        reason=found.reason,
        small_group=30 <= found.people.matched < 60,
        people=people,
        balance=_balance(found),
        outcomes=tuple(_outcome(outcome) for outcome in found.outcomes),
        survival=_survival(found),
        overlap=_overlap(found),
        profile=tuple(released.ReleasedProfile(p.label, p.level, p.analysed_mean, p.left_out_mean) for p in found.profile),
        match_settings=found.match_settings,
        warnings=found.warnings,
        subgroups=tuple(released.ReleasedSubgroup(s.name, s.share_treated, s.share_comparison) for s in found.subgroups),
        sensitivity=tuple(exact_sensitivity(line, _label(found, line.subject)) for line in found.sensitivity),
    )


def _label(found: AnalysisFindings, covariate: str) -> str:
    return next((line.label for line in found.balance.covariates if line.covariate == covariate), "") if found.balance else ""


def _balance(found: AnalysisFindings) -> released.ReleasedBalance | None:
    b = found.balance
    if b is None:
        return None
    lines = tuple(
        released.ReleasedCovariate(
            c.covariate,
            c.level,
            c.label,
            c.family,
            c.mean_treated_before,
            c.mean_pool_before,
            c.mean_treated,
            c.mean_pool,
            c.smd_before,
            c.smd,
            band(c.smd_before),
            band(c.smd),
            c.variance_ratio,
        )
        for c in b.covariates
    )
    return released.ReleasedBalance(
        b.passed, b.reasons, b.max_smd, b.share_within_5pc, b.worst, b.overlap_share, b.largest_weight_share, lines
    )


def _effect(effect: Effect | None, outcome: OutcomeResult) -> released.ReleasedEffect | None:
    if effect is None:
        return None
    values = {name: value for name, value in asdict(effect).items() if name != "df"}
    return released.ReleasedEffect(scale="difference", p_holm=outcome.p_holm, role=outcome.role, **values)


def _outcome(o: OutcomeResult) -> released.ReleasedOutcome:
    same = ("status", "reason", "role", "n_treated", "n_comparison", "effective_comparison", "treated", "comparison")
    more = ("comparison_plain", "verdict", "stated_effect", "smallest_effect", "notes")
    return released.ReleasedOutcome(
        measure=o.measure.name,
        label=o.measure.label,
        kind=o.measure.kind,
        unit=o.measure.unit,
        favourable=o.measure.favourable,
        among=o.measure.among,
        known_before=o.measure.known_before,
        people_needed=released.Suppressed("z") if o.people_needed is None else o.people_needed,
        unadjusted=_effect(o.unadjusted, o),
        effect=_effect(o.effect, o),
        classic=_effect(o.classic, o),
        **{name: getattr(o, name) for name in (*same, *more)},
    )


def _survival(found: AnalysisFindings) -> released.ReleasedSurvival | None:
    s = found.survival
    if s is None:
        return None
    t, c = s.treated, s.comparison
    points = tuple(
        released.ReleasedCurvePoint(
            d,
            float(t.surviving[d]),
            float(t.low[d]),
            float(t.high[d]),
            int(t.at_risk[d]),
            float(c.surviving[d]),
            float(c.low[d]),
            float(c.high[d]),
            int(c.at_risk[d]),
        )
        for d in CURVE_DAYS
    )
    return released.ReleasedSurvival(points, s.horizon, _effect(s.rmst, found.outcomes[0]), s.landmarks)


def _overlap(found: AnalysisFindings) -> tuple[released.ReleasedOverlapBin, ...]:
    o = found.overlap
    if o is None:
        return ()
    t, p = o.treated / o.treated.sum(), o.pool / o.pool.sum()
    return tuple(
        released.ReleasedOverlapBin(
            float(o.edges[i]), float(o.edges[i + 1]), float(t[i]), float(p[i]), float(o.comparison_weight[i])
        )
        for i in range(t.size)
    )
