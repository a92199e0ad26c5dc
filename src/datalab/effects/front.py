"""`effects`: the one door from a balanced match to estimates; nothing else gets in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.constraints import Options, Range, Rule, faults_of, refuse, unknown, unused
from datalab.effects.estimate import UnbalancedEstimates, estimate_outcome, estimate_unbalanced, outcome_design
from datalab.effects.multiplicity import adjust_outcomes
from datalab.effects.outcome_model import OUTCOME_MODELS, OutcomeModel
from datalab.effects.planning import stated_faults
from datalab.effects.results import OutcomeResult, Role
from datalab.errors import UsageError
from datalab.matching.results import Match
from datalab.table import Outcome
from datalab.wording import say

RULES: dict[str, Rule] = {"outcome_model": Options(OUTCOME_MODELS)}
STATED = Range(0, open_low=True, hint="It is absolute, in the outcome's unit.")


@overload
def effects(
    balanced: BalancedMatch,
    outcomes: Sequence[Outcome] | None = ...,
    *,
    headline: str = ...,
    stated_effects: Mapping[str, float] | None = ...,
    outcome_model: OutcomeModel | None = ...,
    research: bool = ...,
) -> tuple[OutcomeResult, ...]:
    """Of a match that passed the gate."""


@overload
def effects(
    balanced: UnbalancedMatch,
    outcomes: Sequence[Outcome] | None = ...,
    *,
    headline: str = ...,
    stated_effects: Mapping[str, float] | None = ...,
    outcome_model: OutcomeModel | None = ...,
    research: Literal[True],
) -> UnbalancedEstimates:
    """Of a match that failed it, for research."""


def effects(
    balanced: BalancedMatch | UnbalancedMatch,
    outcomes: Sequence[Outcome] | None = None,
    *,
    headline: str = "",
    stated_effects: Mapping[str, float] | None = None,
    outcome_model: OutcomeModel | None = None,
    research: bool = False,
) -> tuple[OutcomeResult, ...] | UnbalancedEstimates:
    """The effect on the matched treated of each outcome, in their order, with everything that is reported beside it.

    Estimand: the average effect on those treated who could be matched (ATT). balanced: what `gate` gives for a match that
    passed; with `research` also one that failed, for `UnbalancedEstimates` whose verdicts are withheld. outcomes: values
    (n,) for every row, none missing; the table's own where None. headline: the measure that is tested alone at 5 %; the
    others carry Holm's p as well. stated_effects: measure to the effect (absolute) that people needed are counted for.
    outcome_model: "ridge" (default) or "boosted", which a classic match does not use. Deterministic.
    Raises UsageError for anything but a match that passed the gate, and InputError for outcomes that cannot be used.
    Source: docs/methods.md; Rosenbaum and Rubin 1983; Abadie and Imbens 2011.

    >>> effects("a match")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    datalab.errors.UsageError: effects must be given a match that passed the balance gate. You gave a str. ...
    """
    if fault := _fault_of(balanced, research):
        raise UsageError(fault)
    refuse(model_faults(balanced.match.method, outcome_model))
    chosen = tuple(balanced.table.outcomes if outcomes is None else outcomes)
    refuse(_name_faults(chosen, headline, stated_effects or {}) + _stated_faults(balanced, stated_effects or {}))
    model = outcome_model or "ridge"
    design = outcome_design(balanced.table, balanced.match)
    if isinstance(balanced, UnbalancedMatch):
        return estimate_unbalanced(balanced, chosen, headline=headline, design=design, outcome_model=model)
    found = []
    for outcome in chosen:
        name = outcome.measure.name
        role: Role = "headline" if name == headline else "secondary"
        stated = (stated_effects or {}).get(name)
        found.append(estimate_outcome(balanced, outcome, role=role, stated_effect=stated, design=design, outcome_model=model))
    return adjust_outcomes(found)


def model_faults(method: str, outcome_model: str | None, prefix: str = "") -> list[str]:
    """A sentence for an outcome model that is unknown, or that the method has no use for.

    >>> model_faults("radius", "boosted")
    []
    """
    if outcome_model is None:
        return []
    what = f"{prefix}outcome_model"
    faults = faults_of({what: RULES["outcome_model"]}, {what: outcome_model})
    if method == "classic":
        faults.append(unused(what, outcome_model, "method classic", (say("effects.front.other_methods"),)))
    return faults


def _fault_of(given: Any, research: bool) -> str:
    """What is wrong with the first argument, and what to do; "" where nothing is."""
    if isinstance(given, BalancedMatch) or (research and isinstance(given, UnbalancedMatch)):
        return ""
    if isinstance(given, UnbalancedMatch):
        return say("effects.front.unbalanced")
    return say("effects.front.ungated") if isinstance(given, Match) else say("effects.front.other", kind=type(given).__name__)


def _stated_faults(given: BalancedMatch | UnbalancedMatch, stated: Mapping[str, float]) -> list[str]:
    if stated and isinstance(given, UnbalancedMatch):
        return [say("effects.front.unbalanced_stated")]
    found = (STATED.fault(say("effects.front.stated", name=name), effect) for name, effect in stated.items())
    return [fault for fault in found if fault]


def _name_faults(outcomes: Sequence[Outcome], headline: str, stated: Mapping[str, float]) -> list[str]:
    if not outcomes:
        return [say("effects.front.no_outcome")]
    names = [outcome.measure.name for outcome in outcomes]
    faults = [unknown("headline", headline, names)] if headline and headline not in names else []
    return faults + stated_faults({outcome.measure.name: outcome.measure.kind for outcome in outcomes}, stated)
