"""The balance table and the profile for release: levels merged, suppressed with company, and "before" made safe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from datalab.balance.results import Balance, CovariateBalance
from datalab.disclosure.checks import failed, is_before_safe, is_small_line, passed
from datalab.disclosure.evidence import is_zero_one, line_evidence
from datalab.disclosure.exact import exact_covariate
from datalab.disclosure.merging import merge_levels, share_spread
from datalab.disclosure.number import BAND_ENDS, band
from datalab.disclosure.results import Decision, Number, ReleasedBalance, ReleasedCovariate, ReleasedProfile, Suppressed
from datalab.disclosure.suppression import partition, protect
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, NOT_APPLICABLE, coarse, shown
from datalab.effects.results import People, ProfileLine
from datalab.fields.justice.nesting import levels_chosen
from datalab.table import Bools, Ints
from datalab.wording import say
from datalab.wording.advice import is_advice

Conditions = tuple[tuple[str, tuple[str, ...]], ...]
WORST_NAMED = 5
WORST_ABOVE = 0.05  # a difference within 5 % is not among the worst (design 2.8: well matched)
_ROUNDING = 1e-12


@dataclass(frozen=True)
class HiddenSizes:
    """Whether all treated, and the pool, are numbers that the analysis hides: exact shares of them would tell them.

    parts: conditions (variable, values) of other analyses that are shown; where they choose levels of a covariate, the sums of
    those levels are known. parts_treated: those of the analyses that show all their treated too. pool_parts: those of the
    analyses that hide the size of their pool, which is a sum of such levels.
    """

    treated: bool = False
    pool: bool = False
    parts: Conditions = ()
    parts_treated: Conditions = ()
    pool_parts: Conditions = ()


@dataclass(frozen=True)
class LineRelease:
    """A balance line after merging, what is shown of it, and how many of those left out are in it.

    told: sets of levels of its covariate whose sums, before and after the match, other analyses show.
    """

    source: CovariateBalance
    line: ReleasedCovariate
    is_hidden: bool
    stands_in: bool
    told: tuple[frozenset[str], ...] = ()

    @property
    def left_out(self) -> int:
        """Treated people left out who are in this level (numeric: with the value known)."""
        return self.source.treated_count_before - self.source.treated_count


def release_lines(balance: Balance, sizes: HiddenSizes, thresholds: Thresholds) -> tuple[LineRelease, ...]:
    """Every line of the balance table as it may be shown, covariates in their order."""
    groups = (tuple(lines) for _, lines in groupby(balance.covariates, key=lambda line: line.covariate))
    return tuple(released for lines in groups for released in _release_covariate(lines, sizes, thresholds))


def _release_covariate(lines: tuple[CovariateBalance, ...], sizes: HiddenSizes, thresholds: Thresholds) -> Iterator[LineRelease]:
    def is_small(line: CovariateBalance) -> bool:
        return is_small_line(line_evidence(line), thresholds)

    told, gone = levels_told(lines, sizes.parts), levels_told(lines, sizes.pool_parts)
    merged = merge_levels(lines, is_small, told) if lines[0].level else lines
    told = tuple(_after_merging(levels, merged) for levels in told)
    of_all = tuple(_after_merging(levels, merged) for levels in levels_told(lines, sizes.parts_treated))
    small = np.array([is_small(line) for line in merged])
    hidden = _hide_levels(merged, told, of_all, thresholds) if lines[0].level else small
    left_out = sum(line.treated_count_before - line.treated_count for line in (lines if lines[0].level else lines[:1]))
    safe = not sizes.treated and is_before_safe(tuple(line_evidence(line) for line in merged), left_out, thresholds)
    shown_lines = [_shown_line(line, is_hidden, safe) for line, is_hidden in zip(merged, hidden.tolist(), strict=True)]
    unseen = np.flatnonzero(hidden).tolist()
    telling = bands_that_tell([merged[place] for place in unseen], [shown_lines[place] for place in unseen], safe)
    for line, is_hidden, made in zip(merged, hidden.tolist(), shown_lines, strict=True):
        told_less = replace(made, **telling) if is_hidden else made
        if gone:
            told_less = replace(told_less, pool_before=CONFIDENTIAL, smd_before=CONFIDENTIAL, band_before="[c]")
        yield LineRelease(line, _coarse_pool(told_less) if sizes.pool else told_less, is_hidden, not safe, of_all)


def bands_that_tell(lines: Sequence[CovariateBalance], made: Sequence[ReleasedCovariate], before_is_safe: bool) -> dict[str, Any]:
    """Which bands of the hidden levels of a covariate would rule out that all their people are in one of them, each as "[c]".

    What the hidden levels hold together is known of both groups, and so how far the groups are apart there. Were everybody in one
    level, it alone would be as far apart, in spreads of it alone, which is the least that the levels' spreads can add up to
    (a spread is concave in the share). A band must have room for that.
    """
    if not lines or not lines[0].level:
        return {}
    treated, analysed, pool, compared = (
        sum(getattr(line, name) for line in lines)
        for name in ("mean_treated_before", "mean_treated", "mean_pool_before", "mean_pool")
    )
    first = treated if before_is_safe else analysed
    apart = {"band_before": abs(first - pool), "band": abs(analysed - compared)}
    ends = {name: min(BAND_ENDS[getattr(line, name)] for line in made) for name in apart}
    spread = share_spread(first)
    return {name: "[c]" for name, size in apart.items() if ends[name] < math.inf and size > ends[name] * spread + _ROUNDING}


def levels_told(lines: Sequence[CovariateBalance], conditions: Conditions) -> tuple[frozenset[str], ...]:
    """Sets of levels that the people of other analyses have."""
    names = tuple(line.level for line in lines)
    chosen = {levels_chosen(lines[0].covariate, names, variable, values) for variable, values in conditions}
    return tuple(sorted((levels for levels in chosen if levels), key=sorted))


def _after_merging(levels: frozenset[str], merged: Sequence[CovariateBalance]) -> frozenset[str]:
    """The levels of a set as the merged lines have them: what was put together is in it as a whole or not at all."""
    kept = {line.level for line in merged}
    return levels if levels <= kept else (levels & kept) | {merged[-1].level}


def _hide_levels(
    lines: Sequence[CovariateBalance], told: Sequence[frozenset[str]], of_all: Sequence[frozenset[str]], thresholds: Thresholds
) -> Bools:
    """The levels to hide: the small ones, and company for them in every column that the levels partition.

    told: sets of levels whose sums are known; of_all: those of which the sum of all treated (the first column) is.
    """
    if len(lines) == 1:
        return np.array([True])  # the only level holds everyone: 100 %
    columns = columns_of(lines)
    sets = told_cells(columns, [line.level for line in lines], told, thresholds)
    for inside, levels in zip(sets, told, strict=True):
        inside[0] &= levels in of_all
    return protect(partition(columns, columns < thresholds.cell_minimum, sets), thresholds.width)


def columns_of(lines: Sequence[CovariateBalance]) -> Ints:
    """People (c, l) by level: all treated, those analysed, the pool, those compared with."""
    return np.array(
        [[line.treated_count_before, line.treated_count, line.pool_count_before, line.pool_count] for line in lines]
    ).T


def told_cells(columns: Ints, names: Sequence[str], told: Sequence[frozenset[str]], thresholds: Thresholds) -> list[Bools]:
    """The cells (c, l) of each told set whose sum along the row is known: a sum of few people is shown nowhere."""
    sets = [np.tile(np.isin(names, sorted(levels)), (len(columns), 1)) for levels in told]
    for inside in sets:
        inside[np.array([thresholds.is_small(sum(row[inside[0]].tolist())) for row in columns])] = False
    return sets


def _shown_line(line: CovariateBalance, is_hidden: bool, before_is_safe: bool) -> ReleasedCovariate:
    """Everything, nothing but the bands, or everything but the treated before, whose place the analysed take.

    The standardised differences of shares, and the bands, then use only what is shown beside them: exact ones would give away the
    spread of all treated, and with it how many of a level were left out. Those of other numbers are rounded to 2 decimals: the
    exact spread of whole numbers tells how many people it is of.
    """
    released = exact_covariate(line) if before_is_safe else _stood_in(line)
    return _only_bands(released) if is_hidden else released


def _stood_in(line: CovariateBalance) -> ReleasedCovariate:
    """The line with the analysed in the place of all treated."""
    released = replace(exact_covariate(line), treated_before=CONFIDENTIAL)
    is_share = bool(line.level) or is_zero_one(line)
    sd = (share_spread(line.mean_treated) or share_spread(line.mean_pool_before)) if is_share else line.sd
    if sd <= 0:
        return replace(released, smd_before=NOT_APPLICABLE, smd=NOT_APPLICABLE)
    before, after = (line.mean_treated - line.mean_pool_before) / sd, (line.mean_treated - line.mean_pool) / sd
    return replace(
        released,
        smd_before=shown(before) if is_share else coarse(shown(before), "share"),
        smd=shown(after) if is_share else coarse(shown(after), "share"),
        band_before=band(before),
        band=band(after),
    )


def _coarse_pool(line: ReleasedCovariate) -> ReleasedCovariate:
    """The line with the pool's mean, and what it could be solved from, rounded to 2 decimals (numbers: 2 figures)."""
    pool = coarse(line.pool_before, "share" if line.level else "other")
    return replace(line, pool_before=pool, smd_before=coarse(line.smd_before, "share"))


