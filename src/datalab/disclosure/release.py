"""Builds and seals releases: `own_data` for a person's own table, `control` for everything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from datalab.constraints import Options, require
from datalab.disclosure.analysis import Context, release_analysis
from datalab.disclosure.checks import failed
from datalab.disclosure.covariates import Conditions
from datalab.disclosure.differences import Admission, admit, in_order
from datalab.disclosure.domain import PROFILES, require_known
from datalab.disclosure.exact import exact_analysis, exact_deaths, exact_linkage, exact_outcome, exact_steps
from datalab.disclosure.expectations import release_feasibility
from datalab.disclosure.groups import Ladder, release_deaths, release_ladder, release_linkage, release_people
from datalab.disclosure.needs import release_needs
from datalab.disclosure.nested import narrowing
from datalab.disclosure.results import _SEAL, Decision, Releasable, Release, ReleasedAnalysis, Suppressed
from datalab.disclosure.rounding import round_release
from datalab.disclosure.safety import require_known_types, require_safe_release
from datalab.disclosure.said import require_known_words
from datalab.disclosure.stored import read_document, release_document
from datalab.disclosure.thresholds import FLOOR, Thresholds, is_tighter, load_thresholds, require_floor
from datalab.effects.results import AnalysisFindings, Findings, OutcomeResult
from datalab.errors import InternalError
from datalab.wording.render import say, words


def own_data(findings: Findings) -> Releasable:
    """A release of someone's own table: every number as found, since its owner holds every row.

    status "own_data", or "balance_failed" where a match failed its gate; estimates that were asked for in spite of that
    are kept and the verdict is "withheld" throughout. Raises InternalError for findings of a kind it has no rule for.
    """
    require_known(findings)
    small_group_below = load_thresholds().small_group_below
    analyses = tuple(_own_analysis(found, findings.research, small_group_below) for found in findings.analyses)
    failed = findings.research or _headline(findings).status == "balance_failed"
    release = replace(
        _frame(findings, analyses),
        disclosure_profile="none",
        status="balance_failed" if failed else "own_data",
        attrition=exact_steps(findings.attrition),
        linkage=None if findings.linkage is None else exact_linkage(findings.linkage),
        deaths=exact_deaths(findings.deaths),
    )
    require_known_types(release)
    return Releasable(release, (Decision("own_data", findings.study_id, "pass", ""),), seal=_SEAL)


def control(findings: Findings, profile: str = "default", thresholds: Thresholds | None = None) -> Releasable:
    """The release that disclosure control lets out of the findings, with every decision (design 2.9).

    profile: "default" prints group sizes exactly, as the real service does; "strict" rounds every count to 5.
    thresholds: the package's own where None; never looser than the built-in floor.
    An analysis that is too small, of whom a few could be counted by subtraction from the others, or not balanced keeps its
    name, its reason and what is safe of its counts and balance, and has no outcome; one that the data named and that holds
    hardly anybody is counted only. Findings of a research run give a release without outcomes,
    status "balance_failed". Raises UsageError for an unknown profile or loose thresholds, InternalError for anything in
    the findings that no rule was written for, or where the last gate refuses what was made.
    """
    require({"profile": Options(PROFILES)}, {"profile": profile})
    limits = require_floor(thresholds or load_thresholds())
    findings = _told_of_limits(findings, limits)
    require_known(findings)
    require_known_words(findings)
    headline = _headline(findings)
    ladder = release_ladder(findings.attrition, headline.people.matched, limits, _least_left_out(findings, limits))
    linkage, linkage_decisions = release_linkage(findings.linkage, ladder, limits)
    deaths, death_decisions = release_deaths(findings.deaths, headline.people, limits)
    analyses, decisions, admission = _controlled_analyses(findings, ladder, limits)
    needs, needs_decisions = release_needs(findings.needs, admission, limits)
    # A feasibility study is an answer of its own, whatever it says of the match.
    failed = findings.research or (headline.status == "balance_failed" and findings.kind != "feasibility")
    feasibility, expected_decisions = release_feasibility(findings, analyses, limits)
    release = replace(
        _frame(findings, analyses),
        disclosure_profile=profile,
        status="balance_failed" if failed else "released",
        attrition=ladder.steps,
        linkage=linkage,
        deaths=deaths,
        feasibility=feasibility,
        needs=needs,
        unnamed_analyses=len(findings.analyses) - len(analyses),
    )
    if profile == "strict":
        release = round_release(release, limits)
    require_safe_release(release, limits)
    of_people = (*ladder.decisions, *linkage_decisions, *death_decisions)
    made = (*of_people, *decisions, *needs_decisions, *expected_decisions)
    return Releasable(release, made, seal=_SEAL)


def _told_of_limits(findings: Findings, limits: Thresholds) -> Findings:
    """The sentences of a report name the ordinary limits: where stricter ones were in force, the report says so."""
    if not is_tighter(limits, FLOOR):
        return findings
    return replace(findings, warnings=(*findings.warnings, say("disclosure.thresholds.tighter")))


def restore(document: Any, *, own: bool) -> Releasable:
    """The Releasable of a stored document, through the last gate again: what control would refuse is refused here too.

    own: whether it is a release of a person's own table, which the run's manifest says, never the document. Raises
    InputError where the document is not one, InternalError where the gate refuses what it holds.
    """
    release, decisions = read_document(document)
    if own != (release.disclosure_profile == "none"):
        raise InternalError("A stored release is not of the kind that its manifest says.")
    if own:
        require_known_types(release)
    else:
        require_safe_release(release, require_floor(load_thresholds()))
    return Releasable(release, decisions, seal=_SEAL)


def as_stored(releasable: Releasable) -> Releasable:
    """The Releasable as it reads back from its document: what every format of a report is written from."""
    release = releasable.release
    return restore(release_document(release, releasable.decisions), own=release.disclosure_profile == "none")


def _controlled_analyses(
    findings: Findings, ladder: Ladder, thresholds: Thresholds
) -> tuple[tuple[ReleasedAnalysis, ...], tuple[Decision, ...], Admission]:
    """Every analysis that may be named; one that with the others would tell of a few people is withheld."""
    named = tuple(found for found in findings.analyses if may_be_named(found, thresholds))
    admission = _admit(named, findings, ladder, thresholds)
    done: dict[str, ReleasedAnalysis] = {}
    decisions: list[Decision] = []
    for found in in_order(named, findings.headline_analysis):
        context = _context(found, findings, ladder, admission, thresholds)
        done[found.name], made = release_analysis(found, context, thresholds)
        decisions += made
    if len(named) < len(findings.analyses):
        decisions.append(failed("small_level", "analyses", "merged"))
    return tuple(done[found.name] for found in named), tuple(decisions), admission


def _admit(named: tuple[AnalysisFindings, ...], findings: Findings, ladder: Ladder, thresholds: Thresholds) -> Admission:
    """Who may be shown beside whom: neither people nor levels of the headline's table may be worked out of the sizes."""
    admission = admit(named, findings.headline_analysis, thresholds, findings.needs)
    head = _headline(findings)
    beside = _shown_beside(head, findings, admission, ladder, thresholds)
    others = [found for found in in_order(named, findings.headline_analysis) if any(found is one for one in beside)]
    hidden = _hidden_pools(findings, admission, thresholds)
    return replace(admission, withheld=admission.withheld | narrowing(head, others, thresholds), pool_hidden=hidden)


