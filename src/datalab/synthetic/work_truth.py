"""The known truth about employment: the same people's jobs from the programme's start over and over, with it and without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.synthetic.calendars import add_months
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints
from datalab.synthetic.episodes import Columns
from datalab.synthetic.intervals import cut_by_custody
from datalab.synthetic.lives import REPLICATE
from datalab.synthetic.work import Bools, alternate, hasten, length_days, share_employed, spent, typical_days

FOLLOW_UP_MONTHS = 12
MOST_DAYS = 365
MEASURES = ("employed_any", "employed_1m", "employed_12m", "days_employed")


@dataclass(frozen=True)
class Workers:
    """Where the working life of each person (n,) stands when the programme starts; days are since 1970.

    person: sorted. start: of the programme. clock: first day of the follow-up is the one after. begun: first day of the job or
    gap that is going on (for people who become known later, that day). employed: whether it is a job; drawn anew
    where `fresh`. last: last day alive and in the extract. jailed_from, jailed_to: the last custody before the clock.
    """

    person: Ints
    start: Ints
    clock: Ints
    begun: Ints
    employed: Bools
    fresh: Bools
    last: Ints
    jailed_from: Ints
    jailed_to: Ints


def workers_at(country: Country, person: Ints, start: Ints, clock: Ints, known: Ints, block: Columns) -> Workers:
    """The state of these people (sorted; all known to the tax records before `clock`) as it happened up to `start`.

    known: of everybody. block: custody of all, as it happened.
    """
    people = country.people
    only = np.full(people.count, country.settings.extract_end)
    only[person] = known[person]
    begun, employed = known[person].copy(), np.zeros(person.size, bool)
    fresh = np.ones(person.size, bool)
    for rows, is_job in zip(alternate(country, only), (True, False), strict=True):
        place = np.searchsorted(person, rows["person"])
        now = (rows["start"] <= start[place]) & (rows["end"] >= start[place])
        begun[place[now]], employed[place[now]], fresh[place[now]] = rows["start"][now], is_job, False
    jailed_from, jailed_to = _last_custody(person, clock, block)
    last = np.minimum(country.settings.extract_end, people.death[person] - 1)
    return Workers(person, start, clock, begun, employed, fresh, last, jailed_from, jailed_to)


def _last_custody(person: Ints, clock: Ints, block: Columns) -> tuple[Ints, Ints]:
    """First and last day of the last custody that began by the clock; two days of long ago where there was none."""
    first, last = np.full(person.size, -2), np.full(person.size, -1)
    held = np.isin(block["person"], person)
    who, begun, ended = (np.asarray(block[name][held], np.int64) for name in ("person", "start", "end"))
    place = np.searchsorted(person, who)
    past = begun <= clock[place]
    first[place[past]], last[place[past]] = begun[past], ended[past]  # sorted by start: the last one stays
    return first, last


def replay_work(country: Country, workers: Workers, ratio: float, block: Columns, batch: Ints) -> dict[str, Floats]:
    """Means over the replicates `batch` of each measure of each person, (n,), where gaps end `ratio` times as fast.

    block: custody after the clock of these replicates (key: number of the person + (replicate + 1) x REPLICATE).
    """
    size, rows = workers.person.size, np.tile(np.arange(workers.person.size), batch.size)
    key = workers.person[rows] + (np.repeat(batch, size) + 1) * REPLICATE
    jobs = _jobs(country, workers, ratio, rows, key)
    at = rows[jobs["person"]]
    start, end, left = cut_by_custody(jobs["person"], jobs["start"], jobs["end"], _custody(workers, rows, block, batch))
    first = np.maximum(start, workers.clock[at] + 1)
    final = np.minimum(end, np.minimum(workers.last, add_months(workers.clock, FOLLOW_UP_MONTHS))[at])
    left = left & (final >= first)
    place, first, final = jobs["person"][left], first[left], final[left]
    days = np.bincount(place, final - first + 1, rows.size)
    found = {"employed_any": days > 0, "days_employed": np.minimum(days, MOST_DAYS)}
    for name, months in (("employed_1m", 1), ("employed_12m", 12)):
        day = add_months(workers.clock, months)[rows[place]]
        found[name] = np.bincount(place[(first <= day) & (day <= final)], minlength=rows.size)
    return {name: np.asarray(found[name].reshape(batch.size, size).mean(axis=0), np.float64) for name in MEASURES}


def _jobs(country: Country, workers: Workers, ratio: float, rows: Ints, key: Ints) -> Columns:
    """Jobs from the programme's start on, before custody cuts them: columns person (the place in `rows`), start, end."""
    stream, work = country.stream, country.people.work[workers.person[rows]]
    end_of = add_months(workers.clock, FOLLOW_UP_MONTHS)[rows]
    place = np.arange(rows.size)
    when = workers.begun[rows]
    employed = np.where(workers.fresh[rows], stream.uniform("employed again", key) < share_employed(work), workers.employed[rows])
    parts: list[Columns] = []
    count = 0
    while place.size:
        typical = typical_days(work[place], employed)
        before = spent(workers.start[rows[place]] - when, typical)
        target = before + stream.exponential("work again", key[place], count)
        target = np.where(employed, target, hasten(target, before, np.full(place.size, ratio)))
        end = when + length_days(typical, target)
        parts.append({"person": place[employed], "start": when[employed], "end": end[employed]})
        going = end < end_of[place]
        place, when, employed = place[going], end[going] + 1, ~employed[going]
        count += 1
    return {name: np.concatenate([part[name] for part in parts]) for name in ("person", "start", "end")}


def _custody(workers: Workers, rows: Ints, block: Columns, batch: Ints) -> Columns:
    """The last custody before the clock, and all custody after it, by place in `rows` and start."""
    block = {name: block[name][np.isin(block["person"], workers.person)] for name in ("key", "start", "end", "person")}
    key = np.asarray(block["key"], np.int64)
    later = (key // REPLICATE - 1 - batch[0]) * workers.person.size + np.searchsorted(workers.person, block["person"])
    columns: Columns = {
        "person": np.concatenate([np.arange(rows.size), later]),
        "start": np.concatenate([workers.jailed_from[rows], block["start"]]),
        "end": np.concatenate([workers.jailed_to[rows], block["end"]]),
    }
    order = np.lexsort((columns["start"], columns["person"]))
    return {name: values[order] for name, values in columns.items()}
