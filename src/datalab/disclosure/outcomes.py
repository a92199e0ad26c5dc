"""Outcomes for release: in full, as direction and rounded interval only, or withheld with the reason."""

from __future__ import annotations

import math
from dataclasses import replace

from datalab.disclosure.checks import OutcomeDecision, check_outcome, failed
from datalab.disclosure.evidence import outcome_evidence
from datalab.disclosure.exact import exact_outcome
from datalab.disclosure.reasons import neutral
from datalab.disclosure.results import Decision, Number, ReleasedEffect, ReleasedOutcome, Suppressed
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.together import told_by_others
from datalab.disclosure.values import CONFIDENTIAL, NOT_AVAILABLE, coarse, coarse_p, outward
from datalab.effects.results import AnalysisFindings, Effect, OutcomeResult
from datalab.errors import InternalError
from datalab.numerics.shares import wilson

_Z95 = 1.959964
SIZE_HIDDEN = "disclosure.notes.size_hidden"
SUBTRACTED = "disclosure.withheld.subtraction"


def release_outcomes(
    found: AnalysisFindings,
    left_out: int,
    thresholds: Thresholds,
    direction_only: frozenset[str] = frozenset(),
    is_part: bool = False,
) -> tuple[tuple[ReleasedOutcome, ...], tuple[Decision, ...]]:
    """Every outcome of an analysis that has passed its group's rules, with the decisions.

    direction_only: measures whose values, taken from another analysis's, would tell of a few people. is_part: of a larger
    group that is shown too.
    """
    released: list[ReleasedOutcome] = []
    decisions: list[Decision] = []
    shown_events = _shown_events(found, thresholds)
    told = told_by_others(found.outcomes, thresholds)
    for result in found.outcomes:
        subject = f"{found.name}/{result.measure.name}"
        if result.status == "withheld":
            released.append(_withhold(result, result.reason))
            continue
        if result.measure.name in told:
            released.append(_withhold(result, SUBTRACTED))
            decisions.append(failed("subtraction", subject, "withheld"))
            continue
        decision = check_outcome(outcome_evidence(result), subject, thresholds)
        if result.measure.name in direction_only and decision.showing == "full":
            decision = _shut(decision, subject)
        decisions += decision.decisions
        outcome = _release(result, decision, thresholds)
        if decision.showing == "full":
            if _tells_by_size(result, found, shown_events, thresholds):
                outcome = _hide_sizes(outcome)
                decisions.append(failed("group_size", subject, "rounded"))
            outcome = _guard_unadjusted(outcome, left_out > 0 or is_part)
        released.append(outcome)
    return tuple(released), tuple(decisions)


def _shut(decision: OutcomeDecision, subject: str) -> OutcomeDecision:
    """The decision that only the direction may be shown, since values of two analyses could be subtracted."""
    return OutcomeDecision(
        "direction_only",
        "disclosure.notes.direction_only",
        (*decision.decisions, failed("rest_cells", subject, "direction_only")),
    )


def _release(result: OutcomeResult, decision: OutcomeDecision, thresholds: Thresholds) -> ReleasedOutcome:
    if decision.showing == "full":
        return exact_outcome(result)
    if decision.showing == "direction_only":
        return _direction_only(result, decision.reason, thresholds)
    return _withhold(result, decision.reason)


def _withhold(result: OutcomeResult, reason: str) -> ReleasedOutcome:
    """The measure's name and why there is nothing to see; its sizes go too, since they are those of a subgroup.

    The reason is one for all that few people, or nearly all, had: a gate of the estimate says how few.
    """
    gone = NOT_AVAILABLE
    return replace(
        exact_outcome(result),
        status="withheld",
        reason=neutral(reason),
        n_treated=gone,
        n_comparison=gone,
        effective_comparison=gone,
        treated=gone,
        comparison=gone,
        comparison_plain=gone,
        unadjusted=None,
        effect=None,
        classic=None,
        bootstrap=None,
        percentile=None,
        verdict="withheld",
        stated_effect=gone,
        people_needed=gone,
        smallest_effect=gone,
        notes=(),
    )


def _direction_only(result: OutcomeResult, reason: str, thresholds: Thresholds) -> ReleasedOutcome:
    """The verdict and an interval rounded outward to whole steps of 5 points or more, nothing else.

    Given the exact interval, its standard error or the effective size one could solve for the treated rate, and with the
    exact group size for the number of people; so all of these go, and what depends on the spread (people needed, the
    smallest effect that could be seen) with them.
    """
    if result.effect is None:
        raise InternalError("An estimated outcome has no effect.")
    hidden = CONFIDENTIAL
    return replace(
        exact_outcome(result),
        reason=reason,
        effective_comparison=hidden,
        treated=hidden,
        comparison=hidden,
        comparison_plain=hidden,
        unadjusted=None,
        effect=_rounded_interval(result.effect, result, thresholds),
        classic=None,
        bootstrap=None,
        percentile=None,
        people_needed=hidden,
        smallest_effect=hidden,
        notes=(*result.notes, reason),
    )


def _rounded_interval(effect: Effect, result: OutcomeResult, thresholds: Thresholds) -> ReleasedEffect:
    low, high = outward(effect.low, effect.high, interval_step(result.n_treated, result.effective_comparison, thresholds))
    hidden = CONFIDENTIAL
    return ReleasedEffect(
        "difference", hidden, low, high, hidden, hidden, hidden, result.role, effect.method, hidden, hidden, hidden
    )


