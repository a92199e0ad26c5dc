"""Shares of subgroups known before the clock started: whole percentages, hidden where few people are in or out of one."""

from __future__ import annotations

from datalab.disclosure.checks import judged
from datalab.disclosure.results import Decision, Number, ReleasedOutcome, ReleasedSubgroup, Suppressed
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, coarse
from datalab.effects.results import AnalysisFindings


def release_subgroups(
    found: AnalysisFindings, outcomes: tuple[ReleasedOutcome, ...], thresholds: Thresholds
) -> tuple[tuple[ReleasedSubgroup, ...], tuple[Decision, ...]]:
    """Each subgroup's shares of those matched, with the decisions.

    outcomes: as released. A measure among the subgroup is matched again, and its size may be shown: the treated share is
    hidden where few of the subgroup were matched the first time and not the second, or the other way about.
    """
    released, decisions = [], []
    for item in found.subgroups:
        sizes = [outcome.n_treated for outcome in outcomes if outcome.among == item.name]
        treated = _share(item.share_treated, (item.treated_in, item.treated_out), thresholds)
        if any(not isinstance(n, Suppressed) and thresholds.is_close(n, item.treated_in) for n in sizes):
            treated = CONFIDENTIAL
        comparison = _share(item.share_comparison, (item.comparison_in, item.comparison_out), thresholds)
        released.append(ReleasedSubgroup(item.name, treated, comparison))
        ok = CONFIDENTIAL not in (treated, comparison)
        decisions.append(judged("subgroup_share", f"{found.name}/{item.name}", ok, "suppressed"))
    return tuple(released), tuple(decisions)


def _share(share: float, cells: tuple[int, int], thresholds: Thresholds) -> Number:
    if any(thresholds.is_small(cell) for cell in cells):
        return CONFIDENTIAL
    value = coarse(share, "share")
    return value if not isinstance(value, Suppressed) and 0 < value < 1 else CONFIDENTIAL