def _only_bands(line: ReleasedCovariate) -> ReleasedCovariate:
    """The means and the standardised differences go, since a count can be solved from them; the bands stay."""
    hidden = CONFIDENTIAL
    return replace(
        line,
        treated_before=hidden,
        pool_before=hidden,
        treated=hidden,
        comparison=hidden,
        smd_before=hidden,
        smd=hidden,
        variance_ratio=hidden,
    )


def release_balance(balance: Balance, lines: tuple[LineRelease, ...], people: People, thresholds: Thresholds) -> ReleasedBalance:
    """The gate with the lines; the largest difference only if a line shows it, the worst only among lines shown."""
    visible = [(abs(size), item) for item in lines if not isinstance(size := item.line.smd, Suppressed)]
    hidden = [abs(item.source.smd) for item in lines if item.is_hidden and not math.isnan(item.source.smd)]
    largest = max((size for size, _ in visible), default=math.nan)
    order = sorted(visible, key=lambda pair: (-pair[0], pair[1].line.label, pair[1].line.level))
    worst = tuple(_name(item.line) for size, item in order[:WORST_NAMED] if size > WORST_ABOVE)
    return ReleasedBalance(
        passed=balance.passed,
        reasons=_reasons(balance, lines, worst),
        max_smd=CONFIDENTIAL if hidden and not max(hidden) <= largest else shown(largest),
        share_within_5pc=shown(balance.share_within_5pc),
        worst=worst,
        overlap_share=_overlap_share(balance.overlap_share, people, thresholds),
        largest_weight_share=_at_most(balance.largest_weight_share),
        covariates=tuple(item.line for item in lines),
    )


