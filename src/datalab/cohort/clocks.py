"""Clocks and what may stop them: follow-up and waiting ends, who was at risk when the clock started, who could be followed."""

from __future__ import annotations

from datalab.cohort.settings import CohortSettings
from datalab.fields.justice.reoffending import clock_ends, counts_as_offence

COVERAGE_DATASET = "reoffending"


def whole_years(birth: str, day: str) -> str:
    """Complete years from `birth` to `day`; a person born on 29 February has the birthday on 1 March of a short year."""
    return (
        f"(year({day}) - year({birth}) - case when month({day}) * 100 + day({day})"
        f" < month({birth}) * 100 + day({birth}) then 1 else 0 end)"
    )


def in_cohort_window(day: str) -> str:
    """The condition that index dates on `day` are allowed: it lies in a cohort window of the coverage."""
    return (
        f"exists (select 1 from coverage v where v.dataset = '{COVERAGE_DATASET}' and v.kind = 'cohort'"
        f" and {day} between v.first_date and v.last_date)"
    )


def judged_parts(relation: str, settings: CohortSettings) -> dict[str, str]:
    """Judges candidates (event_key, person_id, index_date, clock_start, age_years, offence_group, …): adds `loss`.

    `loss` is null, or the first of: died, custody, offended, superseded (all: after the index date and on or before
    clock_start), follow_up, under_age, excluded. In custody: a stay that reaches past the index date and has begun by
    clock_start. Offended: an offence that counts, proven by waiting_end, as a reoffence would be. Superseded: a further event
    of the plan's kinds. A programme in the community belongs to the latest event before it, so treated people never have
    one; pool events that do (a case pending on the index date) would be of more active people, which measured as a bias of
    half a point. Also adds `died_after`: a death in follow-up.
    """
    return {
        "clocked": clock_ends(relation, settings.follow_up_months),
        "jailed": """
    select distinct c.event_key from clocked c
    join lab_stay s on s.person_id = c.person_id and s.start <= c.clock_start and s.release > c.index_date""",
        "offended": f"""
    select distinct c.event_key from clocked c
    join offence o on o.person_id = c.person_id and o.offence_date > c.index_date and o.offence_date <= c.clock_start
    join occasion d on d.occasion_id = o.occasion_id and d.date <= c.waiting_end
    where {counts_as_offence("o")}""",
        "superseded": f"""
    select distinct c.event_key from clocked c
    join lab_event e on e.person_id = c.person_id and e.index_date > c.index_date and e.index_date <= c.clock_start
    where {of_kinds("e", settings)}""",
        "followed": f"""
    select distinct c.event_key from clocked c
    join coverage v on v.dataset = '{COVERAGE_DATASET}' and v.kind = 'events'
        and v.first_date <= c.index_date and v.last_date >= c.waiting_end""",
        "judged": f"""
    select c.*, {loss(settings)} as loss,
        coalesce(p.date_of_death > c.clock_start and p.date_of_death <= c.follow_up_end, false) as died_after
    from clocked c
    join person p on p.person_id = c.person_id
    left join jailed j on j.event_key = c.event_key
    left join offended o on o.event_key = c.event_key
    left join superseded s on s.event_key = c.event_key
    left join followed f on f.event_key = c.event_key""",
    }


def loss(settings: CohortSettings) -> str:
    """The first reason, in the order of the attrition, for which a clocked event drops out; null where there is none."""
    return f"""case
        when p.date_of_death <= c.clock_start then 'died'
        when j.event_key is not null then 'custody'
        when o.event_key is not null then 'offended'
        when s.event_key is not null then 'superseded'
        when f.event_key is null then 'follow_up'
        when not ({old_enough("c.age_years", settings)}) then 'under_age'
        when {excluded("c.offence_group", settings)} then 'excluded' end"""


def of_kinds(event: str, settings: CohortSettings) -> str:
    """The condition that a row of `event` (its alias) is of a kind the plan allows."""
    names = ", ".join(f"'{kind}'" for kind in settings.kinds)
    return f"{event}.kind in ({names})"


def old_enough(age: str, settings: CohortSettings) -> str:
    """The condition on age at the index date."""
    return f"{age} >= {settings.minimum_age_years:d}"


def excluded(group: str, settings: CohortSettings) -> str:
    """The condition that the index offence is of a group the plan leaves out (names checked by the settings)."""
    names = ", ".join(f"'{name}'" for name in settings.excluded_groups)
    return f"{group} in ({names})" if names else "false"
