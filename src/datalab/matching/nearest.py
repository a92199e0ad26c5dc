"""Nearest neighbours: each treated row gets its k closest comparison rows, once each or again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datalab.matching.radius import stratum_rows
from datalab.matching.results import Pairs
from datalab.matching.task import Task, Weighed, blank
from datalab.table import Floats, Ints

# Mass that is less than this is left over from rounding.
LEAST = 1e-9


def weigh_nearest(task: Task) -> Weighed:
    """Each treated row's `ratio` nearest comparison rows of its stratum, within the caliper where there is one.

    Without `replacement` a row serves once: the treated row with the largest score chooses first, each one partner in the
    first round, then each another, until all have `ratio` or nobody is left. Ties, of scores as of distances, go to the
    smaller row id. A treated row's mass is shared equally by its partners, however few. A row of case weight 0.5 is half a
    partner, so copies of a row with shares of its weight change nothing.
    Source: Ho, Imai, King and Stuart 2011 (MatchIt's nearest, m.order = "largest"); Stuart 2010.
    """
    found = [part for part in _stratum_pairs(task) if part.treated.size]
    weights, reach = blank(task)
    if not found:
        return Weighed(weights, reach, Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)))
    pairs = Pairs(*(np.concatenate([getattr(part, name) for part in found]) for name in ("treated", "comparison", "amount")))
    return Weighed(*pair_weights(pairs, task.mass), pairs)


def pair_weights(pairs: Pairs, mass: Floats) -> tuple[Floats, Ints]:
    """Weights and reach (n,) that follow from the pairs: a treated row's mass shared by the amounts it took."""
    n = mass.size
    taken = np.bincount(pairs.treated, pairs.amount, n)
    share = mass[pairs.treated] * pairs.amount / taken[pairs.treated]
    weights = np.bincount(pairs.comparison, share, n) + np.where(taken > 0, mass, 0.0)
    return weights.astype(np.float64), np.bincount(pairs.treated, minlength=n)


def _stratum_pairs(task: Task) -> Iterator[Pairs]:
    settings = task.settings
    for ours, pool in stratum_rows(task.treated, task.strata):
        line = _Line(task.values[pool], task.mass[pool], task.caliper)
        # Rows stand in order of their ids, so a stable sort leaves ties to the smaller one.
        first = ours[np.argsort(-task.values[ours], kind="stable")]
        ratio, again = int(settings["ratio"]), bool(settings["replacement"])
        # What serves again is not shared out: two people want the same partner whole, as one does.
        wanted = np.full(first.size, float(ratio)) if again else task.mass[first]
        took = _take(line, task.values[first], wanted, 1 if again else ratio, again=again)
        treated, comparison, amount = (np.array(column) for column in zip(*took, strict=True)) if took else ([], [], [])
        yield Pairs(first[np.asarray(treated, np.int64)], pool[np.asarray(comparison, np.int64)], np.asarray(amount, np.float64))


def _take(line: _Line, scores: Floats, wanted: Floats, rounds: int, *, again: bool) -> list[tuple[int, int, float]]:
    """(treated place, pool place, amount) of every pair; a pair met in two rounds is one."""
    took: dict[tuple[int, int], float] = {}
    for _ in range(rounds):
        for place, (score, amount) in enumerate(zip(scores.tolist(), wanted.tolist(), strict=True)):
            for partner, part in line.nearest(score, amount) if again else line.use(score, amount):
                took[place, partner] = took.get((place, partner), 0.0) + part
    return [(place, partner, part) for (place, partner), part in took.items()]


class _Line:
    """The pool's scores in order, ties by row id, with what is left of each row, and links past those used up."""

    def __init__(self, values: Floats, mass: Floats, caliper: float) -> None:
        self.order = np.argsort(values, kind="stable")
        ranked = values[self.order]
        self.ranked: list[float] = ranked.tolist()
        self.left: list[float] = mass[self.order].tolist()
        self.caliper = caliper
        self.size = len(self.ranked)
        starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if self.size else np.empty(0, np.int64)
        # For each row the first with its score: the smallest id among its ties.
        self.first: list[int] = np.repeat(starts, np.diff(np.append(starts, self.size))).tolist()
        self.after, self.before = list(range(self.size + 1)), list(range(self.size + 1))
        self.places: list[int] = self.order.tolist()
        self.sorted = ranked

    def nearest(self, score: float, wanted: float) -> Iterator[tuple[int, float]]:
        """Partners nearest first, until their mass is `wanted`; nothing is used up."""
        right = int(np.searchsorted(self.sorted, score, side="left"))
        above, below = iter(range(right, self.size)), self._below(right - 1)
        up, down = next(above, None), next(below, None)
        while wanted > LEAST:
            place = self._closer(score, down, up)
            if place is None:
                return
            part = min(wanted, self.left[place])
            wanted -= part
            yield self.places[place], part
            if place == up:
                up = next(above, None)
            else:
                down = next(below, None)

    def use(self, score: float, wanted: float) -> Iterator[tuple[int, float]]:
        """As `nearest`, of what is left, which is used up."""
        right = int(np.searchsorted(self.sorted, score, side="left"))
        while wanted > LEAST:
            up, down = self._next(right), self._previous(right - 1)
            place = self._closer(score, None if down is None else self._next(self.first[down]), up)
            if place is None:
                return
            part = min(wanted, self.left[place])
            wanted -= part
            self.left[place] -= part
            if self.left[place] <= LEAST:
                self.after[place], self.before[place + 1] = place + 1, place
            yield self.places[place], part

    def _closer(self, score: float, down: int | None, up: int | None) -> int | None:
        """Of a place below and one above the score the closer, on a tie that of the smaller id; None beyond the caliper."""
        near = [(abs(score - self.ranked[place]), self.places[place], place) for place in (down, up) if place is not None]
        distance, _, place = min(near, default=(np.inf, 0, -1))
        return place if place >= 0 and distance <= self.caliper else None

    def _below(self, place: int) -> Iterator[int]:
        """Places from here down, each run of ties from its smallest id."""
        while place >= 0:
            yield from range(self.first[place], place + 1)
            place = self.first[place] - 1

    def _next(self, place: int) -> int | None:
        """The first place from here up with something left."""
        found = _follow(self.after, place)
        return found if found < self.size else None

    def _previous(self, place: int) -> int | None:
        """The first place from here down with something left."""
        found = _follow(self.before, place + 1) - 1
        return found if found >= 0 else None


def _follow(links: list[int], place: int) -> int:
    """The end of a chain of links, which is shortened on the way (Tarjan 1975)."""
    end = place
    while links[end] != end:
        end = links[end]
    while links[place] != end:
        links[place], place = end, links[place]
    return end
