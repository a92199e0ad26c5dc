"""Shares of subgroups known before the clock started: about so many per cent, hidden where few people are in or out of one."""

from __future__ import annotations

from datalab.disclosure.checks import judged
from datalab.disclosure.results import Decision, Number, ReleasedSubgroup, Suppressed
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, coarse, grid_share
from datalab.effects.results import AnalysisFindings, SubgroupShare


def release_subgroups(
    found: AnalysisFindings, thresholds: Thresholds
) -> tuple[tuple[ReleasedSubgroup, ...], tuple[Decision, ...]]:
    """Each subgroup's shares of those matched, with the decisions.

    The treated share stands in whole multiples of `at_risk_base` people: the measures among the subgroup show how many
    were matched again, a few more or less, who could be counted by subtraction from an exact share.
    """
    released, decisions = [], []
    for item in found.subgroups:
        size = item.treated_in + item.treated_out
        treated = _share(item.share_treated, (item.treated_in, item.treated_out), thresholds)
        if not isinstance(treated, Suppressed):
            treated = coarse(grid_share(item.share_treated, size, thresholds.at_risk_base), "share")
        comparison = _share(item.share_comparison, (item.comparison_in, item.comparison_out), thresholds)
        released.append(ReleasedSubgroup(item.name, treated, comparison))
        decisions.append(_decision(found, item, CONFIDENTIAL not in (treated, comparison)))
    return tuple(released), tuple(decisions)


def _decision(found: AnalysisFindings, item: SubgroupShare, ok: bool) -> Decision:
    return judged("subgroup_share", f"{found.name}/{item.name}", ok, "suppressed")


def _share(share: float, cells: tuple[int, int], thresholds: Thresholds) -> Number:
    """Two decimals; hidden where few are in or out, or where it would print as 0 % or 100 %."""
    value = coarse(share, "share")
    hidden = any(thresholds.is_small(cell) for cell in cells) or isinstance(value, Suppressed) or not 0 < value < 1
    return CONFIDENTIAL if hidden else value
