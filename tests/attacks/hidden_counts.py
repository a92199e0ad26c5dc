"""What an attack is after: every count that a release hides, by what the insider knows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from tests.attacks.outsider import Public, Terms, by_covariate, hidden, one, plus, units

from datalab.effects.results import AnalysisFindings, Findings, SurvivalCurve
from datalab.table import Floats

WIDTH = 5
LEAST = 10
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Cell:
    """A count that is not to be known. least, most: what published totals leave it to be (a level is no more than all)."""

    name: str
    terms: Terms
    count: float
    most: float = float("inf")
    least: float = 0.0

    @property
    def wanted(self) -> tuple[float, float]:
        """How far down and up it must seem possible."""
        return max(self.least, self.count - WIDTH), min(self.count + WIDTH, self.most)

    @property
    def is_bounded(self) -> bool:
        """Whether published totals alone leave less than the width that is asked for."""
        return self.wanted != (max(0.0, self.count - WIDTH), self.count + WIDTH)

    def is_safe(self, low: float, high: float, possible: tuple[float, float] | None = None) -> bool:
        """Whether a range reaches as far as it must. possible: what the sizes of groups leave.

        Company (10 people or more) need not reach beyond that. Nor is it a secret that a number is not 0 where the sizes say so:
        a part that is too small for a result, of a whole that is just large enough, leaves somebody outside it.
        """
        least, most = self.wanted
        if possible is not None and self.count >= LEAST:
            least, most = max(least, possible[0]), min(most, possible[1])
        elif possible is not None:
            least = max(least, min(possible[0], 1.0))
        return low <= least + TOLERANCE and high >= most - TOLERANCE


def secrets(findings: Findings, document: Mapping[str, Any], public: Public) -> Iterator[Cell]:
    """Every hidden count of a release, with the truth."""
    head, shown = findings.analyses[0], document["analyses"][0]
    yield from _of_people(findings, document, public)
    yield from _of_balance(document, head, public)
    yield from _of_ladder(findings, document)
    yield from _of_linkage(findings, document)
    yield from _of_deaths(findings, document)
    yield from _of_events(findings, document)
    yield from _of_steps_of_the_curve(head, shown, public)
    yield from _of_people_gone(head, shown)


def _of_people(findings: Findings, document: Mapping[str, Any], public: Public) -> Iterator[Cell]:
    raw = {found.name: found for found in findings.analyses}
    for analysis in document["analyses"]:
        name, people = analysis["name"], raw[analysis["name"]].people
        is_head, left_out = name == findings.headline_analysis, people.treated - people.matched
        # Of a part, all treated are hidden too where those of the whole are: only a few left out are a secret there.
        if hidden(analysis["people"]["treated"]) and not hidden(analysis["people"]["matched"]) and (is_head or left_out < LEAST):
            yield Cell(f"{name}: left out", one("L", name), left_out, *_all_lost(findings, document, is_head, left_out))
        if hidden(analysis["people"]["pool"]) and not hidden(analysis["people"]["comparison"]):
            rest = plus(one("P", name), minus=[one("C", name)])
            yield Cell(f"{name}: pool beside comparison", rest, people.pool - people.comparison)
        if hidden(analysis["people"]["matched"]) and people.matched < LEAST:
            yield Cell(
                f"{name}: matched", one("M", name), people.matched, _in_other(findings.analyses[0], name, document, public)
            )


def _all_lost(findings: Findings, document: Mapping[str, Any], is_head: bool, left_out: int) -> tuple[float, ...]:
    """What the last step of the ladder is shown to have lost in all, for company: a few must look like more than that."""
    if not is_head or left_out < LEAST or not document["attrition"] or hidden(document["attrition"][-1]["lost"]):
        return ()
    first = document["attrition"][-2]["step"]
    return (next(step.n for step in findings.attrition if step.step == first) - findings.attrition[-1].n,)


def _in_other(head: AnalysisFindings, name: str, document: Mapping[str, Any], public: Public) -> float:
    """What the whole's line shows of the levels of a part, where they were put together with others that are as small."""
    covariate, chosen = public.parts[name]
    lines = dict(by_covariate(document["analyses"][0])).get(covariate, [])
    counts = _counts(head, covariate, public)["M"]
    together = [levels for line, levels in units(lines, public.levels[covariate]) if not hidden(line["treated"])]
    return min(
        [float("inf"), *(float(sum(counts[level] for level in levels)) for levels in together if set(chosen) <= set(levels))]
    )


def _told(
    covariate: str, levels: tuple[str, ...], counts: Mapping[str, int], kind: str, document: Mapping[str, Any], public: Public
) -> Iterator[int]:
    """What the sizes of the parts that are shown leave for some levels at most."""
    sizes = {"T": ("treated",), "M": ("matched",), "P": ("pool",), "L": ("treated", "matched")}[kind]
    for analysis in document["analyses"]:
        of, chosen = public.parts.get(analysis["name"], ("", ()))
        if of != covariate or any(hidden(analysis["people"][size]) for size in sizes):
            continue
        if set(levels) <= set(chosen):
            yield sum(counts[level] for level in chosen)
        elif not set(levels) & set(chosen):
            yield sum(counts.values()) - sum(counts[level] for level in chosen)


