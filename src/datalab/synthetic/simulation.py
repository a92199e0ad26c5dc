"""The known truth: the same people lived over and over from the clock's start, with the programme and without it.

Both arms of a replicate share every draw (common random numbers keyed by person), so that their difference is precise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from datalab.errors import InternalError
from datalab.synthetic.calendars import add_months
from datalab.synthetic.careers import live
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints
from datalab.synthetic.episodes import Columns, Episodes
from datalab.synthetic.lives import REPLICATE, Lives, begin_lives
from datalab.synthetic.offending import offence_mix
from datalab.synthetic.programmes import Places, Programme
from datalab.synthetic.work_truth import MEASURES as WORK_MEASURES
from datalab.synthetic.work_truth import Workers, replay_work, workers_at

FOLLOW_UP_MONTHS = 12
WAITING_MONTHS = 6
_MARGIN_DAYS = 365  # offences dealt with on a later occasion are looked for so long after the waiting period
BATCH = 250_000  # lives played at once; bounds memory


@dataclass(frozen=True)
class Expected:
    """What may be expected of each participant, (n,) in the order of Places; NaN for those not at risk at the clock's start.

    clock: day on which it starts; at_risk; p1, p0: chance of a proven reoffence within 12 months with and without the
    programme; m1, m0: mean number of them. work1, work0: means of each employment measure, NaN also for those who were not
    known to the tax and benefit records before the clock.
    """

    clock: Ints
    at_risk: NDArray[np.bool_]
    p1: Floats
    p0: Floats
    m1: Floats
    m0: Floats
    work1: dict[str, Floats]
    work0: dict[str, Floats]


def expect_outcomes(
    programme: Programme, places: Places, country: Country, known: Ints, block: Columns, replicates: int
) -> Expected:
    """Plays each participant's life `replicates` times from the clock's start, with and without the programme.

    The life up to the clock's start (for work: the programme's start) is the one that happened. known: day since which
    everybody is known to the tax and benefit records; block: all custody as it happened. Monte Carlo error of a person's
    chance: at most 0.5 / sqrt(replicates).
    """
    people = country.people
    clock = np.maximum(places.index_date, places.start)
    state, at_risk = _states_at(clock, places, country)
    rows = np.flatnonzero(at_risk)
    end = np.minimum(add_months(clock, FOLLOW_UP_MONTHS + WAITING_MONTHS) + _MARGIN_DAYS, country.settings.extract_end)
    until = np.minimum(end, people.death[places.person] - 1)
    standing = replace(state, survived=clock, until=until).take(rows)
    effect = replace(standing, effect_start=places.start[rows], hazard_ratio=np.full(rows.size, programme.hazard_ratio))
    control = replace(standing, hazard_ratio=np.ones(rows.size))
    working = np.flatnonzero(at_risk & (known[places.person] < clock))
    workers = workers_at(country, places.person[working], places.start[working], clock[working], known, block)
    p1, m1, work1 = _replay(country, effect, clock[rows], workers, programme.work_ratio, replicates)
    p0, m0, work0 = _replay(country, control, clock[rows], workers, 1.0, replicates)
    return Expected(
        clock=clock,
        at_risk=at_risk,
        p1=_spread(p1, rows, clock.size),
        p0=_spread(p0, rows, clock.size),
        m1=_spread(m1, rows, clock.size),
        m0=_spread(m0, rows, clock.size),
        work1={name: _spread(values, working, clock.size) for name, values in work1.items()},
        work0={name: _spread(values, working, clock.size) for name, values in work0.items()},
    )


def _spread(values: Floats, rows: Ints, size: int) -> Floats:
    whole = np.full(size, np.nan)
    whole[rows] = values
    return whole


def _states_at(clock: Ints, places: Places, country: Country) -> tuple[Lives, NDArray[np.bool_]]:
    """The state in which each participant stood on the clock's first day, and whether they were then at risk.

    At risk: alive, free, and with no offence between the last return to freedom and the clock's first day.
    """
    seen: list[Lives] = []

    def watch(lives: Lives) -> None:
        row = np.searchsorted(places.person, lives.person)
        before = lives.since <= clock[row]
        seen.append(lives.take(before))

    acted = live(country, begin_lives(country, places.person), watch)
    last = _last_states(seen)
    if last.person.size != places.count:
        raise InternalError("a participant of the made-up country has no sanction before the clock starts")
    first = _first_offence_after(acted.offence, last)
    return last, (country.people.death[places.person] > clock) & (first > clock)


def _last_states(seen: list[Lives]) -> Lives:
    """The last of the states of each person, in the order of person."""
    names = Lives.__dataclass_fields__
    joined = Lives(**{name: np.concatenate([getattr(lives, name) for lives in seen]) for name in names})
    order = np.lexsort((joined.round, joined.person))
    person = joined.person[order]
    final = np.append(person[1:] != person[:-1], True)
    return joined.take(order[final])


def _first_offence_after(offence: Columns, state: Lives) -> Ints:
    """Day of the main offence of each person's next episode; a day beyond all others where there is none."""
    row = np.searchsorted(state.person, offence["person"])
    following = (offence["round"] == state.round[row]) & (offence["place"] == 0)
    first = np.full(state.person.size, np.iinfo(np.int64).max)
    first[row[following]] = offence["date"][following]
    return first


