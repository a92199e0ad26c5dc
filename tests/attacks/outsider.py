"""An outsider who holds every published file, a solver, and the classifications: what may a hidden count still be?

The linear programme has one unknown for every count that anybody could want (people by level, before and after the match;
steps of the ladder; linked and not linked; events), what must hold of them whoever is asked (levels add up to groups, those
matched are among the treated, a part is made of levels of the whole), and what was published, as printed: counts are known
exactly or to their rounding, shares times their group to the last digit printed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from datalab.table import Floats

Key = tuple[str, ...]
Terms = Mapping[Key, float]
MOST_PEOPLE = 100_000.0  # nobody believes in more
HALF_BASE = 2.5  # a count rounded to 5 is that far from the truth at most
HALF_TEN = 5.0  # people who left without the event are taken off in tens
LEAST_GONE = 15.0  # from so many on
COARSE = 0.005  # two decimals
_SPARE = 1e-7  # relative, above what ten significant digits leave open
BANDS = {"<=5": 0.05, "<=10": 0.10}  # how far apart two shares are at most, in standard deviations of the treated
# What a reason that is printed says of the people with any event, by the end of its key: no more than so many. "Few, or nearly
# all" is said of fewer than ten with the event, of fewer than ten without it, of few comparison people of either, and of two who
# hold most of a total: one of these at least, so that it leaves every number open; "direction only" likewise.
MOST_WITH_EVENT = {"too_few_with_event": 1, "too_few_expected": 9}
MOST_WITH_RESULT = {"too_few_treated": 29, "too_few_matched": 29, "nobody_matched": 0}  # people analysed
# A spread sqrt(t(1 - t)) lies below each of its tangents: with a few of them its bound is all but exact, and linear.
TANGENTS = (0.004, 0.015, 0.05, 0.15, 0.5)


def one(*key: str) -> dict[Key, float]:
    """A single unknown as terms."""
    return {key: 1.0}


def plus(*parts: Terms, minus: Iterable[Terms] = ()) -> dict[Key, float]:
    """The sum of terms, less others."""
    total: dict[Key, float] = {}
    for sign, terms in [*((1.0, part) for part in parts), *((-1.0, part) for part in minus)]:
        for key, factor in terms.items():
            total[key] = total.get(key, 0.0) + sign * factor
    return total


def times(terms: Terms, factor: float) -> dict[Key, float]:
    """Terms, each so many times."""
    return {key: value * factor for key, value in terms.items()}


class Unknowns:
    """Unknown counts, none below 0, and the rows that tie them."""

    def __init__(self) -> None:
        self._places: dict[Key, int] = {}
        self._rows: list[tuple[dict[Key, float], float, float]] = []

    def between(self, terms: Terms, low: float, high: float) -> None:
        """The sum of terms lies between the two."""
        for key in terms:
            self._places.setdefault(key, len(self._places))
        self._rows.append((dict(terms), low, high))

    def equal(self, terms: Terms, other: Terms) -> None:
        """Two sums of terms are the same."""
        self.between(plus(terms, minus=[other]), 0.0, 0.0)

    def at_most(self, terms: Terms, other: Terms) -> None:
        """One sum of terms is not above another."""
        self.between(plus(other, minus=[terms]), 0.0, math.inf)

    def share(self, part: Terms, whole: Terms, value: float, slack: float) -> None:
        """The part is `value` of the whole, give or take `slack`."""
        self.between(plus(part, minus=[{key: factor * (value + slack) for key, factor in whole.items()}]), -math.inf, 0.0)
        self.between(plus(part, minus=[{key: factor * (value - slack) for key, factor in whole.items()}]), 0.0, math.inf)

    def reach(self, wanted: Sequence[Terms]) -> list[tuple[float, float]]:
        """The smallest and the largest that each of the terms can be, 0 to MOST_PEOPLE where nothing was said of it.

        One linear programme for all: for each end a copy of what hangs together with the terms, so that no end binds another.
        Raises where nothing at all fits what was published.
        """
        known = [terms for terms in wanted if all(key in self._places for key in terms)]
        ends = dict(zip(map(id, known), self._solve(known), strict=True)) if known else {}
        return [ends.get(id(terms), (0.0, MOST_PEOPLE)) for terms in wanted]

    def _solve(self, wanted: Sequence[Terms]) -> list[tuple[float, float]]:
        matrix, lows, highs, known = self._system()
        unknown = np.flatnonzero(np.isnan(known))
        part_of = np.full(known.size, -1)
        part_of[unknown] = connected_components(csr_array(matrix[:, unknown].T @ matrix[:, unknown]))[1]
        programme = _Programme(matrix, lows, highs)
        tails = []
        for terms in wanted:
            places = {self._places[key]: factor for key, factor in terms.items()}
            tails.append(sum(factor * known[place] for place, factor in places.items() if part_of[place] < 0))
            columns = np.flatnonzero(np.isin(part_of, sorted({part_of[place] for place in places} - {-1})))
            aim = np.array([places.get(column, 0.0) for column in columns.tolist()])
            programme.add(columns, aim)
            programme.add(columns, -aim)
        reached = programme.solve()
        return [
            (float(tail + low), float(tail - high)) for tail, low, high in zip(tails, reached[::2], reached[1::2], strict=True)
        ]

    def _system(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The rows as a matrix with their limits, and what is known outright (NaN where it is not) taken out of them."""
        known = np.full(len(self._places), np.nan)
        matrix = np.zeros((len(self._rows), known.size))
        for row, (terms, low, high) in enumerate(self._rows):
            for key, factor in terms.items():
                matrix[row, self._places[key]] += factor
            if len(terms) == 1 and low == high:
                ((key, factor),) = terms.items()
                known[self._places[key]] = low / factor
        told = matrix @ np.nan_to_num(known)
        lows, highs = (np.array([row[place] for row in self._rows]) - told for place in (1, 2))
        return matrix, lows, highs, known