def _of_balance(document: Mapping[str, Any], found: AnalysisFindings, public: Public) -> Iterator[Cell]:
    shown = document["analyses"][0]
    assert found.balance is not None
    people, name = found.people, found.name
    totals = {"T": people.treated, "M": people.matched, "P": people.pool, "L": people.treated - people.matched}
    left = {(line["label"], line["level"]): line["left_out"] for line in shown["profile"]}
    for covariate, lines in by_covariate(shown):
        counts = _counts(found, covariate, public)
        pairs = [(lines[0], ("yes",))] if covariate in public.flags else units(lines, public.levels.get(covariate, ()))
        for line, levels in pairs if counts else []:
            if set(levels) == set(public.levels.get(covariate, ())):
                continue  # everybody, whose number is shown
            gone = "TMPL" if hidden(line["treated"]) else "L" if hidden(left.get((line["label"], line["level"]), {})) else ""
            if gone == "L" and not hidden(line["treated_before"]):
                continue  # all treated and those analysed are both shown: so many were left out that it may be known
            for kind in gone:
                part = plus(*(one(kind, name, covariate, level) for level in levels))
                count = sum(counts[kind][level] for level in levels)
                most = min([totals[kind], *_told(covariate, levels, counts[kind], kind, document, public)])
                yield Cell(f"{covariate}/{line['level']}/{kind}", part, count, most)
            for kind in "TMPL" if len(levels) > 1 and not gone else "":
                total = sum(counts[kind][level] for level in levels)
                for level in levels:
                    yield Cell(
                        f"{covariate}/{level}/{kind} in other", one(kind, name, covariate, level), counts[kind][level], total
                    )


def _counts(found: AnalysisFindings, covariate: str, public: Public) -> dict[str, dict[str, int]]:
    """People of each kind by level, as they are; nothing for a number that counts nobody."""
    assert found.balance is not None
    lines = [line for line in found.balance.covariates if line.covariate == covariate]
    if covariate in public.flags:
        (line,) = lines
        sizes = (line.treated_count_before, line.treated_count, line.pool_count_before)
        means = (line.mean_treated_before, line.mean_treated, line.mean_pool_before)
        three = {kind: {"yes": round(mean * size)} for kind, mean, size in zip("TMP", means, sizes, strict=True)}
    elif covariate in public.levels:
        three = {
            "T": {line.level: line.treated_count_before for line in lines},
            "M": {line.level: line.treated_count for line in lines},
            "P": {line.level: line.pool_count_before for line in lines},
        }
    else:
        return {}
    return three | {"L": {level: count - three["M"][level] for level, count in three["T"].items()}}


def _of_ladder(findings: Findings, document: Mapping[str, Any]) -> Iterator[Cell]:
    """What each step lost, where it is put together with others or hidden."""
    shown = document["attrition"]
    if not shown:
        return
    named = [step["step"] for step in shown]
    places = {step.step: place for place, step in enumerate(findings.attrition)}
    for before, after, step in zip(named, named[1:], shown[1:], strict=False):
        inside = findings.attrition[places[before] + 1 : places[after] + 1]
        total = sum(item.lost for item in inside)
        inside = tuple(item for item in inside if item.lost)  # a step that lost nobody hides nobody
        for item in inside if len(inside) > 1 or hidden(step["lost"]) else ():
            previous = findings.attrition[places[item.step] - 1].step
            lost = plus(one("n", previous), minus=[one("n", item.step)])
            yield Cell(
                f"lost at {item.step}",
                lost,
                item.lost,
                total if item.lost >= LEAST and not hidden(step["lost"]) else float("inf"),
            )


def _of_linkage(findings: Findings, document: Mapping[str, Any]) -> Iterator[Cell]:
    raw = {(group.characteristic, group.level): group for group in findings.linkage.groups} if findings.linkage else {}
    ladder = {step.step: step.n for step in findings.attrition}
    unlinked = ladder["one_person"] - ladder["linked"]
    for line in document["linkage"]["groups"] if document["linkage"] else []:
        key = line["characteristic"], line["level"]
        if hidden(line["linked_share"]) and key in raw:
            most = float("inf") if hidden(line["submitted"]) else raw[key].submitted
            least = 0 if hidden(line["submitted"]) else max(0, most - unlinked)
            yield Cell(f"linked {key}", one("linked", *key), raw[key].linked, min(most, ladder["linked"]), least)
            yield Cell(f"missed {key}", one("missed", *key), raw[key].submitted - raw[key].linked, min(most, unlinked))
    if findings.linkage and hidden(document["linkage"]["awaiting_review"]):
        yield Cell("awaiting review", one("awaiting"), findings.linkage.awaiting_review, unlinked)


