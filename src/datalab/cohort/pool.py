"""The comparison pool: events of other people, of the same kinds and in the same quarters, each with a drawn delay.

The pool is a set of events, never "the" event of a person chosen at random or last: how many events a person has depends on
the outcome, so such a choice selects on it (design 2.6).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datalab.cohort.clocks import excluded, in_cohort_window, judged_parts, old_enough, whole_years
from datalab.cohort.events import EVENT_TABLE
from datalab.cohort.settings import CohortSettings
from datalab.cohort.treated import TREATED_TABLE
from datalab.engines.sql import Connection, compose, fetch, hand_over, keep

POOL_TABLE = "lab_pool"
SEEN_TABLE = "lab_seen"
CANDIDATE_TABLE = "lab_pool_candidate"
DRAW_TABLE = "lab_draw"
# The first number of every seed sequence of this stage, so that no other stage draws the same numbers from one seed.
DELAY_STREAM = 25


def make_pool(connection: Connection, seen_person_ids: Iterable[str], settings: CohortSettings, seed: int) -> dict[str, int]:
    """Makes `lab_pool` (candidate events with a drawn delay, clock and `loss`) and counts what happened to it.

    Needs `lab_treated`. Returns name -> events: events (all that qualify), candidates (after the rule on several events of
    one person), each loss, and pool (kept). The same seed and records give the same pool whatever the order of the rows.
    """
    hand_over(connection, SEEN_TABLE, pa.table({"person_id": pa.array(sorted(seen_person_ids), pa.string())}))
    keep(connection, CANDIDATE_TABLE, compose(candidate_parts(settings), "select * from chosen"))
    hand_over(connection, DRAW_TABLE, draw_delays(donors(connection), candidates(connection), seed))
    keep(connection, POOL_TABLE, compose(pool_parts(settings), "select * from judged"))
    return count_pool(connection, settings)


def qualifying(settings: CohortSettings) -> str:
    """Every event that could stand in the pool: same kinds, same calendar quarters, loaded, not submitted, eligible."""
    regional = f"and e.region in (select region from {TREATED_TABLE} where loss is null)" if settings.region == "regional" else ""
    age = whole_years("p.date_of_birth", "e.index_date")
    return f"""
    select e.*, p.sex, {age} as age_years
    from {EVENT_TABLE} e
    join person p on p.person_id = e.person_id
    cross join (
        select cast(date_trunc('quarter', min(index_date)) as date) as first_day,
            cast(date_trunc('quarter', max(index_date)) + interval 3 month as date) as day_after
        from {TREATED_TABLE} where loss is null
    ) period
    where e.index_date >= period.first_day and e.index_date < period.day_after
        and e.kind in (select kind from {TREATED_TABLE} where loss is null)
        and {in_cohort_window("e.index_date")}
        and e.person_id not in (select person_id from {SEEN_TABLE})
        and {old_enough(age, settings)} and not ({excluded("e.offence_group", settings)}) {regional}"""


def candidate_parts(settings: CohortSettings) -> dict[str, str]:
    """The first event of a person in each calendar quarter (or the first of all): the choice never looks past the event.

    `number` orders the candidates by index date, kind and event_key: the order in which delays are drawn.
    """
    within = "person_id, quarter" if settings.pool_events == "quarterly" else "person_id"
    return {
        "qualifying": qualifying(settings),
        "placed": f"""
    select *, row_number() over (partition by {within} order by index_date, kind_rank, event_key) as place
    from qualifying""",
        "chosen": """
    select *, row_number() over (order by index_date, kind_rank, event_key) as number
    from placed
    where place = 1""",
    }


def donors(connection: Connection) -> pa.Table:
    """Kind, sentence band, delay and share of the stay of each treated person kept, in a fixed order."""
    return fetch(
        connection,
        f"select kind, sentence_band, delay_days, share from {TREATED_TABLE} where loss is null order by event_key",
    )


def candidates(connection: Connection) -> pa.Table:
    """Number, kind and sentence band of each candidate, by number."""
    return fetch(connection, f"select number, kind, sentence_band from {CANDIDATE_TABLE} order by number")


def draw_delays(donor: pa.Table, candidate: pa.Table, seed: int) -> pa.Table:
    """A delay (days) and share of the stay for each candidate, both of one treated person drawn with replacement.

    donor: kind, sentence_band, delay_days, share. candidate: number, kind, sentence_band, by number. Each candidate draws
    evenly among the treated people of its kind and band; of its kind where the band has none. Every candidate uses one
    uniform number of the PCG64 stream of the seed, by its place, so the draws of one cell never move those of another.
    """
    uniform = np.random.Generator(np.random.PCG64([DELAY_STREAM, seed])).random(candidate.num_rows)
    chosen = np.zeros(candidate.num_rows, dtype=np.int64)
    by_cell, by_kind = _places(donor, ("kind", "sentence_band")), _places(donor, ("kind",))
    for cell, places in _places(candidate, ("kind", "sentence_band")).items():
        pick = by_cell.get(cell, by_kind[cell[:1]])
        chosen[places] = pick[(uniform[places] * pick.size).astype(np.int64)]
    drawn = donor.select(["delay_days", "share"]).take(pa.array(chosen))
    return pa.table({"number": candidate["number"], "delay_days": drawn["delay_days"], "share": drawn["share"]})


def _places(rows: pa.Table, columns: tuple[str, ...]) -> dict[tuple[str, ...], NDArray[np.int64]]:
    """Combination of values -> the rows that hold it, ascending."""
    numbered = rows.select(columns).append_column("place", pa.array(np.arange(rows.num_rows)))
    grouped = numbered.group_by(list(columns)).aggregate([("place", "list")])
    cells = zip(*(grouped[name].to_pylist() for name in columns), strict=True)
    return {cell: np.sort(np.asarray(places.values)) for cell, places in zip(cells, grouped["place_list"], strict=True)}


def pool_parts(settings: CohortSettings) -> dict[str, str]:
    """Candidates with their drawn delay, their clock and what stops them."""
    return {
        "drawn": f"""
    select c.*, d.delay_days, d.share,
        cast(c.index_date + cast(d.delay_days as integer) as date) as clock_start
    from {CANDIDATE_TABLE} c
    join {DRAW_TABLE} d on d.number = c.number""",
        **judged_parts("drawn", settings),
    }


def count_pool(connection: Connection, settings: CohortSettings) -> dict[str, int]:
    """Events at each turn: events, candidates, one entry a loss, pool."""
    events = fetch(connection, compose({"qualifying": qualifying(settings)}, "select count(*) as n from qualifying"))
    found = fetch(
        connection, f"select coalesce(loss, 'pool') as name, count(*) as n from {POOL_TABLE} group by name order by name"
    ).to_pydict()
    counts = dict(zip(found["name"], found["n"], strict=True))
    total = sum(counts.values())
    losses = {name: n for name, n in counts.items() if name != "pool"}
    return {"events": events["n"][0].as_py(), "candidates": total, **losses, "pool": counts.get("pool", 0)}