def _hidden_pools(findings: Findings, admission: Admission, thresholds: Thresholds) -> frozenset[str]:
    """Analyses whose pool is not counted: those few people away from another number, and those whose pools add up with them.

    The pools of the parts of one division are what is left of the whole's beside each other.
    """
    near = {
        found.name: {variable for variable, _ in found.conditions}
        for found in findings.analyses
        if found.name in admission.pool_hidden or thresholds.is_close(found.people.pool, found.people.comparison)
    }
    divided = set().union(*near.values())
    everybody = findings.headline_analysis in near
    beside = {
        found.name
        for found in findings.analyses
        if found.conditions and (everybody or any(variable in divided for variable, _ in found.conditions))
    }
    return frozenset(near) | beside


def may_be_named(found: AnalysisFindings, thresholds: Thresholds) -> bool:
    """False where a name that the data made would tell that somebody, and hardly anybody, is there."""
    return found.planned or not thresholds.is_small(found.people.treated)


def _context(
    found: AnalysisFindings, findings: Findings, ladder: Ladder, admission: Admission, thresholds: Thresholds
) -> Context:
    is_headline = found.name == findings.headline_analysis
    others = _shown_beside(found, findings, admission, ladder, thresholds)
    head = _headline(findings)
    is_hidden = head.people.treated - head.people.matched < ladder.least or not _shows_treated(head, ladder, thresholds)
    return Context(
        ladder=ladder,
        is_close=_is_close(found, admission, ladder, thresholds),
        research=findings.research,
        is_part=not is_headline,
        hide_pool=found.name in admission.pool_hidden,
        direction_only=frozenset(measure for name, measure in admission.direction_only if name == found.name),
        parts=_conditions(others),
        parts_treated=_conditions(() if is_hidden else (one for one in others if _shows_treated(one, ladder, thresholds))),
        pool_parts=_conditions(one for one in others if one.name in admission.pool_hidden),
        hide_treated=is_hidden,
    )