class _Programme:
    """Blocks of a linear programme, each with an aim of its own, solved as one."""

    def __init__(self, matrix: Floats, lows: Floats, highs: Floats) -> None:
        self._matrix, self._lows, self._highs = matrix, lows, highs
        self._aims: list[Floats] = []
        self._limits: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Floats, ...]] = []
        self._shape = (0, 0)

    def add(self, columns: Floats, aim: Floats) -> None:
        """One more block: these columns, and the rows that have any of them."""
        block = self._matrix[:, columns]
        rows = np.flatnonzero(block.any(axis=1))
        place = block[rows].nonzero()
        self._entries.append((place[0] + self._shape[0], place[1] + self._shape[1], block[rows][place]))
        self._limits.append((self._lows[rows], self._highs[rows]))
        self._aims.append(aim)
        self._shape = self._shape[0] + rows.size, self._shape[1] + columns.size

    def solve(self) -> list[float]:
        """The least that each block's aim can be."""
        rows, columns, factors = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        lows, highs = (np.concatenate(part) for part in zip(*self._limits, strict=True))
        matrix = csc_array((factors, (rows, columns)), shape=self._shape)
        found = milp(
            np.concatenate(self._aims), constraints=LinearConstraint(matrix, lows, highs), bounds=Bounds(0.0, MOST_PEOPLE)
        )
        if found.status != 0:
            raise AssertionError(f"what was published contradicts itself: {found.message}")
        ends = np.cumsum([0, *(aim.size for aim in self._aims)])
        return [float(aim @ found.x[start:end]) for aim, start, end in zip(self._aims, ends[:-1], ends[1:], strict=True)]


@dataclass(frozen=True)
class Public:
    """What anybody may know beside the files: classifications by covariate, steps of the ladder in order, who made what.

    parts: analysis to the covariate and the levels it is made of. flags: covariates of yes and no.
    """

    levels: Mapping[str, tuple[str, ...]]
    flags: tuple[str, ...]
    steps: tuple[str, ...]
    parts: Mapping[str, tuple[str, tuple[str, ...]]]
    days: tuple[int, ...] = ()


