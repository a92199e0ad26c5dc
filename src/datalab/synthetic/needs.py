"""Needs assessments: nine section scores that follow a person's level of needs, with an assessor's noise, near each sentence."""

from __future__ import annotations

import numpy as np

from datalab.fields.justice.codes import NEEDS
from datalab.synthetic.calendars import day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.episodes import Columns, Episodes
from datalab.synthetic.people import People

RECORDS_START = day("2004-01-01")
# Section: mean score and how strongly it follows the level of needs, in the order of codes.NEEDS.
_SECTIONS = ((3.6, 1.5), (4.4, 1.6), (3.9, 1.1), (5.0, 1.7), (3.2, 2.0), (2.8, 1.0), (3.3, 1.1), (4.6, 1.4), (3.7, 1.5))
_SECTION_NAMES = tuple(name for name, _ in NEEDS)


def make_assessments(country: Country, lives: Episodes) -> Columns:
    """Assessments as columns person, date and the nine scores (-1: not scored), sorted by person and date.

    Three custodial spells in four of at least four weeks, and seven orders in ten, have one near their start; half of the
    longer spells have another in custody.
    """
    people, stream, settings = country.people, country.stream, country.settings
    custody, order = lives.custody, lives.order
    main = custody["part"] == 0
    spell = {name: np.asarray(values[main], np.int64) for name, values in custody.items()}
    served = spell["release"] - spell["start"]
    first = np.minimum(spell["start"] + 3 + _days(stream, "first", spell, 30), spell["release"])
    review = spell["start"] + (served * (0.3 + 0.5 * stream.uniform("review when", spell["key"], spell["round"]))).astype(
        np.int64
    )
    begun = np.asarray(order["start"], np.int64) + _days(stream, "order", order, 40) - 14
    parts = [
        _visits(spell, 0, first, (served >= 28) & _chance(stream, "first done", spell, 0.76)),
        _visits(spell, 1, review, (served >= 120) & _chance(stream, "review done", spell, 0.5)),
        _visits(order, 2, begun, _chance(stream, "order done", order, 0.70)),
    ]
    visit: Columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    date = np.asarray(visit["date"], np.int64)
    kept = (date >= RECORDS_START) & (date <= settings.extract_end) & (date < people.death[visit["person"]])
    visit = {name: values[kept] for name, values in visit.items()}
    ranks = np.lexsort((visit["which"], visit["date"], visit["person"]))
    visit = {name: values[ranks] for name, values in visit.items()}
    return {"person": visit["person"], "date": visit["date"], **_scores(people, visit, stream)}


def _chance(stream: Stream, purpose: str, rows: Columns, share: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(stream.uniform(f"assessed {purpose}", rows["key"], rows["round"]) < share)


def _days(stream: Stream, purpose: str, rows: Columns, most: int) -> Ints:
    return np.floor(stream.uniform(f"assessed on {purpose}", rows["key"], rows["round"]) * most).astype(np.int64)


def _visits(rows: Columns, which: int, date: Ints, done: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Columns:
    size = int(done.sum())
    return {"person": rows["person"][done], "date": date[done], "round": rows["round"][done], "which": np.full(size, which)}


def _scores(people: People, visit: Columns, stream: Stream) -> Columns:
    """Whole scores from 0 to 10. A person's own profile stays; each assessment adds its noise; one score in 50 is missing."""
    person = np.asarray(visit["person"], np.int64)
    when = np.asarray(visit["round"], np.int64) * 4 + np.asarray(visit["which"], np.int64)
    made: Columns = {}
    for name, (mean, slope) in zip(_SECTION_NAMES, _SECTIONS, strict=True):
        own = stream.normal(f"profile {name}", person)
        noise = stream.normal(f"score {name}", person, when)
        score = mean + slope * people.need[person] + 1.4 * own + 0.9 * noise
        if name == "education_work":
            score = score - 1.2 * people.work[person]
        whole = np.clip(np.round(score), 0, 10).astype(np.int64)
        made[name] = np.where(stream.uniform(f"missing {name}", person, when) < 0.02, -1, whole)
    return made
