"""What could be had by subtraction between the analyses of one study, and which of them are withheld for it.

Each analysis publishes sums over sets of people: all treated, those matched, the pool. Whoever has several may add and
subtract them. An analysis is let out only where no group of 1 to 9 people comes out of that: not as the difference of two
sets, not as what is left of a set after all the parts of one division of it (regions, sexes, years, …), not as any group that
the published sets together determine. The headline goes first, then the order of the plan, and of the analyses that one line
makes the largest first; so it is always the less important and the smaller one that goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from datalab.disclosure.differencing import TooManyError, combine_to_few
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.together import is_shown
from datalab.effects.results import AnalysisFindings, NeedsRun, OutcomeResult
from datalab.table import Ints

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class SetsOf:
    """The sets of one analysis as bits over all people: matched, treated (None where the release hides it), pool."""

    found: AnalysisFindings
    matched: Bits
    treated: Bits | None
    pool: Bits

    @property
    def of_treated(self) -> tuple[Bits, ...]:
        """The published sets of treated people."""
        return (self.matched,) if self.treated is None else (self.matched, self.treated)


@dataclass(frozen=True)
class Admission:
    """Names of analyses that may not be shown beside the others; of those whose pool's size may not; (analysis, measure)
    pairs of which only the direction may; and (analysis, design) of needs runs whose sizes may not."""

    withheld: frozenset[str]
    pool_hidden: frozenset[str] = frozenset()
    direction_only: frozenset[tuple[str, str]] = frozenset()
    sizes_hidden: frozenset[tuple[str, str]] = frozenset()


def admit(
    analyses: Sequence[AnalysisFindings], headline: str, thresholds: Thresholds, needs: Sequence[NeedsRun] = ()
) -> Admission:
    """Who may be shown beside whom, the headline first, the runs of the needs design last."""
    order = tuple(found for found in in_order(analyses, headline) if found.status != "not_possible")
    universe = _Universe(order)
    shown: list[SetsOf] = []
    withheld, pools, outcomes = set(), set(), set()
    for found in order:
        sets = universe.sets_of(found, thresholds)
        if sets is None:  # without row ids only the counts can be compared
            close = any(thresholds.is_close(found.people.matched, one.found.people.matched) for one in shown)
            withheld |= {found.name} if close else set()
            shown += [] if close else [universe.counted(found)]
        elif is_telling(shown, sets, thresholds):
            withheld.add(found.name)
        else:
            pools |= {found.name} if _pool_is_telling(shown, sets, thresholds) else set()
            outcomes |= {(found.name, name) for name in telling_outcomes(shown, sets, thresholds)}
            shown.append(sets)
    sizes = frozenset(_telling_sizes(shown, universe, needs, thresholds))
    return Admission(frozenset(withheld), frozenset(pools), frozenset(outcomes), sizes)


def _telling_sizes(
    shown: Sequence[SetsOf], universe: _Universe, needs: Sequence[NeedsRun], thresholds: Thresholds
) -> Iterator[tuple[str, str]]:
    """The runs whose number of people would, beside all that is shown and the runs before, count a few."""
    beside = list(shown)
    for run in needs:
        sets = universe.sets_of(run.found, thresholds)
        if sets is None or is_telling(beside, sets, thresholds):
            yield run.analysis, run.design
        else:
            beside.append(sets)


def in_order(analyses: Sequence[AnalysisFindings], headline: str) -> tuple[AnalysisFindings, ...]:
    """From the most to the least important: headline, plan order, the analyses of one line from the largest down."""
    first: dict[tuple[object, ...], int] = {}

    def key(place: int) -> tuple[bool, int, int, int]:
        found = analyses[place]
        line = (place,) if found.planned else tuple(name for name, _ in found.conditions)
        size = 0 if found.planned else -found.people.matched
        return found.name != headline, first.setdefault(line, place), size, place

    keys = {place: key(place) for place in range(len(analyses))}
    return tuple(analyses[place] for place in sorted(keys, key=lambda place: keys[place]))


class _Universe:
    """Everybody in any analysis, so that a set becomes a row of bits."""

    def __init__(self, analyses: Sequence[AnalysisFindings]) -> None:
        known = [found.members for found in analyses if found.members is not None]
        empty = np.zeros(0, dtype=np.int64)
        self._treated = np.unique(np.concatenate([empty, *(members.treated for members in known)]))
        self._pool = np.unique(np.concatenate([empty, *(members.pool for members in known)]))

    def sets_of(self, found: AnalysisFindings, thresholds: Thresholds) -> SetsOf | None:
        """The sets of an analysis; None where its findings do not hold its people."""
        people, members = found.people, found.members
        if members is None or len(found.matched_row_ids) != people.matched:
            return None
        hidden = thresholds.is_close(people.treated, people.matched) or thresholds.is_small(people.treated)
        matched = _bits(np.asarray(found.matched_row_ids, dtype=np.int64), self._treated)
        treated = None if hidden else _bits(members.treated, self._treated)
        return SetsOf(found, matched, treated, _bits(members.pool, self._pool))

    def counted(self, found: AnalysisFindings) -> SetsOf:
        """An analysis of which only the counts are known: no set to compare others with."""
        none = np.zeros(0, dtype=np.int64)
        return SetsOf(found, _bits(none, self._treated), None, _bits(none, self._pool))


def _bits(ids: Ints, universe: Ints) -> Bits:
    return np.packbits(np.isin(universe, ids))


def _size(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum())


def _is_few(count: int, thresholds: Thresholds) -> bool:
    return 0 < count < thresholds.cell_minimum


def is_telling(shown: Sequence[SetsOf], new: SetsOf, thresholds: Thresholds) -> bool:
    """Whether the treated people of a new analysis, beside those shown, let a group of 1 to 9 be worked out."""
    pairs = ((one, other) for before in shown for one in before.of_treated for other in new.of_treated)
    if any(_is_near(one, other, thresholds) for one, other in pairs):
        return True
    if any(_is_near(whole, parts, thresholds) for whole, parts in _divisions(shown, new, thresholds)):
        return True
    return _determines_few([bits for sets in (*shown, new) for bits in sets.of_treated], thresholds)


def _is_near(one: Bits, other: Bits, thresholds: Thresholds) -> bool:
    """Whether the difference of two sets is a few people, or looks so in their sizes where the one (nearly) holds the other."""
    if _is_few(_size(one ^ other), thresholds):
        return True
    outside = min(_size(one & ~other), _size(other & ~one))
    return outside < thresholds.cell_minimum and thresholds.is_close(_size(one), _size(other))


def _pool_is_telling(shown: Sequence[SetsOf], new: SetsOf, thresholds: Thresholds) -> bool:
    return any(_is_near(before.pool, new.pool, thresholds) for before in shown) or any(
        _is_near(whole.pool, _union([part.pool for part in parts]), thresholds)
        for whole, parts in _wholes_and_parts(shown, new, thresholds)
    )


def _divisions(shown: Sequence[SetsOf], new: SetsOf, thresholds: Thresholds) -> Iterator[tuple[Bits, Bits]]:
    """A set beside the union of its parts, for each division that the new analysis takes part in."""
    for whole, parts in _wholes_and_parts(shown, new, thresholds):
        unions = [_union([part.matched for part in parts])]
        if all(part.treated is not None for part in parts):
            unions.append(_union([part.treated for part in parts if part.treated is not None]))
        yield from ((one, union) for one in whole.of_treated for union in unions)


def _wholes_and_parts(
    shown: Sequence[SetsOf], new: SetsOf, thresholds: Thresholds
) -> Iterator[tuple[SetsOf, tuple[SetsOf, ...]]]:
    """Each analysis with those of one division that lie within it, the new one among them."""
    everything = (*shown, new)
    for family in _families(everything):
        for whole in everything:
            parts = _apart([part for part in family if part is not whole and _lies_within(part, whole, thresholds)])
            if parts and (whole is new or new in parts):
                yield whole, parts


def _families(analyses: Sequence[SetsOf]) -> list[list[SetsOf]]:
    """Analyses with conditions on the same variables, of which some have the same values and the others divide."""
    families: dict[tuple[object, ...], list[SetsOf]] = {}
    for sets in analyses:
        conditions = dict(sets.found.conditions)
        for count in range(1, len(conditions) + 1):
            for divided in combinations(sorted(conditions), count):
                same = tuple((name, conditions[name]) for name in sorted(conditions) if name not in divided)
                families.setdefault((divided, same), []).append(sets)
    return list(families.values())


def _lies_within(part: SetsOf, whole: SetsOf, thresholds: Thresholds) -> bool:
    """True but for a few people, who may be matched in the one and not in the other."""
    outside = part.matched & ~whole.matched
    return _size(outside) < thresholds.cell_minimum


def _apart(parts: Sequence[SetsOf]) -> tuple[SetsOf, ...]:
    """The parts that share nobody with an earlier one."""
    kept: list[SetsOf] = []
    for part in parts:
        if not any((part.matched & one.matched).any() for one in kept):
            kept.append(part)
    return tuple(kept)


def _union(sets: Sequence[Bits]) -> Bits:
    return np.asarray(np.bitwise_or.reduce(np.stack(sets), axis=0), dtype=np.uint8)


def _determines_few(sets: Sequence[Bits], thresholds: Thresholds) -> bool:
    """Whether some combination of the sums over the sets depends on 1 to 9 people alone; True where nobody can be sure."""
    rows = np.unpackbits(np.stack(sets), axis=1)
    groups, sizes = np.unique(rows[:, rows.any(axis=0)], axis=1, return_counts=True)
    try:
        return combine_to_few(groups.astype(np.float64), sizes.tolist(), thresholds.cell_minimum) is not None
    except TooManyError:
        return True


def telling_outcomes(shown: Sequence[SetsOf], new: SetsOf, thresholds: Thresholds) -> set[str]:
    """Measures of a new analysis that, taken from those of a larger one, leave too few people with or without the event.

    The larger one less all its parts, less those parts that are large enough to show theirs, and less any one alone.
    """
    divided = [
        (whole, some, name)
        for whole, parts in _wholes_and_parts(shown, new, thresholds)
        for name in _counted(whole)
        for some in (parts, _showing(name, parts, thresholds))
    ]
    pairs = [(one, other) for before in shown for one, other in ((before, new), (new, before))]
    alone = [(whole, (part,), name) for whole, part in pairs if _lies_within(part, whole, thresholds) for name in _counted(whole)]
    return {
        name
        for whole, parts, name in (*divided, *alone)
        if all(name in _counted(part) for part in parts)
        and _leaves_few(_counted(whole)[name], [_counted(part)[name] for part in parts], thresholds)
    }


def _showing(name: str, parts: Sequence[SetsOf], thresholds: Thresholds) -> tuple[SetsOf, ...]:
    """The parts that show a measure in full, so that it can be subtracted."""
    return tuple(part for part in parts if (result := _counted(part).get(name)) is not None and is_shown(result, thresholds))


def _counted(sets: SetsOf) -> dict[str, OutcomeResult]:
    results = sets.found.outcomes
    return {o.measure.name: o for o in results if o.status == "estimated" and o.measure.kind in ("binary", "count")}


def _leaves_few(whole: OutcomeResult, parts: Sequence[OutcomeResult], thresholds: Thresholds) -> bool:
    """The rules of a cell for those who are in the whole and in no part: enough with the event and (shares) without it."""
    people = whole.n_treated - sum(part.n_treated for part in parts)
    events = whole.treated_events - sum(part.treated_events for part in parts)
    if people <= 0:
        return False
    is_share = whole.measure.kind == "binary"
    least = thresholds.whole_group_minimum if is_share and not whole.measure.among else thresholds.cell_minimum
    return events < least or (is_share and people - events < least)
