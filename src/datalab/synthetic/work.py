"""Employment and benefit spells: jobs of months, gaps between them, and claims in most of the gaps (see claims).

A programme may shorten the gaps from its start: it multiplies the hazard of finding work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic.calendars import NEVER, YEAR_DAYS, day
from datalab.synthetic.claims import make_claims
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints, Stream
from datalab.synthetic.episodes import Columns
from datalab.synthetic.intervals import join_spells, settle
from datalab.synthetic.people import People

RECORDS_START = day("2005-01-01")
SHARE_KNOWN = 0.86  # people known to the tax and benefit records
LENGTH_POWER = 1.25  # a spell lasts its typical length times an exponential number to this power (Weibull, shape 0.8)
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Boost:
    """What programmes do to finding work, (n,) for everybody: from `start` (day; NEVER: none) the hazard is `ratio` times."""

    start: Ints
    ratio: Floats

    @staticmethod
    def none(count: int) -> Boost:
        """No programme for anybody."""
        return Boost(np.full(count, NEVER), np.ones(count))


def tax_identities(people: People, stream: Stream) -> Ints:
    """Day since which each person is known to the tax and benefit records; NEVER for those who are not (n,).

    Known at 16, or at some later first job or claim.
    """
    who = np.arange(people.count)
    sixteen = people.birth + np.int64(np.ceil(16 * YEAR_DAYS))
    later = np.round(stream.exponential("known later", who) * 0.8 * YEAR_DAYS).astype(np.int64)
    known = sixteen + np.where(stream.uniform("known at once", who) < 0.6, 0, later)
    return np.where(stream.uniform("known", who) < SHARE_KNOWN, known, NEVER)


def make_work(country: Country, known: Ints, block: Columns, boost: Boost | None = None) -> tuple[Columns, Columns]:
    """Employment spells and benefit spells, each as columns person, start, end (NEVER: still going on), sorted."""
    spells, gaps = alternate(country, known, boost)
    jobs = settle(spells, block, country.settings)
    return jobs, make_claims(country, np.maximum(known, RECORDS_START), gaps, jobs, block)


def alternate(country: Country, known: Ints, boost: Boost | None = None) -> tuple[Columns, Columns]:
    """Job, gap, job, … from the first day known (or the start of the records) to the end of the extract or of the life."""
    people, stream, settings = country.people, country.stream, country.settings
    boost = boost or Boost.none(people.count)
    who = np.flatnonzero(known < settings.extract_end)
    when = np.maximum(known[who], RECORDS_START)
    last = np.minimum(settings.extract_end, people.death[who] - 1)
    employed = stream.uniform("employed", who) < share_employed(people.work[who])
    jobs: list[Columns] = []
    gaps: list[Columns] = []
    count = 0
    while who.size:
        typical = typical_days(people.work[who], employed)
        target = stream.exponential("work length", who, count)
        sooner = ~employed & (boost.start[who] < NEVER)
        target = np.where(sooner, hasten(target, spent(boost.start[who] - when, typical), boost.ratio[who]), target)
        length = length_days(typical, target)
        end = when + length
        for rows, found in ((employed, jobs), (~employed, gaps)):
            columns: Columns = {
                "person": who[rows],
                "start": when[rows],
                "end": end[rows],
                "turn": np.full(int(rows.sum()), count),
            }
            found.append({**columns, "last": last[rows]})
        going = end < last
        who, when, last, employed = who[going], end[going] + 1, last[going], ~employed[going]
        count += 1
    return join_spells(jobs), join_spells(gaps)


def share_employed(work: Floats) -> Floats:
    """Chance of being in a job at the outset."""
    return np.asarray(1 / (1 + np.exp(0.75 - 0.9 * work)), np.float64)


def typical_days(work: Floats, employed: Bools) -> Floats:
    """Jobs last about eight months, gaps fifteen; both are long-tailed, and easier workers keep work longer."""
    return np.asarray(np.where(employed, 210.0 * np.exp(0.5 * work), 400.0 * np.exp(-0.55 * work)), np.float64)


def length_days(typical: Floats, target: Floats) -> Ints:
    """Length of a spell that ends when its cumulative hazard reaches `target` (exponential, mean 1)."""
    return np.clip(np.round(typical * target**LENGTH_POWER), 6, 9000).astype(np.int64)


def spent(days: Ints, typical: Floats) -> Floats:
    """Cumulative hazard after so many days of a spell: what of its target is spent."""
    return np.asarray((np.maximum(days, 0) / typical) ** (1 / LENGTH_POWER), np.float64)


def hasten(target: Floats, before: Floats, ratio: Floats) -> Floats:
    """The target where the hazard is `ratio` times as high once `before` is spent."""
    return np.where(target > before, before + (target - before) / ratio, target)
