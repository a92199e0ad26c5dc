"""Holm's adjustment of the secondary tests; the headline is fixed beforehand and tested alone (design 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datalab.effects.results import AnalysisFindings, OutcomeResult

LEVEL = 0.05
COULD_BE_CHANCE = "effects.notes.could_be_chance"


def adjust_holm(p: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down p-values, in the order given (Holm 1979).

    >>> adjust_holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    raw = np.asarray(p, dtype=float)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(float(x) for x in adjusted)


def _with_p(outcome: OutcomeResult, p_holm: float) -> OutcomeResult:
    chance = outcome.verdict in ("lower", "higher") and p_holm > LEVEL
    others = tuple(note for note in outcome.notes if note != COULD_BE_CHANCE)
    return replace(outcome, p_holm=p_holm, notes=others + ((COULD_BE_CHANCE,) if chance else ()))


def adjust_outcomes(outcomes: Sequence[OutcomeResult]) -> tuple[OutcomeResult, ...]:
    """The outcomes with Holm's p over every secondary test with a verdict; the headline keeps its own p.

    A secondary verdict that Holm does not uphold carries the note that it could be chance. Withheld outcomes are not
    counted.
    """
    tested = [i for i, o in enumerate(outcomes) if o.role == "secondary" and o.verdict != "withheld"]
    adjusted = adjust_holm([_p(outcomes[i]) for i in tested])
    result = list(outcomes)
    for i, p_holm in zip(tested, adjusted, strict=True):
        result[i] = _with_p(outcomes[i], p_holm)
    return tuple(result)


def adjust_analyses(analyses: Sequence[AnalysisFindings]) -> tuple[AnalysisFindings, ...]:
    """The analyses of one study with Holm's p over every secondary test of all of them: one family, however it is cut."""
    adjusted = iter(adjust_outcomes([outcome for found in analyses for outcome in found.outcomes]))
    return tuple(replace(found, outcomes=tuple(next(adjusted) for _ in found.outcomes)) for found in analyses)


def _p(outcome: OutcomeResult) -> float:
    return float("nan") if outcome.effect is None else outcome.effect.p
