"""The sensitivity family for release: only beside what is shown, each estimate behind its own rules, everything rounded.

A line has the same people as its outcome but for a few, other weights, and another estimate: exact, two such lines and the
outcome's own figures could be solved for the events of the few. So no line is ever shown as found.
"""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.checks import check_outcome, failed, passed
from datalab.disclosure.covariates import LineRelease
from datalab.disclosure.evidence import outcome_evidence
from datalab.disclosure.exact import exact_sensitivity
from datalab.disclosure.outcomes import round_effect
from datalab.disclosure.reasons import neutral
from datalab.disclosure.results import Decision, Number, ReleasedEffect, ReleasedOutcome, ReleasedSensitivity, Suppressed
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, LOW, coarse, outward
from datalab.effects.results import AnalysisFindings, SensitivityLine
from datalab.errors import InternalError

RULE = "sensitivity"
FEW = 100  # in a group this large one person's event moves a rate by no more than the rounding to whole points
_DECIMALS = {
    "robustness": 3,
    "robustness_interval": 3,
    "factor": 2,
    "factor_interval": 2,
    "e_value": 2,
    "e_value_interval": 2,
    "share_of_treatment": 2,
    "share_of_outcome": 2,
    "false_links": 3,
    "missed": 3,
    "with_event": 3,
    "without_event": 3,
    "least": 3,
}
_IN_UNITS = frozenset({"bias", "low", "high", "interval_low", "interval_high"})
_TIMES = "times"


def release_sensitivity(
    found: AnalysisFindings, outcomes: tuple[ReleasedOutcome, ...], lines: tuple[LineRelease, ...], thresholds: Thresholds
) -> tuple[tuple[ReleasedSensitivity, ...], tuple[Decision, ...]]:
    """The lines of an analysis that may be shown, with one decision a measure.

    A measure that is withheld, or of which only the direction is shown, has no line; nor has anything where no measure is
    shown in full. An estimate by another design, or of
    the negative control, must pass the rules of an outcome itself. Raises InternalError for a figure that no rule was
    written for.
    """
    shown = {outcome.measure: outcome for outcome in outcomes if _is_shown_in_full(outcome)}
    closed = frozenset(item.source.covariate for item in lines if item.is_hidden)
    labels = {item.source.covariate: item.source.label for item in lines}
    released: list[ReleasedSensitivity] = []
    dropped: dict[str, bool] = {}
    for line in found.sensitivity:
        subject = f"{found.name}/{line.measure.name}"
        if not shown or (line.part != "control" and line.measure.name not in shown):
            dropped[subject] = True
            continue
        made = _release(line, shown.get(line.measure.name), labels.get(line.subject, ""), line.subject in closed, thresholds)
        made = _apart_from(made, line, found, thresholds)
        dropped[subject] = dropped.get(subject, False) or made.status != line.status
        released.append(made)
    decisions = (failed(RULE, name, "withheld") if happened else passed(RULE, name) for name, happened in dropped.items())
    return tuple(released), tuple(decisions)


def _is_shown_in_full(outcome: ReleasedOutcome) -> bool:
    effect = outcome.effect
    return outcome.status == "estimated" and effect is not None and not isinstance(effect.estimate, Suppressed)


def _release(
    line: SensitivityLine, outcome: ReleasedOutcome | None, label: str, is_closed: bool, thresholds: Thresholds
) -> ReleasedSensitivity:
    exact = replace(exact_sensitivity(line, label), reason=neutral(line.reason))
    if line.effect is not None and (line.part in ("design", "control") or line.counted is not None):
        if line.counted is None:  # the same match without the outcome model: shown as the outcome's own figures are
            return replace(exact, effect=None if outcome is None else outcome.classic)
        decision = check_outcome(outcome_evidence(line.counted), line.name, thresholds)
        if decision.showing != "full":
            return replace(exact, status="withheld", reason=neutral(decision.reason), effect=None, figures=(), warns=False)
    figures = tuple((name, CONFIDENTIAL if is_closed else _coarse(name, value, exact.kind)) for name, value in exact.figures)
    return replace(exact, effect=round_effect(exact.effect, unit_of(exact.kind)), figures=figures)


def unit_of(kind: str) -> str:
    """How numbers of a kind are rounded: as `values.coarse` has it."""
    return "share" if kind == "binary" else "other"


def _coarse(name: str, value: Number, kind: str) -> Number:
    if isinstance(value, Suppressed):
        return value
    if name in _IN_UNITS:
        return coarse(value, unit_of(kind))
    if name == _TIMES:
        return float(f"{value:.2g}")
    if name not in _DECIMALS:
        raise InternalError("Disclosure control has no rule for a figure of a sensitivity line.")
    rounded = round(value, _DECIMALS[name]) + 0.0
    return LOW if rounded == 0 < value else rounded


def _apart_from(
    made: ReleasedSensitivity, line: SensitivityLine, found: AnalysisFindings, thresholds: Thresholds
) -> ReleasedSensitivity:
    """The line in whole steps of 5 points (other kinds: one figure) where it is of a few people more or fewer than the
    outcome, in a group so small that one of them could be told by whole points."""
    if line.counted is None or made.effect is None:
        return made
    n = line.counted.n_treated
    sizes = [result.n_treated for result in found.outcomes if result.measure.name == line.measure.name] or [found.people.matched]
    if n >= FEW or not any(thresholds.is_close(n, size) for size in sizes):
        return made
    return replace(made, effect=_wide(made.effect, made.kind, thresholds))


def _wide(effect: ReleasedEffect, kind: str, thresholds: Thresholds) -> ReleasedEffect:
    numbers = (effect.estimate, effect.low, effect.high)
    if any(isinstance(number, Suppressed) for number in numbers):
        return effect
    middle, low, high = (float(number) for number in numbers)  # type: ignore[arg-type]
    if kind == "binary":
        low, high = outward(low, high, thresholds.interval_grid)
        middle = round(round(middle / thresholds.interval_grid) * thresholds.interval_grid, 10) + 0.0
    else:
        middle, low, high = (float(f"{number:.1g}") for number in (middle, low, high))
    hidden = CONFIDENTIAL
    return replace(effect, estimate=middle, low=low, high=high, p=hidden, ratio=hidden, ratio_low=hidden, ratio_high=hidden)


def strict_line(line: ReleasedSensitivity) -> ReleasedSensitivity:
    """The line in the strict profile: shares to 2 decimals, multiples to one figure, no ratio."""
    figures = tuple((name, _strict(name, value)) for name, value in line.figures)
    hidden = CONFIDENTIAL
    effect = line.effect and replace(line.effect, ratio=hidden, ratio_low=hidden, ratio_high=hidden)
    return replace(line, figures=figures, effect=effect)


def _strict(name: str, value: Number) -> Number:
    if isinstance(value, Suppressed) or name in _IN_UNITS:
        return value
    return float(f"{value:.1g}") if name == _TIMES else round(value, 2) + 0.0