def interval_step(n: int, effective: float, thresholds: Thresholds) -> float:
    """The step that an interval is rounded to so that its width does not tell how few of n people had the event.

    A rate's interval is the wider the more events there are. The step is as wide as that of the most events that must stay
    possible (those of a hidden rate, and `width` more) could be, in whole steps of the grid: beside a comparison group of
    `effective` people whose rate is the one of the widest interval.

    >>> from datalab.disclosure.thresholds import load_thresholds
    >>> [round(interval_step(n, 2000, load_thresholds()), 2) for n in (30, 100, 300, 1000)]
    [0.35, 0.15, 0.1, 0.05]
    """
    share = min(1.0, (thresholds.whole_group_minimum - 1 + thresholds.width) / n)
    low, high = wilson(share, n, _Z95)
    beside = 0.5 - wilson(0.5, effective, _Z95)[0]
    width = math.hypot(share - low, beside) + math.hypot(high - share, beside)
    return thresholds.interval_grid * math.ceil(width / thresholds.interval_grid)


def _shown_events(found: AnalysisFindings, thresholds: Thresholds) -> tuple[int, ...]:
    """Numbers of treated people with an event that the whole group's rates give away, being shown."""
    whole = [result for result in found.outcomes if result.measure.kind == "binary" and not result.measure.among]
    return tuple(
        result.treated_events
        for result in whole
        if result.status == "estimated" and check_outcome(outcome_evidence(result), "", thresholds).showing == "full"
    )


def _tells_by_size(result: OutcomeResult, found: AnalysisFindings, shown_events: tuple[int, ...], thresholds: Thresholds) -> bool:
    """True where a size, with another shown number, counts a few people.

    A measure among people with an event: those without must be as many as a whole group's rate asks for, and those with
    it who could not be matched again must not be few. Among people known before: those outside must not be few, none
    included. Any other measure: those matched but not measured.
    """
    if thresholds.is_close(found.people.comparison, result.n_comparison):
        return True
    if result.measure.known_before:
        # Who is in the subgroup was settled before: those outside it are a cell of their own, and nobody may be few.
        few_outside = abs(found.people.matched - result.n_treated) < thresholds.cell_minimum
        return few_outside or thresholds.is_close(found.people.treated, result.n_treated)
    if not result.measure.among:
        return thresholds.is_close(found.people.matched, result.n_treated)
    without = found.people.matched - result.n_treated
    few_without = 0 <= without < thresholds.whole_group_minimum
    return few_without or any(thresholds.is_close(events, result.n_treated) for events in shown_events)


def _hide_sizes(outcome: ReleasedOutcome) -> ReleasedOutcome:
    """Both sizes go together: the exact effect and a rounded mean would bring one back from the other."""
    hidden = replace(outcome, n_treated=CONFIDENTIAL, n_comparison=CONFIDENTIAL, bootstrap=None, percentile=None)
    rounded = _round_values(hidden)
    return replace(rounded, notes=(*rounded.notes, SIZE_HIDDEN))


def _round_values(outcome: ReleasedOutcome) -> ReleasedOutcome:
    """Values and effects rounded so that no hidden size can be found from them; treated - effect stays comparison."""
    unit = "share" if outcome.kind == "binary" else "other"
    effect = round_effect(outcome.effect, unit)
    treated = coarse(outcome.treated, unit)
    return replace(
        outcome,
        effective_comparison=CONFIDENTIAL,
        treated=treated,
        comparison=_minus(treated, effect.estimate if effect else CONFIDENTIAL),
        comparison_plain=coarse(outcome.comparison_plain, unit),
        unadjusted=round_effect(outcome.unadjusted, unit),
        effect=effect,
        classic=round_effect(outcome.classic, unit),
        people_needed=_two_figures(outcome.people_needed),
        smallest_effect=_two_figures(outcome.smallest_effect),
    )


def _two_figures(value: Number) -> Number:
    return value if isinstance(value, Suppressed) else float(f"{value:.2g}")


def _minus(one: Number, other: Number) -> Number:
    if isinstance(one, Suppressed) or isinstance(other, Suppressed):
        return CONFIDENTIAL
    return round(one - other, 10)


def round_effect(effect: ReleasedEffect | None, unit: str) -> ReleasedEffect | None:
    """Estimate and interval rounded to the precision of the values; an interval that leaves 0 out still does.

    unit: "share" for rates, else "other", as `values.coarse` has it. The standard error is hidden.
    """
    if effect is None:
        return None
    return replace(
        effect,
        estimate=coarse(effect.estimate, unit),
        low=_keep_side(effect.low, coarse(effect.low, unit)),
        high=_keep_side(effect.high, coarse(effect.high, unit)),
        se=CONFIDENTIAL,
        p=coarse_p(effect.p),
        p_holm=coarse_p(effect.p_holm),
        ratio=coarse(effect.ratio, "share"),
        ratio_low=coarse(effect.ratio_low, "share"),
        ratio_high=coarse(effect.ratio_high, "share"),
    )


def _keep_side(exact: Number, rounded: Number) -> Number:
    """The rounded end of an interval; one figure of it where rounding put it on 0, or verdict and interval would disagree."""
    return float(f"{exact:.1g}") if rounded == 0 and not isinstance(exact, Suppressed) else rounded


def _guard_unadjusted(outcome: ReleasedOutcome, is_telling: bool) -> ReleasedOutcome:
    """The unadjusted difference is of all treated: rounded where anybody was left out, or where others may be subtracted.

    Exact, it is a/N - b/M with one pair of whole numbers a and b, and a less the events shown are those of the people left
    out, who may be few however many they are.
    """
    if not is_telling or outcome.unadjusted is None:
        return outcome
    unit = "share" if outcome.kind == "binary" else "other"
    return replace(outcome, unadjusted=round_effect(outcome.unadjusted, unit))
