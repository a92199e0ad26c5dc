"""Head-counts for release: the ladder of attrition, the people of an analysis, and linkage by group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from datalab.cohort.results import AttritionStep
from datalab.disclosure.checks import judged
from datalab.disclosure.exact import exact_people
from datalab.disclosure.merging import MergedStep, is_enough, merge_groups, merge_steps
from datalab.disclosure.results import (
    Decision,
    Number,
    ReleasedDeaths,
    ReleasedGroup,
    ReleasedLinkage,
    ReleasedPeople,
    ReleasedStep,
)
from datalab.disclosure.suppression import LinkedTable, protect
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, modelled_share
from datalab.effects.results import Deaths, People
from datalab.linkage.results import GroupShare, LinkageQuality
from datalab.table import Bools

LINKED_STEP = "linked"
_SHARE_GRIDS = (0.01, 0.02, 0.05, 0.10, 0.20)


@dataclass(frozen=True)
class Ladder:
    """The released ladder, and the exact counts that it shows (for the rules about differences).

    found: the steps as they are. least: fewest people without a match that a count shown may tell of, so that the few of a part
    among them stay uncertain.
    """

    steps: tuple[ReleasedStep, ...]
    shown: tuple[int, ...]
    decisions: tuple[Decision, ...]
    found: tuple[AttritionStep, ...] = ()
    least: int = 0

    def is_near(self, count: int, thresholds: Thresholds) -> bool:
        """Whether a count shown beside the ladder's own would tell, by subtraction, too much of the few of any step."""
        return any(not is_enough(self._between(count, other), thresholds) for other in self.shown if other != count)

    def _between(self, one: int, other: int) -> tuple[int, ...]:
        """What each step between two counts lost; what no step accounts for as one."""
        low, high = sorted((one, other))
        losses = tuple(step.lost for step in self.found if low <= step.n and step.n + step.lost <= high)
        return (*losses, high - low - sum(losses))


def release_ladder(steps: tuple[AttritionStep, ...], matched: int, thresholds: Thresholds, least: int = 0) -> Ladder:
    """The ladder after merging; where even the whole loss is small, where it started is hidden.

    matched: people analysed, shown elsewhere; a ladder that ends a few people away from them is not shown. least: see Ladder.
    """
    if not steps or any(thresholds.is_close(step.n, matched) for step in steps[-1:]):
        return Ladder((), (), (judged("attrition", "attrition", not steps, "left_out"),), steps, least)
    merged = merge_steps(steps, thresholds, least)
    last = least if len(merged) == 1 else 0
    is_telling = bool(merged) and merged[0].lost > 0 and not is_enough(merged[0].losses, thresholds, last)
    first = ReleasedStep(steps[0].step, CONFIDENTIAL if is_telling else _count(steps[0].n, thresholds), 0, 1.0, steps[0].reason)
    rest = [_step(step, steps[0].n, is_telling, thresholds) for step in merged if step.lost > 0]
    visible = () if is_telling else (steps[0].n,)
    counts = (*visible, *(step.n for step in merged if not thresholds.is_small(step.n)))
    unchanged = len(merged) == len(steps) - 1 and not is_telling
    return Ladder((first, *rest), counts, (judged("attrition_steps", "attrition", unchanged, "merged"),), steps, least)


def _count(n: int, thresholds: Thresholds) -> Number:
    return CONFIDENTIAL if thresholds.is_small(n) else n


def _step(step: MergedStep, first: int, start_is_hidden: bool, thresholds: Thresholds) -> ReleasedStep:
    n = _count(step.n, thresholds)
    if start_is_hidden or thresholds.is_small(step.n):
        return ReleasedStep(step.step, n, CONFIDENTIAL, CONFIDENTIAL, step.reason)
    return ReleasedStep(step.step, n, step.lost, step.n / first, step.reason)


def release_people(people: People, ladder: Ladder, thresholds: Thresholds) -> ReleasedPeople:
    """The head-counts; all treated (and the pool) are hidden where a number shown beside them is a few people away."""
    exact = exact_people(people)
    near_treated = thresholds.is_close(people.treated, people.matched) or ladder.is_near(people.treated, thresholds)
    near_pool = thresholds.is_close(people.pool, people.comparison)
    small = {
        name: CONFIDENTIAL for name in ("treated", "matched", "pool", "comparison") if thresholds.is_small(getattr(people, name))
    }
    hidden = small | ({"treated": CONFIDENTIAL} if near_treated else {}) | ({"pool": CONFIDENTIAL} if near_pool else {})
    if "comparison" in hidden:
        hidden["effective_pool"] = CONFIDENTIAL
    return replace(exact, **hidden)


