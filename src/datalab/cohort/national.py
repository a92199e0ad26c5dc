"""The national measure of proven reoffending from the same events: one twelve-month cohort, or quarterly cohorts pooled.

The published measure has been both: until October 2017 a person counted once a year, on the first event; since then four
quarterly cohorts are pooled and a person counts at most once in each.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from datalab.cohort.clocks import whole_years
from datalab.cohort.events import EVENT_TABLE, STAY_TABLE, make_events
from datalab.constraints import Options, require
from datalab.engines.sql import Connection, compose, fetch, forget
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE, clock_ends, reoffences

BREAKDOWNS = ("all", "sex", "age_band", "previous_offences", "kind")
FOLLOW_UP_MONTHS = 12
ADULT_YEARS = 18


@dataclass(frozen=True)
class NationalRate:
    """One line: `level` of the breakdown, events in the cohort, reoffenders, reoffences."""

    level: str
    n: int
    reoffenders: int
    reoffences: int

    @property
    def rate(self) -> float:
        """Share of events with a proven reoffence (0 to 1); NaN without events."""
        return self.reoffenders / self.n if self.n else float("nan")

    @property
    def per_reoffender(self) -> float:
        """Proven reoffences per reoffender; NaN without reoffenders."""
        return self.reoffences / self.reoffenders if self.reoffenders else float("nan")


def national_rates(
    connection: Connection,
    start: dt.date,
    end: dt.date,
    quarterly: bool,
    *,
    by: str = "all",
    adults_only: bool = False,
) -> tuple[NationalRate, ...]:
    """Proven reoffending within 12 months of everyone with an index event from `start` to `end` (both days counted).

    quarterly: at most the first event of a person in each calendar quarter, pooled; else the first from start to end. by:
    all, sex, age_band, previous_offences (0, 1-2, 3-6, 7-10, 11+: proven offences, no breaches, of earlier occasions) or
    kind. Levels come in the order of their names. adults_only: age 18 or more at the index date. The clock starts at the
    index date; nobody is left out for dying or going to custody. Raises UsageError for an unknown breakdown.
    """
    require({"by": Options(BREAKDOWNS)}, {"by": by})
    try:
        make_events(connection)
        parts = national_parts(quarterly, by, ADULT_YEARS if adults_only else 0)
        rows = fetch(connection, compose(parts, TOTALS), {"start": start, "end": end})
    finally:
        forget(connection, (STAY_TABLE, EVENT_TABLE, OFFENCE_CODE_TABLE))
    return tuple(NationalRate(**row) for row in rows.to_pylist())


TOTALS = """
select level, count(*)::bigint as n, coalesce(sum(case when n_reoffences > 0 then 1 else 0 end), 0)::bigint as reoffenders,
    coalesce(sum(n_reoffences), 0)::bigint as reoffences
from followed
group by level
order by level"""


def national_parts(quarterly: bool, by: str, minimum_age: int) -> dict[str, str]:
    """The queries from the country's index events to one row an event of the national cohort."""
    within = "e.person_id, e.quarter" if quarterly else "e.person_id"
    age = whole_years("p.date_of_birth", "e.index_date")
    return {
        "entered": f"""
    select e.*, p.sex, {age} as age_years, e.index_date as clock_start,
        row_number() over (partition by {within} order by e.index_date, e.kind_rank, e.event_key) as place
    from {EVENT_TABLE} e
    join person p on p.person_id = e.person_id
    where e.index_date between $start and $end and {age} >= {minimum_age:d}""",
        "first_events": "select * from entered where place = 1",
        "clocked": clock_ends("first_events", FOLLOW_UP_MONTHS),
        "reoffence": reoffences("clocked", "event_key"),
        "counted": "select event_key, count(*) as n_reoffences from reoffence group by event_key",
        "levelled": levelled(by),
        "followed": """
    select l.level, coalesce(n.n_reoffences, 0) as n_reoffences
    from levelled l left join counted n on n.event_key = l.event_key""",
    }


def levelled(by: str) -> str:
    """event_key and its level of the breakdown."""
    if by == "previous_offences":
        return previous_offences_level()
    values = {"all": "'all'", "sex": "c.sex", "kind": "c.kind", "age_band": AGE_BAND}
    return f"select c.event_key, {values[by]} as level from clocked c"


AGE_BAND = """case when c.age_years < 15 then '10-14' when c.age_years < 18 then '15-17'
        when c.age_years < 21 then '18-20' when c.age_years < 25 then '21-24' when c.age_years < 30 then '25-29'
        when c.age_years < 35 then '30-34' when c.age_years < 40 then '35-39' when c.age_years < 45 then '40-44'
        when c.age_years < 50 then '45-49' else '50+' end"""


def previous_offences_level() -> str:
    """Band of the number of proven offences (no breaches) of occasions before the index conviction."""
    return """
    select c.event_key, case when count(o.offence_id) = 0 then '0' when count(o.offence_id) <= 2 then '1-2'
        when count(o.offence_id) <= 6 then '3-6' when count(o.offence_id) <= 10 then '7-10' else '11+' end as level
    from clocked c
    left join occasion d on d.person_id = c.person_id and d.date < c.conviction_date and d.occasion_id <> c.occasion_id
    left join offence o on o.occasion_id = d.occasion_id and not o.is_breach
    group by c.event_key"""