def _reasons(balance: Balance, lines: tuple[LineRelease, ...], worst: tuple[str, ...]) -> tuple[str, ...]:
    """Why the gate failed. Its own sentences carry exact differences, so they pass only where every line is as found."""
    as_found = len(lines) == len(balance.covariates) and not any(item.is_hidden or item.stands_in for item in lines)
    if not balance.reasons or as_found:
        return balance.reasons
    far = say("disclosure.balance.far_apart", worst="; ".join(worst)) if worst else say("disclosure.balance.far_apart_hidden")
    return far, *(text for text in balance.reasons if is_advice(text))


def _at_most(share: float) -> Number:
    """The largest weight as the whole per cent that it does not reach beyond: exact, a maximum is one person's."""
    return NOT_APPLICABLE if math.isnan(share) else min(1.0, math.ceil(round(100 * share, 9)) / 100)


def _overlap_share(share: float, people: People, thresholds: Thresholds) -> Number:
    """Hidden where it tells of a few treated people that they lie outside, or inside and yet not analysed."""
    if math.isnan(share):
        return NOT_APPLICABLE
    outside = round((1 - share) * people.treated)
    left_out = people.treated - people.matched
    near = (thresholds.is_close(outside, other) for other in (0, left_out))
    return CONFIDENTIAL if any(near) or thresholds.is_close(left_out, 0) else share


