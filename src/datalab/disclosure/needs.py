"""The three runs of the needs design for release: differences with rounded intervals, and sizes where they are safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datalab.disclosure.checks import check_group, check_outcome, judged
from datalab.disclosure.differences import Admission
from datalab.disclosure.evidence import group_evidence, outcome_evidence
from datalab.disclosure.exact import exact_effect
from datalab.disclosure.outcomes import round_effect
from datalab.disclosure.reasons import TOO_FEW_TREATED, neutral
from datalab.disclosure.results import Decision, Number, ReleasedNeedsOutcome, ReleasedNeedsRun
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL
from datalab.effects.results import NeedsRun, OutcomeResult

RULE = "needs_run"


def release_needs(
    runs: Sequence[NeedsRun], admission: Admission, thresholds: Thresholds
) -> tuple[tuple[ReleasedNeedsRun, ...], tuple[Decision, ...]]:
    """Every run of an analysis that is shown itself.

    The runs look at nearly the same people, so neither the values of the groups nor the means of covariates are shown: only
    the differences, rounded so that nothing of a few people can be solved from two of them. Sizes are shown where no two
    sets of people differ by a few.
    """
    shown = tuple(run for run in runs if run.analysis not in admission.withheld)
    released: list[ReleasedNeedsRun] = []
    decisions: list[Decision] = []
    for run in shown:
        is_safe = (run.analysis, run.design) not in admission.sizes_hidden
        made = _run(run, is_safe, thresholds)
        released.append(made)
        decisions.append(judged(RULE, f"{run.analysis}/{run.design}", bool(made.outcomes) and is_safe, "suppressed"))
    return tuple(released), tuple(decisions)


def _run(run: NeedsRun, is_safe: bool, thresholds: Thresholds) -> ReleasedNeedsRun:
    found = run.found
    enough = all(decision.outcome != "fail" for decision in check_group(group_evidence(found), "", thresholds))
    estimated = found.status == "estimated" and enough
    results = [outcome for result in found.outcomes if estimated and (outcome := _outcome(result, thresholds)) is not None]
    sizes: tuple[Number, Number] = (CONFIDENTIAL, CONFIDENTIAL)
    if is_safe and enough:
        sizes = (found.people.matched, found.people.comparison)
    status = found.status if enough or found.status == "not_possible" else "too_few"
    reason = neutral(found.reason) or ("" if enough else TOO_FEW_TREATED)
    return ReleasedNeedsRun(run.analysis, run.design, status, reason, *sizes, tuple(results))


def _outcome(result: OutcomeResult, thresholds: Thresholds) -> ReleasedNeedsOutcome | None:
    """The difference, where the outcome could be shown in full: one that shows its direction only has none to show here."""
    measure = result.measure
    effect = round_effect(exact_effect(result.effect, "needs"), "share" if measure.kind == "binary" else "other")
    if effect is None or check_outcome(outcome_evidence(result), "", thresholds).showing != "full":
        return None
    # With a ratio beside the difference both means could be solved for.
    bare = replace(effect, ratio=CONFIDENTIAL, ratio_low=CONFIDENTIAL, ratio_high=CONFIDENTIAL)
    return ReleasedNeedsOutcome(measure.name, measure.label, measure.kind, measure.unit, bare)