def release_deaths(
    deaths: Deaths | None, people: People, thresholds: Thresholds
) -> tuple[ReleasedDeaths | None, tuple[Decision, ...]]:
    """Deaths in the follow-up by group; a number is hidden where those who died, or all the others, are few.

    people: of the headline analysis, whose treated and pool the deaths are counted among.
    """
    if deaths is None:
        return None, ()
    counts = ((deaths.treated, people.treated), (deaths.pool, people.pool))
    died = tuple(
        CONFIDENTIAL if thresholds.is_small(count) or thresholds.is_small(max(0, whole - count)) else count
        for count, whole in counts
    )
    return ReleasedDeaths(*died), (judged("cell_size", "deaths", CONFIDENTIAL not in died, "suppressed"),)


def release_linkage(
    quality: LinkageQuality | None, ladder: Ladder, thresholds: Thresholds
) -> tuple[ReleasedLinkage | None, tuple[Decision, ...]]:
    """Linkage quality with the groups merged and suppressed in company.

    The share linked is that of the ladder's own numbers where it shows the step "linked", else hidden: the exact share
    would tell a number that the ladder merged away. Error rates are the model's expectations, not counts.
    """
    if quality is None:
        return None, ()
    overall = next((step.percent for step in ladder.steps if step.step == LINKED_STEP), CONFIDENTIAL)
    groups: list[ReleasedGroup] = []
    for _, levels in groupby(quality.groups, key=lambda group: group.characteristic):
        groups += _release_groups(merge_groups(tuple(levels), thresholds), ladder, thresholds)
    unlinked = next((step.lost for step in ladder.steps if step.step == LINKED_STEP), CONFIDENTIAL)
    safe = not any(group.linked_share == CONFIDENTIAL for group in groups) and len(groups) == len(quality.groups)
    return (
        ReleasedLinkage(
            linked_share=overall,
            false_links=modelled_share(quality.false_links),
            missed_links=modelled_share(quality.missed_links),
            lost_to_blocking=modelled_share(quality.lost_to_blocking),
            awaiting_review=_awaiting(quality.awaiting_review, unlinked, thresholds),
            groups=tuple(groups),
        ),
        (judged("linkage_groups", "linkage", safe, "suppressed"),),
    )


def _awaiting(count: int, unlinked: Number, thresholds: Thresholds) -> Number:
    """Hidden where few, or where few of those not linked are not among them."""
    rest = unlinked - count if isinstance(unlinked, (int, float)) else None
    return CONFIDENTIAL if thresholds.is_small(count) or (rest is not None and thresholds.is_small(rest)) else count


def _release_groups(levels: tuple[GroupShare, ...], ladder: Ladder, thresholds: Thresholds) -> Iterable[ReleasedGroup]:
    """One characteristic's levels; submitted counts are hidden where their sum is a few people from a number shown."""
    if not levels:
        return
    sums = (sum(level.submitted for level in levels), sum(level.linked for level in levels))
    near_end = any(0 < abs(total - count) < ladder.least for total in sums for count in ladder.shown[-1:])
    is_telling = near_end or any(ladder.is_near(total, thresholds) for total in sums)
    closed = _closed_shares(levels, thresholds)
    shares = [level.linked / level.submitted for level in levels]
    shown: list[Number] = list(_coarse_shares(shares, sums, closed, thresholds) if is_telling else shares)
    for level, shut, share in zip(levels, closed.tolist(), shown, strict=True):
        yield ReleasedGroup(
            level.characteristic, level.level, CONFIDENTIAL if is_telling else level.submitted, CONFIDENTIAL if shut else share
        )


def _coarse_shares(shares: list[float], sums: tuple[int, int], closed: Bools, thresholds: Thresholds) -> list[Number]:
    """The linked shares on the finest grid that does not bring back how many were submitted; hidden where none is coarse enough.

    sums: submitted and linked over all levels. Those linked are shown, so their number over the overall share, which lies between
    the smallest and the largest, is that of all submitted: it must be uncertain by `width` both ways.
    """
    submitted, linked = sums
    for grid in _SHARE_GRIDS:
        rounded = [round(round(share / grid) * grid, 2) for share in shares]
        low, high = min(rounded) - grid / 2, max(rounded) + grid / 2
        apart = linked / high <= submitted - thresholds.width and (low <= 0 or linked / low >= submitted + thresholds.width)
        if (apart or closed.any()) and all(0 < share < 1 for share in rounded):
            return list(rounded)
    return [CONFIDENTIAL] * len(shares)


def _closed_shares(levels: tuple[GroupShare, ...], thresholds: Thresholds) -> Bools:
    """Levels whose linked share is hidden: too few linked or not linked, and company for them.

    Published: submitted by level, and the sums of linked and not linked.
    """
    linked = np.array([level.linked for level in levels])
    missed = np.array([level.submitted - level.linked for level in levels])
    size = len(levels)
    values = np.concatenate([linked, missed])
    equations = np.vstack([np.kron(np.eye(2), np.ones(size)), np.kron(np.ones(2), np.eye(size))])
    units = np.tile(np.arange(size), 2)
    table = LinkedTable(values, equations, (equations @ values).astype(float), units, values < thresholds.cell_minimum)
    return protect(table, thresholds.width)