def hidden(value: object) -> bool:
    """True for a symbol in results.json."""
    return isinstance(value, dict)


def units(lines: list[dict[str, Any]], levels: tuple[str, ...]) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each line of a covariate with the levels it stands for: its own, or those that no line names."""
    named = {line["level"] for line in lines}
    rest = tuple(level for level in levels if level not in named)
    return [(line, (line["level"],) if line["level"] in levels else rest) for line in lines]


def by_covariate(analysis: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The lines of a balance table by covariate."""
    lines = analysis["balance"]["covariates"] if analysis["balance"] else []
    return [(name, list(group)) for name, group in groupby(lines, key=lambda line: line["name"])]


def read(files: Mapping[str, bytes], public: Public, *, totals_only: bool = False) -> Unknowns:
    """Everything that the files say, as one system; totals_only: the sizes of groups alone, as if every line were hidden."""
    document = json.loads(files["results.json"])
    system = Unknowns()
    reader = _Reader(document, public, system, document["disclosure_profile"] == "strict", totals_only)
    reader.ladder()
    reader.linkage()
    reader.deaths()
    for place, analysis in enumerate(document["analyses"]):
        reader.people(analysis)
        if place:
            reader.part(analysis)
        else:
            reader.balance(analysis)
            reader.profile(analysis)
        reader.outcomes(analysis)
    reader.survival(document["analyses"][0])
    return system


def _grid(lines: list[dict[str, Any]]) -> float:
    """The coarsest grid that all shares of a characteristic lie on: shares of hidden sizes are rounded to one."""
    shares = [line["linked_share"] for line in lines if not hidden(line["linked_share"])]
    fits = (
        grid for grid in (0.2, 0.1, 0.05, 0.02, 0.01) if all(abs(share / grid - round(share / grid)) < 1e-6 for share in shares)
    )
    return next(fits, 0.01)