def _replay(
    country: Country, lives: Lives, clock: Ints, workers: Workers, work_ratio: float, replicates: int
) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Share of replicates with a counted reoffence, and their mean number, for each life; mean of each employment measure."""
    some, total = np.zeros(lives.person.size), np.zeros(lives.person.size)
    work = {name: np.zeros(workers.person.size) for name in WORK_MEASURES}
    for played, batch in _batches(country, lives, replicates):
        counts = count_reoffences(played, lives.person, clock, batch)
        some += (counts > 0).sum(axis=0)
        total += counts.sum(axis=0)
        for name, means in replay_work(country, workers, work_ratio, played.block, batch).items():
            work[name] += means * batch.size
    return some / replicates, total / replicates, {name: values / replicates for name, values in work.items()}


def _batches(country: Country, lives: Lives, replicates: int) -> Iterator[tuple[Episodes, Ints]]:
    """The lives played over, some replicates at a time: what happened, and the numbers of those replicates."""
    size = lives.person.size
    step = max(1, BATCH // max(size, 1))
    for first in range(0, replicates, step):
        batch = np.arange(first, min(first + step, replicates))
        repeated = lives.take(np.tile(np.arange(size), batch.size))
        key = country.people.number[repeated.person] + (np.repeat(batch, size) + 1) * REPLICATE
        yield live(country, replace(repeated, key=key)), batch


def count_reoffences(played: Episodes, person: Ints, clock: Ints, batch: Ints) -> Ints:
    """Proven reoffences (replicates, people): committed in the 12 months after the clock, proven within 18, and counting.

    person: sorted. clock: day of each person. batch: numbers of the replicates.
    """
    offence, mix = played.offence, offence_mix()
    column = np.searchsorted(person, offence["person"])
    row = np.asarray(offence["key"], np.int64) // REPLICATE - 1 - batch[0]
    follow = add_months(clock, FOLLOW_UP_MONTHS)[column]
    wait = add_months(clock, FOLLOW_UP_MONTHS + WAITING_MONTHS)[column]
    counted = (
        (offence["recordable"] == 1)
        & (offence["jurisdiction"] == 0)
        & (offence["police"] == 1)
        & (offence["kind"] < mix.first_breach)
        & (offence["date"] > clock[column])
        & (offence["date"] <= follow)
        & (offence["proven"] <= wait)
    )
    flat = row[counted] * person.size + column[counted]
    return np.bincount(flat, minlength=batch.size * person.size).reshape(batch.size, person.size)
