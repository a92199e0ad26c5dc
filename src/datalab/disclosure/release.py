"""Builds and seals releases: `own_data` for a person's own table, `control` for everything else."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.domain import PROFILES, require_known
from datalab.disclosure.exact import exact_analysis, exact_linkage, exact_outcome, exact_steps
from datalab.disclosure.results import _SEAL, Decision, Releasable, Release, ReleasedAnalysis
from datalab.disclosure.safety import require_known_types, require_safe_release
from datalab.disclosure.thresholds import Thresholds, load_thresholds, require_floor
from datalab.effects.results import AnalysisFindings, Findings
from datalab.errors import InternalError
from datalab.wording.render import words


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
    )
    require_known_types(release)
    return Releasable(release, (Decision("own_data", findings.study_id, "pass", ""),), seal=_SEAL)


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
    )