def _of_deaths(findings: Findings, document: Mapping[str, Any]) -> Iterator[Cell]:
    for side in ("treated", "pool") if findings.deaths else ():
        if hidden(document["deaths"][side]):
            yield Cell(f"deaths of {side}", one("D", side), getattr(findings.deaths, side))


def _of_events(findings: Findings, document: Mapping[str, Any]) -> Iterator[Cell]:
    """Events that a rate hides, and those of the people who are in the whole and not in a part, or in no part."""
    raw = {found.name: {result.measure.name: result for result in found.outcomes} for found in findings.analyses}
    head = document["analyses"][0]["name"]
    for analysis in document["analyses"]:
        name = analysis["name"]
        for outcome in analysis["outcomes"]:
            measure = outcome["measure"]
            if outcome["kind"] != "binary" or outcome["among"] or outcome["status"] != "estimated":
                continue
            result = raw[name][measure]
            if hidden(outcome["treated"]):
                # No more of a part than of the whole, and of violent events no more than of all, where those are shown.
                above = list(_above(name, measure, raw, document))
                most = min([result.n_treated, *(wider.treated_events for wider in above)])
                wholes = [wider for wider in above if wider.measure.name == measure]
                least = max([0, *(wider.treated_events - (wider.n_treated - result.n_treated) for wider in wholes)])
                yield Cell(f"{name}: {measure}", one("E", name, measure), result.treated_events, most, least)
            if name == head or measure not in raw[head]:
                continue
            whole = raw[head][measure]
            rest, people = whole.treated_events - result.treated_events, whole.n_treated - result.n_treated
            if people > 0 and min(rest, people - rest) < WIDTH:
                with_event = plus(one("E", head, measure), minus=[one("E", name, measure)])
                lines = [line for line in document["analyses"][0]["outcomes"] if line["measure"] in (measure, "rate")]
                most = min(
                    [people, *(raw[head][line["measure"]].treated_events for line in lines if not hidden(line["treated"]))]
                )
                yield Cell(f"{measure} outside {name}", with_event, rest, most)


def _above(name: str, measure: str, raw: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Any]:
    """Outcomes that are shown and whose events hold those of another."""
    head = document["analyses"][0]["name"]
    wider = {(head, measure), (name, measure), (head, "rate"), (name, "rate")} - {(name, measure)}
    for analysis in document["analyses"]:
        for outcome in analysis["outcomes"]:
            if (analysis["name"], outcome["measure"]) in wider and not hidden(outcome["treated"]):
                yield raw[analysis["name"]][outcome["measure"]]


def _of_steps_of_the_curve(found: AnalysisFindings, shown: Mapping[str, Any], public: Public) -> Iterator[Cell]:
    """How many had the event between the last day that is shown and a day that is not; up to the horizon, where they are few."""
    if found.survival is None or not shown["survival"]:
        return
    days = sorted(point["day"] for point in shown["survival"]["points"])
    by = {
        int(day): int(count)
        for day, count in zip(found.survival.treated.days, events_by_day(found.survival.treated), strict=True)
    }
    for day in set(public.days) - set(days):
        before = max((one_day for one_day in days if one_day < day), default=0)
        after = min((one_day for one_day in days if one_day > day), default=max(public.days))
        step = plus(one("by", str(day)), minus=[one("by", str(before))] if before else [])
        count = by[day] - (by[before] if before else 0)
        most = by[after] - (by[before] if before else 0)
        if day < after:
            yield Cell(f"events from day {before} to {day}", step, count, most)
        elif count < LEAST:  # the rate tells all events: of the last step, those before it are the company
            yield Cell(f"events from day {before} to the horizon", step, count)


def _of_people_gone(found: AnalysisFindings, shown: Mapping[str, Any]) -> Iterator[Cell]:
    """How many left without the event (died) between two days that are shown, where they are few."""
    if found.survival is None or not shown["survival"]:
        return
    curve = found.survival.treated
    at_risk = dict(enumerate(curve.at_risk.tolist()))
    by = dict(enumerate(events_by_day(curve).tolist()))
    days = sorted(point["day"] for point in shown["survival"]["points"])
    gone = {0: 0} | {day: round(found.people.matched - by[day - 1] - at_risk[day]) for day in days}
    for before, day in combinations([0, *days], 2):
        step = plus(one("gone", str(day - 1)), minus=[one("gone", str(before - 1))] if before else [])
        if (count := gone[day] - gone[before]) < LEAST:
            yield Cell(f"gone from day {before} to {day}", step, count)


def events_by_day(curve: SurvivalCurve) -> Floats:
    """People with the event by each day: the fall of the curve, of those at risk."""
    before = np.concatenate([[1.0], curve.surviving[:-1]])
    fall = np.divide(before - curve.surviving, before, out=np.zeros_like(before), where=before > 0)
    return np.asarray(np.round(np.cumsum(fall * curve.at_risk)), dtype=np.float64)
