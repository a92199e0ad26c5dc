"""The last gate: walks a whole release before it is sealed and raises on anything that no rule let through."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise

from datalab.disclosure import results as kinds
from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedOutcome, Suppressed
from datalab.disclosure.thresholds import Thresholds
from datalab.effects.results import Programme
from datalab.errors import InternalError

_RELEASED = (
    kinds.Release,
    kinds.ReleasedStep,
    kinds.ReleasedGroup,
    kinds.ReleasedLinkage,
    kinds.ReleasedPeople,
    kinds.ReleasedCovariate,
    kinds.ReleasedBalance,
    kinds.ReleasedEffect,
    kinds.ReleasedOutcome,
    kinds.ReleasedCurvePoint,
    kinds.ReleasedSurvival,
    kinds.ReleasedOverlapBin,
    kinds.ReleasedProfile,
    kinds.ReleasedDeaths,
    kinds.ReleasedExpectation,
    kinds.ReleasedCriterion,
    kinds.ReleasedFeasibility,
    kinds.ReleasedYear,
    kinds.ReleasedSubgroup,
    kinds.ReleasedSensitivity,
    kinds.ReleasedAnalysis,
    kinds.ReleasedNeedsRun,
    kinds.ReleasedNeedsOutcome,
    Programme,
)
_SYMBOLS = frozenset({"c", "x", "z", "low"})


def require_known_types(release: Release) -> None:
    """Raises InternalError unless every leaf is text, a truth value, a finite number or a known `Suppressed`."""
    for path, value in walk(release):
        if isinstance(value, (float, int)) and not math.isfinite(value):
            raise InternalError(f"A release holds a number that is not finite at {path}.")
        if isinstance(value, Suppressed) and value.symbol not in _SYMBOLS:
            raise InternalError(f"A release holds an unknown symbol at {path}.")


def require_safe_release(release: Release, thresholds: Thresholds) -> Release:
    """The release, if every rule that can be checked on its face holds; the check knows nothing of how it was made.

    Checked: known types and finite numbers; no count of people under the cell minimum anywhere; every analysis with
    results has its treated and comparison people; a share of people lies strictly between 0 and 1; a rate's implied
    numbers with and without the event; the differences that can be had by subtraction; that a failed balance carries no
    outcome. Raises InternalError: nothing is released then.
    """
    require_known_types(release)
    faults = [
        *_ladder_faults(release, thresholds),
        *_linkage_faults(release, thresholds),
        *_deaths_faults(release, thresholds),
        *_feasibility_faults(release, thresholds),
        *_needs_faults(release, thresholds),
    ]
    for analysis in release.analyses:
        faults += [f"{analysis.name}: {fault}" for fault in _analysis_faults(analysis, thresholds)]
    if release.status not in ("released", "balance_failed"):
        faults.append("a release under control has an unknown status")
    unbalanced = [one for one in release.analyses if one.name == release.headline_analysis or one.status == "balance_failed"]
    if release.status == "balance_failed" and any(analysis.outcomes for analysis in unbalanced):
        faults.append("a release whose balance failed carries outcomes of it")
    if faults:
        raise InternalError("Disclosure control made a release that its last gate refuses. Nothing was released.", faults)
    return release


def walk(value: object, path: str = "release") -> Iterator[tuple[str, object]]:
    """Every leaf of a release with its path. Raises InternalError for a type that a release may not hold."""
    if isinstance(value, tuple):
        for place, part in enumerate(value):
            yield from walk(part, f"{path}[{place}]")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from walk(part, f"{path}.{key}")
    elif isinstance(value, _RELEASED) and is_dataclass(value):
        for item in fields(value):
            yield from walk(getattr(value, item.name), f"{path}.{item.name}")
    elif value is None or type(value) in (str, bool, int, float, Suppressed):
        yield path, value
    else:
        raise InternalError(f"A release may not hold a {type(value).__name__}, as at {path}.")


def _number(value: Number) -> float | None:
    return None if isinstance(value, Suppressed) else float(value)


def _is_small(value: Number, thresholds: Thresholds) -> bool:
    number = _number(value)
    return number is not None and thresholds.is_small(number)


def _is_whole(value: Number) -> bool:
    """True for a share of 0 % or 100 %, or what cannot be a share at all."""
    number = _number(value)
    return number is not None and not 0 < number < 1


def _ladder_faults(release: Release, thresholds: Thresholds) -> Iterator[str]:
    for place, step in enumerate(release.attrition):
        if _is_small(step.n, thresholds) or (place and _is_small(step.lost, thresholds)):
            yield "a step of the attrition counts fewer people than a cell may"
    counts = [number for step in release.attrition if (number := _number(step.n)) is not None]
    if any(thresholds.is_close(one, other) for one, other in pairwise(counts)):
        yield "two steps of the attrition differ by too few people"


def _linkage_faults(release: Release, thresholds: Thresholds) -> Iterator[str]:
    if release.linkage is None:
        return
    for group in release.linkage.groups:
        if _is_small(group.submitted, thresholds) or _is_whole(group.linked_share):
            yield "a group of the linkage table is too small or all alike"
        submitted, share = _number(group.submitted), _number(group.linked_share)
        if submitted is not None and share is not None:
            # Half a person of slack: the share was computed from the same whole numbers.
            least = thresholds.cell_minimum - 0.5
            if submitted * share < least or submitted * (1 - share) < least:
                yield "a group of the linkage table has too few people linked or not linked"
    if _is_small(release.linkage.awaiting_review, thresholds):
        yield "too few people await review for their number to be shown"


def _feasibility_faults(release: Release, thresholds: Thresholds) -> Iterator[str]:
    """A feasibility study holds no outcome of anybody; what it expects is of no small group."""
    if (release.kind == "feasibility") != bool(release.feasibility):
        yield "a release holds expectations and is no feasibility study, or the other way round"
    if release.kind == "feasibility" and (release.deaths or any(one.outcomes or one.survival for one in release.analyses)):
        yield "a feasibility study holds outcomes"
    for year in (line for answer in release.feasibility for line in answer.years):
        if _is_whole(year.analysed) or _is_whole(year.pool):
            yield "a year holds nobody or everybody"
    for expected in (line for answer in release.feasibility for line in answer.expectations):
        if _is_small(expected.expected_people, thresholds):
            yield "a measure is expected of too few people for their number to be shown"
        if expected.kind == "binary" and _is_whole(expected.base):
            yield "a comparison share is 0 % or 100 %"


def _deaths_faults(release: Release, thresholds: Thresholds) -> Iterator[str]:
    deaths = release.deaths
    if deaths is not None and any(_is_small(value, thresholds) for value in (deaths.treated, deaths.pool)):
        yield "too few people died in the follow-up for their number to be shown"


def _needs_faults(release: Release, thresholds: Thresholds) -> Iterator[str]:
    for run in release.needs:
        if any(_is_small(value, thresholds) for value in (run.n_treated, run.n_comparison)):
            yield "a run of the needs design counts fewer people than a cell may"
        if run.outcomes and (n := _number(run.n_treated)) is not None and n < thresholds.treated_minimum:
            yield "a run of the needs design stands on fewer treated people than any result may"


def _analysis_faults(analysis: ReleasedAnalysis, thresholds: Thresholds) -> Iterator[str]:
    people = analysis.people
    if any(_is_small(value, thresholds) for value in (people.treated, people.matched, people.pool, people.comparison)):
        yield "a group of people is smaller than a cell may be"
    trimmed = analysis.match_settings.get("trimmed", "")
    if trimmed.isdigit() and thresholds.is_small(int(trimmed)):
        yield "too few people were trimmed for their number to be shown"
    treated, matched = _number(people.treated), _number(people.matched)
    if treated is not None and matched is not None and thresholds.is_close(treated, matched):
        yield "those left out can be counted by subtraction"
    has_results = bool(analysis.outcomes or analysis.balance or analysis.survival or analysis.overlap or analysis.profile)
    if has_results and (matched is None or matched < thresholds.treated_minimum):
        yield "results stand on fewer treated people than any result may"
    for outcome in analysis.outcomes:
        yield from _outcome_faults(outcome, matched, thresholds)
    yield from _sensitivity_faults(analysis)
    for line in analysis.balance.covariates if analysis.balance else ():
        shares = (line.treated_before, line.pool_before, line.treated, line.comparison)
        if line.level and any(_is_whole(value) for value in shares):
            yield "a level's share is 0 % or 100 %"
        share = _number(line.treated) if line.level else None
        if matched is not None and share is not None and thresholds.is_small(share * matched + 0.5):
            yield "a level's share counts too few people"
    if any(_is_whole(value) for group in analysis.subgroups for value in (group.treated, group.comparison)):
        yield "a subgroup's share is 0 % or 100 %"
    for point in analysis.survival.points if analysis.survival else ():
        if _is_whole(point.treated) or _is_whole(point.comparison):
            yield "a survival curve shows 0 % or 100 %"


def _sensitivity_faults(analysis: ReleasedAnalysis) -> Iterator[str]:
    """Lines stand only beside an outcome that is shown, and their effects are as coarse as what may not be solved for."""
    by_name = {outcome.measure: outcome for outcome in analysis.outcomes}
    for line in analysis.sensitivity:
        outcome = by_name.get(line.measure)
        is_hidden = outcome is None or outcome.effect is None or isinstance(outcome.effect.estimate, Suppressed)
        if is_hidden and line.part != "control":
            yield f"a sensitivity line stands beside {line.measure}, which is not shown"
        if line.status != "estimated" and (line.effect or line.figures):
            yield f"a sensitivity line of {line.measure} is not estimated and yet has figures"
        own = None if outcome is None else outcome.classic
        if line.effect is not None and line.effect != own and not _is_coarse(line):
            yield f"a sensitivity line of {line.measure} shows an effect as found"


def _is_coarse(line: kinds.ReleasedSensitivity) -> bool:
    """True where the spread is hidden and the figures of a rate are whole points, or one figure that keeps a side of 0."""
    if line.effect is None or not isinstance(line.effect.se, Suppressed):
        return False
    numbers = [_number(value) for value in (line.effect.estimate, line.effect.low, line.effect.high)]
    known = [number for number in numbers if number is not None]
    return line.kind != "binary" or all(number in (round(number, 2), float(f"{number:.1g}")) for number in known)


def _outcome_faults(outcome: ReleasedOutcome, matched: float | None, thresholds: Thresholds) -> Iterator[str]:
    n, value = _number(outcome.n_treated), _number(outcome.treated)
    if outcome.status == "withheld":
        effects = (outcome.effect, outcome.classic, outcome.unadjusted, outcome.bootstrap, outcome.percentile)
        if any(effects) or value is not None:
            yield f"{outcome.measure} is withheld and yet has values"
        return
    if n is not None and n < thresholds.treated_minimum:
        yield f"{outcome.measure} stands on too few treated people"
    # Those outside a subgroup by what came after are as many as the whole group's rate says: its rule, not the cells'.
    by_rate = outcome.among and not outcome.known_before
    least_apart = thresholds.whole_group_minimum if by_rate else thresholds.cell_minimum
    if outcome.known_before and n is not None and matched is not None and abs(matched - n) < least_apart:
        yield f"{outcome.measure} tells how few are outside its subgroup"
    if n is not None and matched is not None and 0 < matched - n < least_apart:
        yield f"{outcome.measure} lets a few people be counted by subtraction"
    if outcome.kind == "binary" and (_is_whole(outcome.treated) or _is_whole(outcome.comparison_plain)):
        yield f"{outcome.measure} shows 0 % or 100 %"
    if outcome.kind == "binary" and n is not None and value is not None:
        least = (thresholds.cell_minimum if outcome.among else thresholds.whole_group_minimum) - 0.5
        if n * value < least or n * (1 - value) < least:
            yield f"{outcome.measure} shows a rate of too few people"
