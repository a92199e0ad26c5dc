"""The strict profile: every published count a multiple of 5, totals the sum of rounded parts, shares made of such counts."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.outcomes import round_effect
from datalab.disclosure.results import (
    Number,
    Release,
    ReleasedAnalysis,
    ReleasedBalance,
    ReleasedCovariate,
    ReleasedCurvePoint,
    ReleasedDeaths,
    ReleasedEffect,
    ReleasedExpectation,
    ReleasedFeasibility,
    ReleasedGroup,
    ReleasedOutcome,
    ReleasedPeople,
    ReleasedStep,
    ReleasedSurvival,
    Suppressed,
)
from datalab.disclosure.sensitivity import strict_line
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, coarse


def rounded_count(count: Number, base: int) -> Number:
    """A count as the nearest multiple of `base`, halves up.

    >>> rounded_count(32, 5), rounded_count(33, 5)
    (30, 35)
    """
    return count if isinstance(count, Suppressed) else base * int((count + base / 2) // base)


def rounded_share(share: Number, size: Number, base: int, published: Number | None = None) -> Number:
    """A share of `size` people as rounded part over rounded whole; hidden where that would be 0 % or 100 %.

    published: the whole as it stands in the release, where that is a sum of rounded parts. With the size hidden, two decimals.
    """
    if isinstance(share, Suppressed):
        return share
    whole = rounded_count(size, base) if published is None else published
    if isinstance(whole, Suppressed) or isinstance(size, Suppressed) or whole == 0:
        return coarse(share, "share")
    part = rounded_count(share * size, base)
    value = 0.0 if isinstance(part, Suppressed) else part / whole
    return value if 0 < value < 1 else CONFIDENTIAL


def round_release(release: Release, thresholds: Thresholds) -> Release:
    """The release in the strict profile; works on what the default profile shows, so nothing hidden comes back."""
    base = thresholds.base
    attrition = round_ladder(release.attrition, base)
    linkage = release.linkage
    if linkage is not None:
        share = next((step.percent for step in attrition if step.step == "linked"), CONFIDENTIAL)
        groups = tuple(_round_group(group, base) for group in linkage.groups)
        awaiting = rounded_count(linkage.awaiting_review, base)
        linkage = replace(linkage, linked_share=share, awaiting_review=awaiting, groups=groups)
    analyses = tuple(_round_analysis(analysis, base) for analysis in release.analyses)
    died = release.deaths
    deaths = None if died is None else ReleasedDeaths(rounded_count(died.treated, base), rounded_count(died.pool, base))
    sizes = {analysis.name: analysis.people for analysis in release.analyses}
    feasibility = tuple(_round_feasibility(answer, sizes[answer.analysis], base) for answer in release.feasibility)
    needs = tuple(
        replace(run, n_treated=rounded_count(run.n_treated, base), n_comparison=rounded_count(run.n_comparison, base))
        for run in release.needs
    )
    rounded = replace(release, attrition=attrition, linkage=linkage, analyses=analyses, deaths=deaths)
    return replace(rounded, feasibility=feasibility, needs=needs)


def _round_feasibility(answer: ReleasedFeasibility, people: ReleasedPeople, base: int) -> ReleasedFeasibility:
    years = tuple(
        replace(
            year, analysed=rounded_share(year.analysed, people.matched, base), pool=rounded_share(year.pool, people.pool, base)
        )
        for year in answer.years
    )
    return replace(answer, expectations=tuple(_round_expectation(line, base) for line in answer.expectations), years=years)


def _round_expectation(line: ReleasedExpectation, base: int) -> ReleasedExpectation:
    level = coarse(line.base, "share" if line.kind == "binary" else "other")
    return replace(
        line,
        expected_people=rounded_count(line.expected_people, base),
        base=level if line.kind != "binary" or isinstance(level, Suppressed) or 0 < level < 1 else CONFIDENTIAL,
        people_needed=rounded_count(line.people_needed, base),
    )


def round_ladder(steps: tuple[ReleasedStep, ...], base: int) -> tuple[ReleasedStep, ...]:
    """The ladder from its end upward: the last count and every loss are rounded, the counts above are their sums."""
    if not steps:
        return ()
    n = rounded_count(steps[-1].n, base)
    reversed_steps = []
    for step in reversed(steps):
        lost = rounded_count(step.lost, base)
        reversed_steps.append(replace(step, n=n, lost=lost))
        n = CONFIDENTIAL if isinstance(n, Suppressed) or isinstance(lost, Suppressed) else n + lost
    first = reversed_steps[-1].n
    return tuple(replace(step, percent=_over(step.n, first)) for step in reversed(reversed_steps))


def _over(part: Number, whole: Number) -> Number:
    if isinstance(part, Suppressed) or isinstance(whole, Suppressed):
        return CONFIDENTIAL
    return part / whole


def _round_group(group: ReleasedGroup, base: int) -> ReleasedGroup:
    share = rounded_share(group.linked_share, group.submitted, base)
    return replace(group, submitted=rounded_count(group.submitted, base), linked_share=share)


def _round_people(people: ReleasedPeople, base: int) -> ReleasedPeople:
    """Head-counts; all treated are the analysed plus the rounded number of those left out."""
    matched = rounded_count(people.matched, base)
    treated = people.treated
    if not any(isinstance(value, Suppressed) for value in (treated, people.matched, matched)):
        treated = matched + rounded_count(treated - people.matched, base)  # type: ignore[operator]
    return ReleasedPeople(
        treated=rounded_count(treated, base),
        matched=matched,
        pool=rounded_count(people.pool, base),
        comparison=rounded_count(people.comparison, base),
        effective_pool=rounded_count(people.effective_pool, base),
    )


def _round_analysis(analysis: ReleasedAnalysis, base: int) -> ReleasedAnalysis:
    people, published = analysis.people, _round_people(analysis.people, base)
    profile = tuple(
        replace(
            line,
            analysed=_value(line.analysed, line.level, people.matched, base),
            left_out=coarse(line.left_out, _unit(line.level)),
        )
        for line in analysis.profile
    )
    overlap = tuple(
        replace(
            entry,
            treated=rounded_share(entry.treated, people.treated, base, published.treated),
            pool=rounded_share(entry.pool, people.pool, base),
        )
        for entry in analysis.overlap
    )
    return replace(
        analysis,
        people=published,
        balance=None if analysis.balance is None else _round_balance(analysis.balance, people, published, base),
        outcomes=tuple(_round_outcome(outcome, base) for outcome in analysis.outcomes),
        survival=None if analysis.survival is None else _round_survival(analysis.survival, people, base),
        overlap=overlap,
        profile=profile,
        match_settings=_round_settings(analysis.match_settings, base),
        subgroups=tuple(
            replace(
                group,
                treated=rounded_share(group.treated, people.matched, base),
                comparison=coarse(group.comparison, "share"),
            )
            for group in analysis.subgroups
        ),
        sensitivity=tuple(strict_line(line) for line in analysis.sensitivity),
    )


def _round_settings(settings: dict[str, str], base: int) -> dict[str, str]:
    """The settings of the match; of the counts only the people trimmed, rounded like all others."""
    trimmed = settings.get("trimmed", "")
    return {**settings, "trimmed": str(rounded_count(int(trimmed), base))} if trimmed.isdigit() else settings


def _unit(level: str) -> str:
    return "share" if level else "other"


def _value(value: Number, level: str, size: Number, base: int, published: Number | None = None) -> Number:
    return rounded_share(value, size, base, published) if level else coarse(value, "other")


def _round_balance(balance: ReleasedBalance, people: ReleasedPeople, published: ReleasedPeople, base: int) -> ReleasedBalance:
    lines = tuple(_round_line(line, people, published.treated, base) for line in balance.covariates)
    return replace(
        balance,
        max_smd=coarse(balance.max_smd, "share"),
        overlap_share=coarse(balance.overlap_share, "share"),
        covariates=lines,
    )


def _round_line(line: ReleasedCovariate, people: ReleasedPeople, all_treated: Number, base: int) -> ReleasedCovariate:
    """Means of rounded counts; standardised differences to 2 decimals, since the exact ones would bring the means back.

    all_treated: their number as it is published.
    """
    return replace(
        line,
        treated_before=_value(line.treated_before, line.level, people.treated, base, all_treated),
        pool_before=_value(line.pool_before, line.level, people.pool, base),
        treated=_value(line.treated, line.level, people.matched, base),
        comparison=coarse(line.comparison, _unit(line.level)),
        smd_before=coarse(line.smd_before, "share"),
        smd=coarse(line.smd, "share"),
        variance_ratio=coarse(line.variance_ratio, "other"),
    )


def _round_outcome(outcome: ReleasedOutcome, base: int) -> ReleasedOutcome:
    """Sizes and the treated rate of rounded counts; the comparison is that minus the effect, so that columns subtract."""
    binary = outcome.kind == "binary"
    treated = rounded_share(outcome.treated, outcome.n_treated, base) if binary else coarse(outcome.treated, "other")
    estimate = outcome.effect.estimate if outcome.effect else CONFIDENTIAL
    subtracts = not isinstance(treated, Suppressed) and not isinstance(estimate, Suppressed)
    return replace(
        outcome,
        n_treated=rounded_count(outcome.n_treated, base),
        n_comparison=rounded_count(outcome.n_comparison, base),
        effective_comparison=rounded_count(outcome.effective_comparison, base),
        treated=treated,
        comparison=round(treated - estimate, 10) if subtracts else outcome.comparison,  # type: ignore[operator]
        comparison_plain=coarse(outcome.comparison_plain, "share" if binary else "other"),
        effect=None if outcome.effect is None else replace(outcome.effect, ratio=coarse(outcome.effect.ratio, "share")),
        # Of whole groups: exact, it is a/N - b/M with one pair of whole numbers a and b, whatever N and M are rounded to.
        unadjusted=_without_ratio(round_effect(outcome.unadjusted, "share" if binary else "other")),
        classic=_without_ratio(outcome.classic),
    )


def _without_ratio(effect: ReleasedEffect | None) -> ReleasedEffect | None:
    """The difference alone: with the ratio as well, both exact means could be solved for."""
    return None if effect is None else replace(effect, ratio=CONFIDENTIAL, ratio_low=CONFIDENTIAL, ratio_high=CONFIDENTIAL)


def _round_survival(survival: ReleasedSurvival, people: ReleasedPeople, base: int) -> ReleasedSurvival:
    def point(entry: ReleasedCurvePoint) -> ReleasedCurvePoint:
        return replace(
            entry,
            treated=rounded_share(entry.treated, people.matched, base),
            treated_low=coarse(entry.treated_low, "share"),
            treated_high=coarse(entry.treated_high, "share"),
            comparison=coarse(entry.comparison, "share"),
            comparison_low=coarse(entry.comparison_low, "share"),
            comparison_high=coarse(entry.comparison_high, "share"),
        )

    landmarks = tuple((day, rounded_share(a, people.matched, base), coarse(b, "share")) for day, a, b in survival.landmarks)
    return replace(survival, points=tuple(point(entry) for entry in survival.points), landmarks=landmarks)
