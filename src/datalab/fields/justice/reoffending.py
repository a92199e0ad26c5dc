"""What a proven reoffence is, as SQL that cohort and features share: the counting rule and the reoffences of a set of clocks.

Months are calendar months, added as DuckDB adds an interval: the same day of the later month, or its last day where it is
shorter (29 February 2012 and 12 months: 28 February 2013; 31 August and 18 months: 28 or 29 February).
"""

from __future__ import annotations

import pyarrow as pa

from datalab.engines.sql import Connection, hand_over
from datalab.fields.justice.offences import LABELS, offence_codes

WAITING_MONTHS = 6
OFFENCE_CODE_TABLE = "lab_offence_code"
# An open spell (still in custody, still employed) ends on this day.
OPEN_END = "date '9999-12-31'"
MODE_RANK = "case {0}.mode_of_trial when 'indictable' then 1 when 'either_way' then 2 else 3 end"


def counts_as_offence(offence: str) -> str:
    """The condition under which a row of `offence` (its alias) counts: recordable, in England or Wales, by the police, no breach.

    >>> counts_as_offence("o").startswith("o.recordable and ")
    True
    """
    return (
        f"{offence}.recordable and {offence}.jurisdiction = 'england_wales'"
        f" and {offence}.prosecutor = 'police' and not {offence}.is_breach"
    )


def clock_ends(relation: str, follow_up_months: int) -> str:
    """`relation` with `follow_up_end` (clock_start + follow-up) and `waiting_end` (+ 6 months to be proven), calendar months.

    The waiting end is counted from clock_start in one step, so that a short month on the way does not shorten it.
    """
    return f"""
    select *,
        cast(clock_start + interval {follow_up_months:d} month as date) as follow_up_end,
        cast(clock_start + interval {follow_up_months + WAITING_MONTHS:d} month as date) as waiting_end
    from {relation}"""


def reoffences(clocks: str, key: str = "event_id") -> str:
    """Every proven reoffence of the clocks: committed in (clock_start, follow_up_end], proven by waiting_end, and counting.

    `clocks`: relation with `key`, person_id, clock_start, follow_up_end, waiting_end. One row an offence: key, offence_id,
    occasion_id, code, mode_of_trial, disposal, days (from the clock start, 1 or more), place (1 = the first: earliest
    day, then the heavier class of court, then offence_id).
    """
    return f"""
    select c.{key}, o.offence_id, o.occasion_id, o.code, o.mode_of_trial, o.disposal,
        date_diff('day', c.clock_start, o.offence_date) as days,
        row_number() over (
            partition by c.{key} order by o.offence_date, {MODE_RANK.format("o")}, o.offence_id
        ) as place
    from {clocks} c
    join offence o on o.person_id = c.person_id
        and o.offence_date > c.clock_start and o.offence_date <= c.follow_up_end
    join occasion d on d.occasion_id = o.occasion_id and d.date <= c.waiting_end
    where {counts_as_offence("o")}"""


def hand_over_offence_codes(connection: Connection) -> None:
    """Makes the temporary table of offence codes: code, offence_group, ogrs3_weight, is_violent."""
    codes = list(offence_codes().values())
    rows = {
        "code": [code.code for code in codes],
        "offence_group": [code.group for code in codes],
        "ogrs3_weight": [code.ogrs3_weight for code in codes],
        "is_violent": [code.is_violent for code in codes],
    }
    hand_over(connection, OFFENCE_CODE_TABLE, pa.table(rows))


OFFENCE_GROUPS = tuple(LABELS)
