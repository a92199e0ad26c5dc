"""Event histories without any programme effect, made in bulk: a Poisson process of offences a person, strongly unequal.

Every offence is convicted some weeks later and that conviction is an index event. Rates differ between people as a gamma
variable, so a comparison that looks into the future to choose its events, or that forgets the delay, is far out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from tests.cohort_world import DEFAULTS, World, schema_of

from datalab.fields.justice.tables import TABLES

EPOCH = np.datetime64("2010-01-01")
LAST = int((np.datetime64("2015-12-31") - EPOCH).astype(int))
WINDOW = tuple(int((np.datetime64(day) - EPOCH).astype(int)) for day in ("2012-01-01", "2013-12-31"))
DELAY_DAYS = 182


@dataclass(frozen=True)
class NullWorld:
    """person, conviction: of each event, by person and conviction day (days since 2010); flagged: may be treated."""

    tables: dict[str, pa.Table]
    person: NDArray[np.int64]
    conviction: NDArray[np.int64]
    flagged: NDArray[np.bool_]


def make_null_world(people: int, mean_rate: float, shape: float, seed: int, flagged_share: float = 0.4) -> NullWorld:
    """`mean_rate`: offences a person and year; `shape`: of the gamma (small is unequal)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rate = rng.gamma(shape, mean_rate / shape, people)
    person = np.repeat(np.arange(people), rng.poisson(rate * LAST / 365.25))
    offence = rng.integers(0, LAST, person.size)
    conviction = offence + 5 + np.minimum(rng.exponential(35, person.size).astype(np.int64), 160)
    order = np.lexsort((offence, conviction, person))
    person, offence, conviction = person[order], offence[order], conviction[order]
    community = rng.random(person.size) < 0.4
    flagged = rng.random(people) < flagged_share
    return NullWorld(_tables(people, person, offence, conviction, community), person, conviction, flagged)


def names(prefix: str, numbers: NDArray[np.int64]) -> pa.Array:
    """Fixed-width names, so that their order is the numbers'."""
    text = pa.array(numbers + 100_000_000).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, "")


def dates(days: NDArray[np.int64]) -> pa.Array:
    return pa.array(EPOCH + days.astype("timedelta64[D]")).cast(pa.date32())


def _tables(
    people: int,
    person: NDArray[np.int64],
    offence: NDArray[np.int64],
    conviction: NDArray[np.int64],
    community: NDArray[np.bool_],
) -> dict[str, pa.Table]:
    n = person.size
    who, occasion = names("p", person), names("d", np.arange(n))
    disposal = pa.array(np.where(community, "community", "fine"))
    made = {
        "person": {"person_id": names("p", np.arange(people))},
        "occasion": {"occasion_id": occasion, "person_id": who, "date": dates(conviction), "court_outcome": disposal},
        "offence": {
            "offence_id": names("o", np.arange(n)),
            "occasion_id": occasion,
            "person_id": who,
            "offence_date": dates(offence),
            "disposal": disposal,
            "is_principal": pa.array(np.ones(n, dtype=bool)),
        },
    }
    tables = World().coverage("2010-01-01", "2013-12-31", "2016-12-31").tables()
    for table in TABLES:
        if table.name in made:
            rows = len(next(iter(made[table.name].values())))
            fixed = {**DEFAULTS[table.name], **made[table.name]}
            schema = schema_of(table)
            tables[table.name] = pa.table(
                {
                    item.name: fixed[item.name]
                    if isinstance(fixed.get(item.name), (pa.Array, pa.ChunkedArray))
                    else pa.repeat(pa.scalar(fixed.get(item.name), item.type), rows)
                    for item in schema
                },
                schema=schema,
            )
    return tables


def choose_treated(
    world: NullWorld, longest_delay: int, seed: int, share: float = 0.5
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Person, index day and programme start of the treated: of flagged people, each event in the window in turn is taken
    with probability `share`, a delay is drawn evenly from 0 to `longest_delay`, and the person joins if no further event
    has come by then. Only the past decides."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    delay = rng.integers(0, longest_delay + 1, world.person.size)
    start = world.conviction + delay
    after = np.append(world.conviction[1:], LAST * 9)
    same = np.append(world.person[1:] == world.person[:-1], False)
    undisturbed = ~same | (after > start)
    inside = (world.conviction >= WINDOW[0]) & (world.conviction <= WINDOW[1])
    joins = world.flagged[world.person] & inside & undisturbed & (rng.random(world.person.size) < share)
    place = np.flatnonzero(joins)
    _, first = np.unique(world.person[place], return_index=True)
    taken = place[first]
    return world.person[taken], world.conviction[taken], start[taken]