@dataclass(frozen=True)
class _Reader:
    document: Mapping[str, Any]
    public: Public
    system: Unknowns
    strict: bool
    totals_only: bool

    @property
    def head(self) -> str:
        return str(self.document["analyses"][0]["name"])

    def count(self, terms: Terms, value: object) -> None:
        """A published count, exact or rounded to 5."""
        if not hidden(value):
            slack = HALF_BASE if self.strict else 0.0
            self.system.between(terms, max(0.0, float(value) - slack), float(value) + slack)  # type: ignore[arg-type]

    def part_of(self, part: Terms, whole: Terms, value: object, size: object) -> None:
        """A published share of a group whose published size is `size`."""
        if hidden(value):
            return
        share = float(value)  # type: ignore[arg-type]
        if hidden(size):
            self.system.share(part, whole, share, COARSE)
        elif self.strict:
            near = [float(size) + shift for shift in (0, -5, 5)]  # type: ignore[arg-type]
            exact = [w for w in near if w > 0 and abs(share * w / 5 - round(share * w / 5)) < 1e-6]
            if exact:
                rounded = 5 * round(share * exact[0] / 5)
                self.system.between(part, max(0.0, rounded - HALF_BASE), rounded + HALF_BASE)
            else:
                self.system.share(part, whole, share, COARSE)
        else:
            self.system.share(part, whole, share, share * _SPARE)

    def people(self, analysis: Mapping[str, Any]) -> None:
        name, people = analysis["name"], analysis["people"]
        if (most := MOST_WITH_RESULT.get(analysis["reason"].split(".")[-1])) is not None:
            self.system.between(one("M", name), 0.0, most)
        treated, matched, pool = (one(kind, name) for kind in ("T", "M", "P"))
        self.system.equal(treated, plus(matched, one("L", name)))
        self.system.at_most(one("C", name), pool)
        self.count(matched, people["matched"])
        self.count(one("C", name), people["comparison"])
        self.count(pool, people["pool"])
        if self.strict and not hidden(people["treated"]) and not hidden(people["matched"]):
            self.count(one("L", name), people["treated"] - people["matched"])
        else:
            self.count(treated, people["treated"])

    def part(self, analysis: Mapping[str, Any]) -> None:
        """A part has the people of the whole in some levels of a covariate."""
        name = analysis["name"]
        covariate, levels = self.public.parts[name]
        for kind in "TMPL":
            self.system.equal(one(kind, name), plus(*(one(kind, self.head, covariate, level) for level in levels)))

    def levels_of(self, covariate: str) -> tuple[str, ...]:
        return ("yes", "no") if covariate in self.public.flags else self.public.levels[covariate]

    def structure(self, name: str) -> None:
        """Levels add up, and those matched are among the treated, and those with weight in the pool."""
        for covariate in (*self.public.levels, *self.public.flags):
            levels = self.levels_of(covariate)
            for kind in "TMPL":
                self.system.equal(plus(*(one(kind, name, covariate, level) for level in levels)), one(kind, name))
            for level in levels:
                made = plus(one("M", name, covariate, level), one("L", name, covariate, level))
                self.system.equal(one("T", name, covariate, level), made)

    def balance(self, analysis: Mapping[str, Any]) -> None:
        name, people = analysis["name"], analysis["people"]
        self.structure(name)
        for covariate, lines in by_covariate(analysis):
            if covariate not in (*self.public.levels, *self.public.flags):
                continue
            for line, levels in self._units(covariate, lines):
                if self.totals_only and len(levels) == 1:
                    continue
                for kind, column, size in (
                    ("T", "treated_before", "treated"),
                    ("M", "treated", "matched"),
                    ("P", "pool_before", "pool"),
                ):
                    part = plus(*(one(kind, name, covariate, level) for level in levels))
                    self._line(part, one(kind, name), line[column], people[size], covariate)
            if not self.totals_only:
                self._bands(covariate, lines, name, people)

    def _bands(self, covariate: str, lines: list[dict[str, Any]], name: str, people: Mapping[str, Any]) -> None:
        """The bands of standardised differences whose shares are hidden (others follow from the shares beside them).

        Where the lines that are shown hide all treated, the analysed stand in their place. A covariate without a shown line does
        not say whether they do, and holds everybody; of a flag nothing else is known that its band could be held against.
        """
        seen = [line for line in lines if not hidden(line["treated"])]
        if not seen or covariate in self.public.flags:
            return
        first, size = ("M", "matched") if all(hidden(line["treated_before"]) for line in seen) else ("T", "treated")
        compared = [one("c", name, covariate, line["level"]) for line in lines]
        self.system.between(plus(*compared), 1.0, 1.0)
        sizes = {kind: people[key] for kind, key in ((first, size), ("M", "matched"), ("P", "pool")) if not hidden(people[key])}
        slack = 3 * HALF_BASE / min(sizes.values()) if self.strict and sizes else 0.0
        for (line, levels), share in zip(self._units(covariate, lines), compared, strict=True):
            if not hidden(line["comparison"]):
                spare = COARSE if self.strict else line["comparison"] * _SPARE
                self.system.between(share, line["comparison"] - spare, line["comparison"] + spare)
            shares = {
                kind: times(plus(*(one(kind, name, covariate, level) for level in levels)), 1 / size)
                for kind, size in sizes.items()
            }
            if hidden(line["comparison"]) and {first, "M"} <= shares.keys():
                self._band(plus(shares["M"], minus=[share]), shares[first], line["band"], slack)
            if hidden(line["pool_before"]) and {first, "P"} <= shares.keys():
                self._band(plus(shares[first], minus=[shares["P"]]), shares[first], line["band_before"], slack)

    def _band(self, apart: Terms, spread: Terms, told: str, slack: float) -> None:
        """Two shares are no further apart than the band says, in spreads of the one."""
        for tangent in TANGENTS if told in BANDS else ():
            height = math.sqrt(tangent * (1 - tangent))
            slope = (0.5 - tangent) / height
            reach = times(spread, -BANDS[told] * slope)
            most = BANDS[told] * (height - slope * tangent) + slack
            self.system.between(plus(apart, reach), -math.inf, most)
            self.system.between(plus(times(apart, -1.0), reach), -math.inf, most)

    def _units(self, covariate: str, lines: list[dict[str, Any]]) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
        return [(lines[0], ("yes",))] if covariate in self.public.flags else units(lines, self.public.levels[covariate])

    def _line(self, part: Terms, whole: Terms, value: object, size: object, covariate: str) -> None:
        if covariate in self.public.flags and self.strict and not hidden(value):
            share = float(value)  # type: ignore[arg-type]
            self.system.share(part, whole, share, 0.5 * 10 ** (math.floor(math.log10(share)) - 1) if share > 0 else COARSE)
        else:
            self.part_of(part, whole, value, size)

    def profile(self, analysis: Mapping[str, Any]) -> None:
        name = analysis["name"]
        labels = {lines[0]["label"]: covariate for covariate, lines in by_covariate(analysis)}
        for label, group in groupby(analysis["profile"], key=lambda line: line["label"]):
            covariate, lines = labels[label], list(group)
            if covariate not in (*self.public.levels, *self.public.flags):
                continue
            for line, levels in self._units(covariate, lines):
                part = plus(*(one("L", name, covariate, level) for level in levels))
                if hidden(line["left_out"]) or self.totals_only:
                    continue
                slack = 0.05 if covariate in self.public.flags else COARSE
                self.system.share(part, one("L", name), line["left_out"], slack if self.strict else line["left_out"] * _SPARE)

    def ladder(self) -> None:
        """Every step that is known to be made, those that are shown, and that it ends at the people analysed."""
        names = [one("n", step) for step in self.public.steps]
        for before, after in pairwise(names):
            self.system.at_most(after, before)
        self.system.equal(names[-1], one("M", self.head))
        self.system.equal(names[-2], one("T", self.head))
        shown = self.document["attrition"]
        for before, step in pairwise([None, *shown]):
            if before is None or hidden(step["lost"]):
                if not self.strict or step is shown[-1]:
                    self.count(one("n", step["step"]), step["n"])
                continue
            lost = plus(one("n", before["step"]), minus=[one("n", step["step"])])
            self.count(lost, step["lost"])
            if not self.strict or step is shown[-1]:
                self.count(one("n", step["step"]), step["n"])

    def linkage(self) -> None:
        linkage = self.document["linkage"]
        if linkage is None:
            return
        self.system.at_most(plus(one("awaiting"), one("n", "linked")), one("n", "one_person"))
        self.count(one("awaiting"), linkage["awaiting_review"])
        for name, group in groupby(linkage["groups"], key=lambda line: line["characteristic"]):
            levels = [line["level"] for line in group]
            sides = [[one(side, name, level) for level in levels] for side in ("linked", "missed")]
            self.system.equal(plus(*sides[0]), one("n", "linked"))
            self.system.equal(plus(*sides[0], *sides[1]), one("n", "one_person"))
        grids = {name: _grid(list(group)) for name, group in groupby(linkage["groups"], key=lambda line: line["characteristic"])}
        for line in linkage["groups"]:
            linked, missed = (one(side, line["characteristic"], line["level"]) for side in ("linked", "missed"))
            self.count(plus(linked, missed), line["submitted"])
            grid = grids[line["characteristic"]]
            if hidden(line["submitted"]) and not hidden(line["linked_share"]):
                self.system.share(linked, plus(linked, missed), line["linked_share"], grid / 2)
            else:
                self.part_of(linked, plus(linked, missed), line["linked_share"], line["submitted"])

    def deaths(self) -> None:
        deaths = self.document["deaths"]
        if deaths is not None:
            for side, kind in (("treated", "T"), ("pool", "P")):
                self.system.at_most(one("D", side), one(kind, self.head))
                self.count(one("D", side), deaths[side])

    def outcomes(self, analysis: Mapping[str, Any]) -> None:
        """Events of the measures about everyone: a share of those measured, and no more in a part than in the whole."""
        name = analysis["name"]
        for outcome in analysis["outcomes"]:
            measure = outcome["measure"]
            if (most := MOST_WITH_EVENT.get(outcome["reason"].split(".")[-1])) is not None:
                self.system.between(one("E", name, "rate"), 0.0, most)
            if outcome["kind"] != "binary" or outcome["among"]:
                continue
            events, size = one("E", name, measure), one("N", name, measure)
            self.system.at_most(events, size)
            self.system.at_most(size, one("M", name))
            self.count(size, outcome["n_treated"])
            self.part_of(events, size, outcome["treated"], outcome["n_treated"])
            if name != self.head:
                rest = plus(one("N", self.head, measure), minus=[size])
                self.system.at_most(events, one("E", self.head, measure))
                self.system.at_most(plus(one("E", self.head, measure), minus=[events]), rest)
        self.system.at_most(one("E", name, "violent_rate"), one("E", name, "rate"))

    def survival(self, analysis: Mapping[str, Any]) -> None:
        """Events by each day: to 5 people at the days shown, and never fewer later; in the end the rate's.

        Whoever leaves without the event (dies) is counted by the curve as if they were like those who stay: each stands for at
        most one event more than there was.

        The histogram of scores and the sensitivity lines are read as saying nothing of a count. A bin is no level of anything
        else that is published, and its shares of all treated fit any number of them. A line stands only beside an outcome shown
        in full, whose events are known, and is a difference (or a share that a model assumes) in two decimals: its own people
        are a few more or fewer, and the rate of its comparison group, which stands nowhere, makes room for each of them.
        """
        survival, name = analysis["survival"], analysis["name"]
        if survival is None:
            return
        shown = [] if self.totals_only else survival["points"]
        days = sorted({*self.public.days, *(point["day"] - back for point in shown for back in (0, 1))})
        for before, after in pairwise(days):
            for kind in ("by", "gone"):
                self.system.at_most(one(kind, str(before)), one(kind, str(after)))
        self.system.equal(one("by", str(days[-1])), one("E", name, "rate"))
        self.system.at_most(plus(one("by", str(days[-1])), one("gone", str(days[-1]))), one("M", name))
        size = analysis["people"]["matched"]
        for point in shown:
            day = str(point["day"])
            if not hidden(point["treated"]):
                events = (1 - point["treated"]) * size
                slack = 2 * HALF_BASE if self.strict else HALF_BASE
                self.system.between(one("by", day), 0.0, events + slack)
                self.system.between(plus(one("by", day), one("gone", day)), max(0.0, events - slack), math.inf)
        if not any(hidden(point["treated"]) for point in shown):
            self._at_risk(shown, size)

    def _at_risk(self, shown: list[dict[str, Any]], size: float) -> None:
        """Whoever knows the rule takes it back: the number at risk is what the curve leaves, less tens of those who left.

        So many tens since the last day with any, give or take five people and no fewer than fourteen; on the other days fewer
        than fifteen. Whoever leaves early would have had the event as often as the others, so more may stand behind each.
        """
        left, share, since = float(size), 1.0, (0, 1.0)
        for point in shown:
            left, share, day = left * point["treated"] / share, point["treated"], point["day"]
            fits = (
                tens
                for tens in (0, *range(20, 1000, 10))
                if 10 * math.floor(round(left - tens, 4) / 10 + 0.5) == point["treated_at_risk"]
            )
            taken = next(fits)
            gone = plus(one("gone", str(day - 1)), minus=[one("gone", str(since[0] - 1))] if since[0] else [])
            low, high = (max(LEAST_GONE - 1, taken - HALF_TEN), taken + HALF_TEN) if taken else (0.0, LEAST_GONE)
            self.system.between(gone, low, high * since[1] / share)
            if taken:
                left, since = left - taken, (day, share)
