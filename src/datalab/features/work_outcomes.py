"""Employment and benefits in the follow-up as named SQL (design 2.2): from the clocks in the cohort to one row an event.

The follow-up is that of reoffending: from the day after the clock start to its end, calendar months. What "employed one
month after" and "12 months after" mean follows the service's publication on the Prisoners' Education Trust (July 2018):
on that one day. Who counts is settled before the clock starts: everybody then known to the tax and benefit records.
"""

from __future__ import annotations

from datalab.features.spells import EMPLOYED, merged, spells, uncovered_days
from datalab.fields.justice.codes import BENEFIT

# Datasets of the coverage table; a measure is had only where its own reaches to the end of the follow-up.
EMPLOYMENT, BENEFITS = "employment", "benefit"
_ON_BENEFIT = "benefit"
POINTS = (("1m", 1), ("12m", 12))


def work_parts(cohort: str, horizon_days: int) -> dict[str, str]:
    """Queries from the clocks of `cohort` to `worked`: one row an event, in numbers whether or not the person counts.

    `is_known`: to the tax and benefit records before the clock started; `employment_loaded`, `benefit_loaded`: the whole
    follow-up lies in one loaded window. Days are at most `horizon_days`, so that a leap year has no 366th.
    """
    return {
        "spell": spells(),
        "in_follow_up": in_follow_up(cohort),
        "joined": merged("in_follow_up"),
        "summed": summed(),
        "loaded": loaded(cohort),
        "worked": worked(cohort, horizon_days),
    }


def in_follow_up(cohort: str) -> str:
    """The part of each spell that lies in the follow-up; `what` is employed or benefit, `kind` the benefit's own name."""
    return f"""
    select c.event_id, c.clock_start, s.spell_id, s.what as kind,
        case when s.what = '{EMPLOYED}' then '{EMPLOYED}' else '{_ON_BENEFIT}' end as what,
        greatest(s.start, cast(c.clock_start + 1 as date)) as first_day, least(s.last_day, c.follow_up_end) as last_day
    from {cohort} c
    join spell s on s.person_id = c.person_id and s.start <= c.follow_up_end and s.last_day > c.clock_start"""


def summed() -> str:
    """Per event: any day employed, employed on the day so many months on, days; the same of benefits, all and each."""
    on_day = ", ".join(
        f"max(case when what = '{EMPLOYED}' and cast(clock_start + interval {months:d} month as date)"
        f" between first_day and last_day then 1 else 0 end) as employed_{key}"
        for key, months in POINTS
    )
    each = ", ".join(f"max(case when kind = '{code.lower()}' then 1 else 0 end) as {code.lower()}" for code, _ in BENEFIT)
    days = uncovered_days()
    return f"""
    select event_id, max(case when what = '{EMPLOYED}' then 1 else 0 end) as employed, {on_day},
        sum(case when what = '{EMPLOYED}' then {days} else 0 end) as days_employed,
        max(case when what = '{_ON_BENEFIT}' then 1 else 0 end) as benefit, {each},
        sum(case when what = '{_ON_BENEFIT}' then {days} else 0 end) as days_on_benefit
    from joined
    group by event_id"""


def loaded(cohort: str) -> str:
    """Events whose whole follow-up lies in a loaded window, by dataset."""
    return f"""
    select c.event_id, max(case when v.dataset = '{EMPLOYMENT}' then 1 else 0 end) as employment,
        max(case when v.dataset = '{BENEFITS}' then 1 else 0 end) as benefit
    from {cohort} c
    join coverage v on v.dataset in ('{EMPLOYMENT}', '{BENEFITS}') and v.kind = 'events'
        and v.first_date <= c.clock_start and v.last_date >= c.follow_up_end
    group by c.event_id"""


def worked(cohort: str, horizon_days: int) -> str:
    """One row an event; 0 where no spell touches the follow-up."""
    flags = ("employed", *(f"employed_{key}" for key, _ in POINTS), "benefit", *(code.lower() for code, _ in BENEFIT))
    days = ", ".join(
        f"cast(least(coalesce(s.{name}, 0), {horizon_days:d}) as bigint) as {name}"
        for name in ("days_employed", "days_on_benefit")
    )
    return f"""
    select c.event_id, coalesce(p.tax_identity < c.clock_start, false) as is_known,
        coalesce(l.employment, 0) = 1 as employment_loaded, coalesce(l.benefit, 0) = 1 as benefit_loaded,
        {", ".join(f"coalesce(s.{name}, 0) as {name}" for name in flags)}, {days}
    from {cohort} c
    join person p on p.person_id = c.person_id
    left join summed s on s.event_id = c.event_id
    left join loaded l on l.event_id = c.event_id"""
