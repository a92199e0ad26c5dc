"""Sets a made-up country beside the published figures: reoffending of the 12-month cohort April 2013 to March 2014.

The measure is the older one, a person counted once on the first event of the 12 months (release, order, other conviction,
caution), with the counting rule and calendar months of `fields.justice.reoffending`.
"""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pandas as pd

from datalab.cohort.events import EVENT_TABLE, make_events
from datalab.engines.duckdb import session
from datalab.engines.sql import compose, fetch
from datalab.fields.justice.reoffending import clock_ends, counts_as_offence, reoffences
from datalab.schema.store import open_central

PERIOD = "Apr 2013-Mar 2014"
MEASURE = "12-month cohort (old)"
FIRST_DAY, LAST_DAY = "2013-04-01", "2014-03-31"
AGE_BANDS = ((10, 14), (15, 17), (18, 20), (21, 24), (25, 29), (30, 34), (35, 39), (40, 44), (45, 49), (50, 999))
HISTORY_BANDS = ((0, 0), (1, 2), (3, 6), (7, 10), (11, 9999))


def describe_world(folder: Path) -> pd.DataFrame:
    """Our figures beside the published ones, one row a figure.

    Columns: population (All, Adult, Juvenile), breakdown, group, people (ours), metric (rate_pct, or reoffences_per_reoffender),
    ours, published, difference (ours minus published, in the metric's unit). `folder` is the one `write_world` wrote.
    Raises CentralDataError where its records do not obey the schema.
    """
    with session() as connection:
        open_central(connection, folder / "central", quick=True)
        make_events(connection)
        cohort = fetch(connection, compose(cohort_parts(), "select * from measured order by person_id")).to_pandas()
    return compare_figures(cohort)


def cohort_parts() -> dict[str, str]:
    """The queries from events to one row a person: sex, age, previous offences, reoffences."""
    return {
        "first_event": f"""
    select person_id, event_key as event_id, occasion_id, index_date, index_date as clock_start from (
        select *, row_number() over (partition by person_id order by index_date, kind_rank, event_key) as place
        from {EVENT_TABLE}
        where index_date between date '{FIRST_DAY}' and date '{LAST_DAY}'
    ) ranked where place = 1""",
        "clocked": clock_ends("first_event", 12),
        "again": reoffences("clocked"),
        "counted": "select event_id, count(*) as n from again group by event_id",
        "earlier": f"""
    select c.event_id, count(*) as n from clocked c
    join offence o on o.person_id = c.person_id
    join occasion d on d.occasion_id = o.occasion_id and d.occasion_id <> c.occasion_id and d.date < c.index_date
    where {counts_as_offence("o")}
    group by c.event_id""",
        "measured": """
    select c.person_id, p.sex, date_diff('year', p.date_of_birth, c.index_date)
        - case when strftime(p.date_of_birth, '%m%d') > strftime(c.index_date, '%m%d') then 1 else 0 end as age,
        coalesce(e.n, 0) as earlier, coalesce(k.n, 0) as reoffences
    from clocked c join person p on p.person_id = c.person_id
    left join earlier e on e.event_id = c.event_id left join counted k on k.event_id = c.event_id""",
    }


def compare_figures(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort's figures beside the published; see describe_world."""
    adult = cohort["age"] >= 18
    rows = [
        _row(cohort, "All", "all", "all"),
        _row(cohort[adult], "Adult", "all", "all"),
        _row(cohort[~adult], "Juvenile", "all", "all"),
    ]
    rows += [_row(cohort[cohort["sex"] == code], "All", "sex", label) for code, label in (("M", "Male"), ("F", "Female"))]
    for low, high in AGE_BANDS:
        band = cohort[cohort["age"].between(low, high)]
        rows.append(_row(band, "Adult" if low >= 18 else "Juvenile", "age_band", f"{low}+" if high == 999 else f"{low}-{high}"))
    for population, part in (("Adult", cohort[adult]), ("Juvenile", cohort[~adult])):
        for low, high in HISTORY_BANDS:
            label = f"{low}+" if high == 9999 else (f"{low}" if low == high else f"{low}-{high}")
            rows.append(_row(part[part["earlier"].between(low, high)], population, "previous_offences", label))
    per = [
        _row(part, name, "all", "all", "reoffences_per_reoffender") for name, part in (("All", cohort), ("Adult", cohort[adult]))
    ]
    return pd.DataFrame([row for row in rows + per if row])


def _row(part: pd.DataFrame, population: str, breakdown: str, group: str, metric: str = "rate_pct") -> dict[str, object]:
    """One figure beside the published one; nothing where none is published or nobody is in the group."""
    published = published_figures().get((population, breakdown, group, metric))
    reoffended = part[part["reoffences"] > 0]
    if published is None or part.empty or reoffended.empty:
        return {}
    ours = float(reoffended["reoffences"].mean()) if metric != "rate_pct" else 100.0 * len(reoffended) / len(part)
    return {
        "population": population,
        "breakdown": breakdown,
        "group": group,
        "people": len(part),
        "metric": metric,
        "ours": ours,
        "published": published,
        "difference": ours - published,
    }


def published_figures() -> dict[tuple[str, str, str, str], float]:
    """The published figures of the cohort: (population, breakdown, group, metric) -> value.

    The rate of all people and their reoffences per reoffender follow from the published counts of adults and juveniles.

    >>> round(published_figures()["All", "all", "all", "rate_pct"], 1)
    26.2
    >>> published_figures()["Adult", "all", "all", "rate_pct"]
    25.2
    """
    source = resources.files("datalab.data").joinpath("reoffending_breakdowns.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    found = {
        (row["population"], row["dimension"], row["level"], row["metric"]): float(row["value"])
        for row in rows
        if row["cohort"] == PERIOD and row["measure"] == MEASURE
    }

    def total(metric: str) -> float:
        return sum(found[population, "all", "all", metric] for population in ("Adult", "Juvenile"))

    found["All", "all", "all", "rate_pct"] = 100.0 * total("n_reoffenders") / total("n_offenders")
    found["All", "all", "all", "reoffences_per_reoffender"] = total("n_reoffences") / total("n_reoffenders")
    return found
