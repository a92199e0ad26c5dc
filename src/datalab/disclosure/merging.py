"""Puts small things together before anything is suppressed: levels into "other", steps with the next, bins with neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datalab.balance.results import CovariateBalance
from datalab.cohort.results import AttritionStep
from datalab.disclosure.thresholds import Thresholds
from datalab.linkage.results import GroupShare
from datalab.table import Floats, Ints
from datalab.wording import say

SEVERAL_REASONS = "several_reasons"


@dataclass(frozen=True)
class MergedStep:
    """A step of the ladder that stands for one or several; `n_before` is the count it started from, `losses` of each."""

    step: str
    n_before: int
    n: int
    reason: str
    losses: tuple[int, ...]

    @property
    def lost(self) -> int:
        """People lost on the way."""
        return self.n_before - self.n


def merge_steps(steps: Sequence[AttritionStep], thresholds: Thresholds, least: int = 0) -> tuple[MergedStep, ...]:
    """The ladder with every loss at least the cell minimum; the first step is only where it starts.

    A step that lost fewer is merged with the next (the last with the one before), whose name it takes, until the sum leaves the
    few of any step of it uncertain by `width` upward. least: of the last loss too, for the few of a part among them. Steps that
    lost nobody vanish without a word; where people were lost for more than one reason the reason is "several_reasons". A
    ladder that lost fewer in all is one step, and `is_enough` says no of it.
    """
    runs: list[list[AttritionStep]] = []
    open_run: list[AttritionStep] = []
    for step in steps[1:]:
        open_run.append(step)
        if is_enough(_losses(open_run), thresholds):
            runs.append(open_run)
            open_run = []
    runs += [open_run] if open_run else []
    while len(runs) > 1 and not is_enough(_losses(runs[-1]), thresholds, least):
        runs[-2:] = [[*runs[-2], *runs[-1]]]
    merged, n = [], steps[0].n if steps else 0
    for run in runs:
        reasons = {part.reason for part in run if part.lost}
        reason = reasons.pop() if len(reasons) == 1 else SEVERAL_REASONS if reasons else run[-1].reason
        merged.append(MergedStep(run[-1].step, n, run[-1].n, reason, _losses(run)))
        n = run[-1].n
    return tuple(merged)


def _losses(run: Sequence[AttritionStep]) -> tuple[int, ...]:
    return tuple(part.lost for part in run if part.lost)


def is_enough(losses: Sequence[int], thresholds: Thresholds, least: int = 0) -> bool:
    """Whether the sum of some losses may be shown: no small cell, and `width` more than any small one among them."""
    few = max((lost for lost in losses if thresholds.is_small(lost)), default=0)
    return sum(losses) >= max(thresholds.cell_minimum, few + thresholds.width, least)


def merge_levels(
    lines: Sequence[CovariateBalance], is_small: Callable[[CovariateBalance], bool], told: Sequence[frozenset[str]] = ()
) -> tuple[CovariateBalance, ...]:
    """The levels of one covariate with the small ones, if two or more, added up to one called "other", put last.

    Means are shares and add up; the standardised difference is made anew by the one definition (design 3.3). told: sets of
    levels whose sums are known; only small levels that lie in the same of them are added up (most of them, then the first), or
    a sum would be known of a part of "other".
    """
    alike: dict[tuple[bool, ...], list[CovariateBalance]] = {}
    for line in lines:
        if is_small(line):
            alike.setdefault(tuple(line.level in levels for levels in told), []).append(line)
    small = max(alike.values(), key=len, default=[])
    if len(small) < 2:
        return tuple(lines)
    return (*(line for line in lines if line not in small), _other(small))


def _other(lines: Sequence[CovariateBalance]) -> CovariateBalance:
    def total(name: str) -> float:
        return float(sum(getattr(line, name) for line in lines))

    before, pool_before, after, pool = (
        total(name) for name in ("mean_treated_before", "mean_pool_before", "mean_treated", "mean_pool")
    )
    spreads = (("treated", share_spread(before)), ("pool", share_spread(pool_before)))
    source, sd = next(((name, spread) for name, spread in spreads if spread > 0), ("none", 0.0))
    nan = float("nan")
    return replace(
        lines[0],
        level=say("disclosure.levels.other"),
        mean_treated_before=before,
        mean_pool_before=pool_before,
        mean_treated=after,
        mean_pool=pool,
        sd=sd,
        sd_source=source,
        smd_before=(before - pool_before) / sd if sd > 0 else nan,
        smd=(after - pool) / sd if sd > 0 else nan,
        variance_ratio_before=nan,
        variance_ratio=nan,
        ks_before=abs(before - pool_before),
        ks=abs(after - pool),
        ecdf_before=nan,
        ecdf=nan,
        treated_count_before=sum(line.treated_count_before for line in lines),
        pool_count_before=sum(line.pool_count_before for line in lines),
        treated_count=sum(line.treated_count for line in lines),
        pool_count=sum(line.pool_count for line in lines),
    )


def share_spread(share: float) -> float:
    """Standard deviation of a 0/1 variable with this mean; 0 where rounding took the mean out of 0 to 1."""
    return float(np.sqrt(max(0.0, share * (1 - share))))


def merge_groups(groups: Sequence[GroupShare], thresholds: Thresholds) -> tuple[GroupShare, ...]:
    """The levels of one characteristic, each with enough submitted people: small ones are added up to "other".

    Enough is the cell minimum and the width of protection: a small number linked (or not) among so many may be `width` more.
    Where "other" is still small the smallest of the rest joins it, so that no count needs hiding; a characteristic that
    ends as one level says nothing and is dropped. Ties by level name.
    """
    enough = thresholds.cell_minimum + thresholds.width
    order = sorted(groups, key=lambda group: (group.submitted, group.level))
    joined: list[GroupShare] = []
    while order and (order[0].submitted < enough or (joined and _submitted(joined) < enough)):
        joined.append(order.pop(0))
    if not joined:
        return tuple(groups)
    if not order:
        return ()
    linked = sum(group.linked for group in joined)
    other = GroupShare(joined[0].characteristic, say("disclosure.levels.other"), _submitted(joined), linked)
    return (*(group for group in groups if group in order), other)


def _submitted(groups: Sequence[GroupShare]) -> int:
    return sum(group.submitted for group in groups)


def merge_bins(counts: Sequence[Floats | Ints], minimum: float) -> tuple[tuple[int, int], ...]:
    """Neighbouring bins put together, as (first, end) ranges, until each range counts at least `minimum` in every row.

    What is left at the high end joins the last range; no range at all where the whole is too small.

    >>> merge_bins([np.array([0, 4, 8, 30, 2])], 10)
    ((0, 3), (3, 5))
    """
    rows = np.vstack([np.asarray(row, dtype=float) for row in counts])
    ranges: list[tuple[int, int]] = []
    start = 0
    for end in range(1, rows.shape[1] + 1):
        if (rows[:, start:end].sum(axis=1) >= minimum).all():
            ranges.append((start, end))
            start = end
    if ranges and start < rows.shape[1]:
        ranges[-1] = (ranges[-1][0], rows.shape[1])
    return tuple(ranges)
