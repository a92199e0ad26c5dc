"""One analysis for release: its people, balance, outcomes, curves and profile, each behind its own rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datalab.disclosure.cautions import TRIMMED, release_warnings
from datalab.disclosure.checks import check_group, failed, passed
from datalab.disclosure.covariates import (
    Conditions,
    HiddenSizes,
    line_decisions,
    release_balance,
    release_lines,
    release_profile,
    without_means,
)
from datalab.disclosure.curves import release_overlap, release_survival
from datalab.disclosure.evidence import group_evidence
from datalab.disclosure.groups import Ladder, release_people
from datalab.disclosure.outcomes import release_outcomes
from datalab.disclosure.reasons import neutral
from datalab.disclosure.results import Decision, ReleasedAnalysis, ReleasedPeople, Suppressed
from datalab.disclosure.sensitivity import release_sensitivity
from datalab.disclosure.subgroups import release_subgroups
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, NOT_APPLICABLE
from datalab.effects.results import AnalysisFindings

CLOSE = "disclosure.withheld.close_analysis"
BEFORE_FROM_ANALYSED = "disclosure.notes.before_from_analysed"


@dataclass(frozen=True)
class Context:
    """What an analysis must know of the rest: counts the ladder shows, whether with the other analyses it would tell of a
    few people, and whether these are research estimates of a match that failed.

    is_part: not the headline, so its people are part of others' too and its means could be subtracted from theirs.
    hide_pool: the size of its pool, beside others', counts a few people. direction_only: measures that, taken from another
    analysis, would leave a few people with or without the event. parts: conditions of the other analyses that are shown;
    parts_treated: of those that show all their treated; pool_parts: of those whose pool's size is hidden. hide_treated: all
    treated of the headline are hidden, whose sum those of the others may be.
    """

    ladder: Ladder
    is_close: bool
    research: bool
    is_part: bool = False
    hide_pool: bool = False
    direction_only: frozenset[str] = frozenset()
    parts: Conditions = ()
    parts_treated: Conditions = ()
    pool_parts: Conditions = ()
    hide_treated: bool = False

    @property
    def told(self) -> tuple[Conditions, Conditions, Conditions]:
        """The conditions of the others, in the order of `HiddenSizes`."""
        return self.parts, self.parts_treated, self.pool_parts


def release_analysis(
    found: AnalysisFindings, context: Context, thresholds: Thresholds
) -> tuple[ReleasedAnalysis, tuple[Decision, ...]]:
    """The analysis as it may be shown, and the decisions."""
    group = check_group(group_evidence(found), found.name, thresholds)
    nested = (failed if context.is_close else passed)("close_analysis", found.name, *(("withheld",) if context.is_close else ()))
    decisions = (*group, nested)
    if reason := _why_nothing(found, decisions):
        status = _status_of(found, reason)
        people = _people(found, context, thresholds)
        if context.is_part and found.status != "not_possible" and isinstance(people.matched, Suppressed):
            # "Fewer than 30" of a part, or "a few outside it", would count them beside the whole.
            status, reason = "withheld", CLOSE
        return _empty(found, status, reason, people), decisions
    return _released(found, context, decisions, thresholds)


def _why_nothing(found: AnalysisFindings, decisions: tuple[Decision, ...]) -> str:
    """The wording key of why an analysis shows no result at all, "" where it may."""
    if found.status == "not_possible":
        return found.reason
    reasons = {
        "treated_minimum": "too_few_treated",
        "comparison_minimum": "too_few_comparison",
        "close_analysis": "close_analysis",
    }
    for decision in decisions:
        if decision.outcome == "fail":
            return f"disclosure.withheld.{reasons[decision.rule]}"
    return (found.reason or "disclosure.withheld.too_few_treated") if found.status == "too_few" else ""


def _status_of(found: AnalysisFindings, reason: str) -> str:
    if reason == CLOSE:
        return "withheld"
    return "too_few" if found.status == "estimated" else found.status


def _people(found: AnalysisFindings, context: Context, thresholds: Thresholds) -> ReleasedPeople:
    if found.status == "not_possible":
        return ReleasedPeople(*(NOT_APPLICABLE,) * 5)
    if context.is_close:
        return ReleasedPeople(*(CONFIDENTIAL,) * 5)
    people = release_people(found.people, context.ladder, thresholds)
    people = replace(people, treated=CONFIDENTIAL) if context.hide_treated else people
    return replace(people, pool=CONFIDENTIAL) if context.hide_pool else people


def _empty(found: AnalysisFindings, status: str, reason: str, people: ReleasedPeople) -> ReleasedAnalysis:
    settings = {name: value for name, value in found.match_settings.items() if name != TRIMMED}
    return ReleasedAnalysis(
        name=found.name,
        status=status,
        reason=neutral(reason),
        small_group=False,
        people=people,
        balance=None,
        outcomes=(),
        survival=None,
        overlap=(),
        profile=(),
        match_settings=settings,
        warnings=release_warnings(found, people, settings),
        conditions=found.conditions,
    )


def safe_settings(found: AnalysisFindings, people: ReleasedPeople, thresholds: Thresholds) -> dict[str, str]:
    """The settings of the match; the number of people trimmed only where it is no small cell, and leaves none by subtraction.

    Those trimmed are among those left out, whose number is shown: the rest of them must be nobody or enough people too.
    """
    settings = dict(found.match_settings)
    if TRIMMED in settings:
        trimmed, left_out = int(settings[TRIMMED]), found.people.treated - found.people.matched
        hidden = isinstance(people.treated, Suppressed) or isinstance(people.matched, Suppressed)
        if hidden or thresholds.is_small(trimmed) or thresholds.is_close(trimmed, left_out):
            settings[TRIMMED] = str(CONFIDENTIAL)
    return settings


def _released(
    found: AnalysisFindings, context: Context, decisions: tuple[Decision, ...], thresholds: Thresholds
) -> tuple[ReleasedAnalysis, tuple[Decision, ...]]:
    """An analysis whose groups are large enough; outcomes only of a balanced match."""
    left_out = found.people.treated - found.people.matched
    people = _people(found, context, thresholds)
    sizes = HiddenSizes(isinstance(people.treated, Suppressed), isinstance(people.pool, Suppressed), *context.told)
    lines = () if found.balance is None else release_lines(found.balance, sizes, thresholds)
    balanced = found.status == "estimated" and not context.research
    shut = context.direction_only
    outcomes, outcome_decisions = release_outcomes(found, left_out, thresholds, shut, context.is_part) if balanced else ((), ())
    subgroups, subgroup_decisions = release_subgroups(found, thresholds) if balanced else ((), ())
    made = () if found.balance is None else line_decisions(lines, len(found.balance.covariates), found.name)
    sensitivity, line_made = release_sensitivity(found, outcomes, lines, thresholds) if balanced else ((), ())
    settings = safe_settings(found, people, thresholds)
    stands_in = any(item.stands_in for item in lines) and not context.is_part
    balance = None if found.balance is None else release_balance(found.balance, lines, found.people, thresholds)
    released = ReleasedAnalysis(
        name=found.name,
        status=found.status,
        reason=neutral(found.reason),
        small_group=found.people.matched < thresholds.small_group_below,
        people=people,
        balance=without_means(balance) if balance is not None and context.is_part else balance,
        outcomes=outcomes,
        survival=release_survival(found, outcomes, thresholds) if balanced else None,
        overlap=release_overlap(found.overlap, found.people, thresholds),
        # Shares of those left out tell how many they are, and so how many were treated.
        profile=() if sizes.treated or context.is_part else release_profile(found.profile, lines, left_out, thresholds),
        match_settings=settings,
        warnings=release_warnings(found, people, settings) + ((BEFORE_FROM_ANALYSED,) if stands_in else ()),
        subgroups=subgroups,
        sensitivity=sensitivity,
        conditions=found.conditions,
    )
    return released, (*decisions, *made, *outcome_decisions, *subgroup_decisions, *line_made)