def _least_left_out(findings: Findings, thresholds: Thresholds) -> int:
    """How many without a match must be told of at least, where a part has a few of them."""
    parts = (found.people for found in findings.analyses if found.name != findings.headline_analysis)
    few = [people.treated - people.matched for people in parts if thresholds.is_close(people.treated, people.matched)]
    return max(few) + thresholds.width if few else 0


def _conditions(analyses: Iterable[AnalysisFindings]) -> Conditions:
    return tuple(condition for found in analyses for condition in found.conditions)


def _shows_treated(found: AnalysisFindings, ladder: Ladder, thresholds: Thresholds) -> bool:
    return not isinstance(release_people(found.people, ladder, thresholds).treated, Suppressed)


def _is_close(found: AnalysisFindings, admission: Admission, ladder: Ladder, thresholds: Thresholds) -> bool:
    """Whether the size of an analysis, beside another number, would tell of a few people."""
    beside_ladder = found.status != "not_possible" and any(thresholds.is_close(found.people.matched, n) for n in ladder.shown)
    return found.name in admission.withheld or beside_ladder


def _shown_beside(
    found: AnalysisFindings, findings: Findings, admission: Admission, ladder: Ladder, thresholds: Thresholds
) -> tuple[AnalysisFindings, ...]:
    """The other analyses whose number of people is shown."""
    return tuple(
        other
        for other in findings.analyses
        if other is not found
        and not _is_close(other, admission, ladder, thresholds)
        and not thresholds.is_small(other.people.matched)
    )


def _own_analysis(found: AnalysisFindings, research: bool, small_group_below: int) -> ReleasedAnalysis:
    analysis = exact_analysis(found, found.people.matched < small_group_below)
    if not research and found.status == "estimated":
        return analysis
    return replace(analysis, outcomes=tuple(replace(exact_outcome(result), verdict="withheld") for result in found.outcomes))


def _headline(findings: Findings) -> AnalysisFindings:
    """The headline analysis. Raises InternalError where the findings name one that they do not hold."""
    for analysis in findings.analyses:
        if analysis.name == findings.headline_analysis:
            return analysis
    raise InternalError("The findings do not hold the headline analysis that they name.")


def _verdict(findings: Findings, analyses: tuple[ReleasedAnalysis, ...]) -> str:
    """The headline's verdict by its own name; "withheld" where it has none to show."""
    for analysis in analyses:
        for outcome in analysis.outcomes if analysis.name == findings.headline_analysis else ():
            if outcome.measure == findings.headline_outcome and outcome.status == "estimated" and not findings.research:
                return outcome.verdict
    return "withheld"


def _frame(findings: Findings, analyses: tuple[ReleasedAnalysis, ...]) -> Release:
    """The release but for what differs between one's own data and a controlled release."""
    return Release(
        kind=findings.kind,
        study_id=findings.study_id,
        title=findings.title,
        programme=findings.programme,
        follow_up_months=findings.follow_up_months,
        plan_sha256=findings.plan_sha256,
        synthetic=findings.synthetic,
        disclosure_profile="default",
        status="released",
        attrition=(),
        linkage=None,
        headline_analysis=findings.headline_analysis,
        headline_outcome=findings.headline_outcome,
        verdict=_verdict(findings, analyses),
        analyses=analyses,
        deviations=findings.deviations,
        warnings=findings.warnings,
        symbols=dict(words("disclosure")["symbols"]),
        secondary_tests=sum(_is_further_test(outcome) for found in findings.analyses for outcome in found.outcomes),
    )


def _is_further_test(outcome: OutcomeResult) -> bool:
    """True for a test beside the headline: the p of each is adjusted for the number of them all, shown or not."""
    return outcome.role == "secondary" and outcome.verdict != "withheld"