def _name(line: ReleasedCovariate) -> str:
    return f"{line.label}: {line.level}" if line.level else line.label


def release_profile(
    profile: tuple[ProfileLine, ...], lines: tuple[LineRelease, ...], left_out: int, thresholds: Thresholds
) -> tuple[ReleasedProfile, ...]:
    """Analysed beside left out, on the lines of the balance table; nothing where too few were left out.

    The analysed column shows what the balance table shows. The left-out column is a partition of its own (all treated
    are not shown where it would give a small cell away), suppressed with company in turn.
    """
    if not profile or thresholds.is_small(left_out):
        return ()
    found = {(line.label, line.level): line for line in profile}
    released: list[ReleasedProfile] = []
    for (_, label), group in groupby(lines, key=lambda item: (item.source.covariate, item.source.label)):
        items = tuple(group)
        if (items[0].source.level and any(entry[0] == label for entry in found)) or (label, "") in found:
            released += _profile_lines(items, found, thresholds)
    return tuple(released)


def _profile_lines(
    items: tuple[LineRelease, ...], found: dict[tuple[str, str], ProfileLine], thresholds: Thresholds
) -> list[ReleasedProfile]:
    if not items[0].source.level:
        item = items[0]
        line = found[item.source.label, ""]
        total = line.left_out_mean * line.left_out_count
        is_few = thresholds.is_small(line.left_out_count) or 0 <= round(total, 6) < thresholds.cell_minimum
        left = CONFIDENTIAL if item.is_hidden or is_few else shown(line.left_out_mean)
        return [ReleasedProfile(line.label, "", item.line.treated, left)]
    counts = np.array([item.left_out for item in items])
    names = [item.source.level for item in items]
    column = counts[None, :]
    sets = told_cells(column, names, items[0].told, thresholds)
    closed = protect(partition(column, column < thresholds.cell_minimum, sets), thresholds.width) | (len(items) == 1)
    total = int(counts.sum())
    return [
        ReleasedProfile(
            item.source.label, item.source.level, item.line.treated, CONFIDENTIAL if shut or item.is_hidden else count / total
        )
        for item, count, shut in zip(items, counts.tolist(), closed.tolist(), strict=True)
    ]


def line_decisions(lines: tuple[LineRelease, ...], merged_from: int, subject: str) -> tuple[Decision, ...]:
    """What became of the balance table, by number of lines (never by name)."""
    hidden, stand_ins = sum(item.is_hidden for item in lines), sum(item.stands_in for item in lines)
    named = (
        ("small_levels", merged_from > len(lines), "merged"),
        ("cells", hidden > 0, "suppressed"),
        ("before_matching", stand_ins > 0, "suppressed"),
    )
    return tuple(failed(rule, subject, action) if happened else passed(rule, subject) for rule, happened, action in named)


def without_means(balance: ReleasedBalance) -> ReleasedBalance:
    """The balance of a part of the people: how far the groups differ, rounded to 2 decimals, and no means.

    Means and counts of a part, taken from those of the whole, would give the small levels of the rest.
    """
    lines = tuple(
        replace(
            line,
            treated_before=CONFIDENTIAL,
            pool_before=CONFIDENTIAL,
            treated=CONFIDENTIAL,
            comparison=CONFIDENTIAL,
            smd_before=coarse(line.smd_before, "share"),
            smd=coarse(line.smd, "share"),
            variance_ratio=CONFIDENTIAL,
        )
        for line in balance.covariates
    )
    return replace(balance, max_smd=coarse(balance.max_smd, "share"), covariates=lines)
