"""The covariates of a cohort as small named SQL queries, a family each; definitions in `fields/justice/covariates.py`.

Every query reads `lab_cohort` (the cohort's events) and the central views, and gives one row an event, by event_id. Nothing
dated after an event's baseline, history or needs date is read; those dates end before the programme starts.
"""

from __future__ import annotations

from datalab.engines.sql import compose
from datalab.features.outcomes import COHORT_TABLE
from datalab.features.spells import EMPLOYED, merged, spells, uncovered_days
from datalab.fields.justice.codes import BENEFIT, NEEDS
from datalab.fields.justice.covariates import NEED_BANDS, NOT_ASSESSED, SPELL_WINDOWS
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE, OFFENCE_GROUPS

YEAR_DAYS = 365.25
LAST_YEARS_MONTHS = 24
# Day of the first caution or conviction on record by the history date; where there is none, that of the index one.
FIRST_SANCTION = (
    "case when p.first_sanction_date <= least(c.history_date, c.conviction_date) then p.first_sanction_date"
    " else c.conviction_date end"
)
# Datasets of the coverage table that the work family needs.
SPELL_DATASETS = {EMPLOYED: "employment", **{code.lower(): "benefit" for code, _ in BENEFIT}}


def demographics() -> str:
    """Age at the index date, age at first sanction (years), sex, ethnicity group, nationality."""
    return f"""
    select c.event_id, c.age_years,
        date_diff('day', p.date_of_birth, {FIRST_SANCTION}) / {YEAR_DAYS} as age_first_sanction,
        p.sex, p.ethnicity_group,
        case when p.uk_national is null then 'unknown' when p.uk_national then 'yes' else 'no' end as uk_national
    from {COHORT_TABLE} c
    join person p on p.person_id = c.person_id
    order by c.event_id"""


def index() -> str:
    """The index event: kind, principal offence, disposal, sentence band, quarter, offences dealt with, delay."""
    parts = {
        "dealt": f"""
    select c.event_id, count(*) as offences
    from {COHORT_TABLE} c join offence o on o.occasion_id = c.occasion_id
    group by c.event_id"""
    }
    return compose(
        parts,
        f"""
    select c.event_id, c.kind as index_kind, c.offence_group as index_offence_group, c.disposal as index_disposal,
        c.sentence_band, c.quarter as index_quarter, coalesce(d.offences, 0) as index_offences, c.delay_days
    from {COHORT_TABLE} c left join dealt d on d.event_id = c.event_id
    order by c.event_id""",
    )


def history() -> str:
    """Counts of previous sanctions and offences up to the history date, without the index occasion.

    Also the numbers that the Copas rate and OGRS3 are made of: sanctions, years since the first one, the offence's weight.
    """
    parts = {"prior": prior(), "sanctions": sanctions(), "offences": offences()}
    groups = ", ".join(f"coalesce(o.n_{group}, 0) as previous_offences_{group}" for group in OFFENCE_GROUPS)
    counts = ("convictions", "convictions_2y", "cautions", "cautions_2y", "custody", "orders")
    sanction_columns = ", ".join(f"coalesce(s.{name}, 0) as previous_{name}" for name in counts)
    offence_columns = ", ".join(f"coalesce(o.{name}, 0) as previous_{name}" for name in ("offences", "offences_2y", "breaches"))
    return compose(
        parts,
        f"""
    select c.event_id, {sanction_columns}, {offence_columns}, {groups},
        date_diff('day', s.last_date, c.conviction_date) / {YEAR_DAYS} as years_since_last_sanction,
        date_diff('day', {FIRST_SANCTION}, c.conviction_date) / {YEAR_DAYS} as years_since_first,
        coalesce(g.ogrs3_weight, 0.0) as offence_weight
    from {COHORT_TABLE} c
    join person p on p.person_id = c.person_id
    left join sanctions s on s.event_id = c.event_id
    left join offences o on o.event_id = c.event_id
    left join {OFFENCE_CODE_TABLE} g on g.code = c.offence_code
    order by c.event_id""",
    )


def prior() -> str:
    """Cautions and convictions dated up to the history date, the index occasion left out."""
    return f"""
    select c.event_id, d.occasion_id, d.kind, d.court_outcome, d.date,
        d.date > cast(c.history_date - interval {LAST_YEARS_MONTHS} month as date) as is_recent
    from {COHORT_TABLE} c
    join occasion d on d.person_id = c.person_id and d.date <= c.history_date and d.occasion_id <> c.occasion_id"""


def sanctions() -> str:
    """Counts of previous occasions by kind and heaviest disposal."""
    return """
    select event_id, max(date) as last_date,
        sum(case when kind = 'conviction' then 1 else 0 end) as convictions,
        sum(case when kind = 'conviction' and is_recent then 1 else 0 end) as convictions_2y,
        sum(case when kind = 'caution' then 1 else 0 end) as cautions,
        sum(case when kind = 'caution' and is_recent then 1 else 0 end) as cautions_2y,
        sum(case when court_outcome = 'custody' then 1 else 0 end) as custody,
        sum(case when court_outcome in ('community', 'suspended') then 1 else 0 end) as orders
    from prior
    group by event_id"""


def offences() -> str:
    """Counts of previous offences (breaches apart), all, recent and by group."""
    groups = ", ".join(
        f"sum(case when not o.is_breach and coalesce(g.offence_group, 'unknown') = '{group}' then 1 else 0 end) as n_{group}"
        for group in OFFENCE_GROUPS
    )
    return f"""
    select d.event_id,
        sum(case when o.is_breach then 1 else 0 end) as breaches,
        sum(case when not o.is_breach then 1 else 0 end) as offences,
        sum(case when not o.is_breach and d.is_recent then 1 else 0 end) as offences_2y, {groups}
    from prior d
    join offence o on o.occasion_id = d.occasion_id
    left join {OFFENCE_CODE_TABLE} g on g.code = o.code
    group by d.event_id"""


def work() -> str:
    """Employment and each benefit in the month, 3 and 12 months up to the baseline; spells and days in the year.

    Null where the person was not known to the tax and benefit records by the baseline, or the year is not loaded.
    """
    parts = {"spell": spells(), "clipped": clipped(), "merged": merged("clipped"), "totals": totals(), "known": known()}
    joins = " ".join(
        f"left join totals t_{name} on t_{name}.event_id = k.event_id and t_{name}.what = '{name}'" for name in SPELL_DATASETS
    )
    values = {**{key: f"in_{key}" for key, _, _ in SPELL_WINDOWS}, "spells": "spells", "days": "days"}
    columns = ", ".join(
        f"case when k.{dataset} then coalesce(t_{name}.{value}, 0) end as {name}_{key}"
        for name, dataset in SPELL_DATASETS.items()
        for key, value in values.items()
    )
    return compose(parts, f"select k.event_id, k.tax_record, {columns} from known k {joins} order by k.event_id")


def clipped() -> str:
    """The part of each spell that lies in the 12 months up to the baseline."""
    return f"""
    select c.event_id, c.baseline_date, s.what, s.spell_id,
        greatest(s.start, cast(cast(c.baseline_date - interval 12 month as date) + 1 as date)) as first_day,
        least(s.last_day, c.baseline_date) as last_day
    from {COHORT_TABLE} c
    join spell s on s.person_id = c.person_id and s.start <= c.baseline_date
        and s.last_day > cast(c.baseline_date - interval 12 month as date)"""


def totals() -> str:
    """Per event and kind of spell: any day in each window, spells, and days with overlaps counted once."""
    windows = ", ".join(
        f"max(case when last_day > cast(baseline_date - interval {months:d} month as date) then 1 else 0 end) as in_{key}"
        for key, _, months in SPELL_WINDOWS
    )
    return f"""
    select event_id, what, {windows}, count(*) as spells, sum({uncovered_days()}) as days
    from merged
    group by event_id, what"""


def known() -> str:
    """Whether each event's person is known to the tax and benefit records by the baseline, and whether the year is loaded."""
    loaded = {
        name: f"""exists (select 1 from coverage v where v.dataset = '{name}' and v.kind = 'events'
            and v.first_date <= cast(c.baseline_date - interval 12 month as date) and v.last_date >= c.baseline_date)"""
        for name in ("employment", "benefit")
    }
    tax = "coalesce(p.tax_identity <= c.baseline_date, false)"
    return f"""
    select c.event_id, case when {tax} then 1 else 0 end as tax_record,
        {tax} and {loaded["employment"]} as employment, {tax} and {loaded["benefit"]} as benefit
    from {COHORT_TABLE} c
    join person p on p.person_id = c.person_id"""


def needs() -> str:
    """Bands of the nine sections in the last assessment up to the needs date (the later assessment_id on one day).

    Assessments between the history date and the index conviction are left out. In a cohort as built there are none; in the
    match of a negative control, which sets the history date back, they would tell of what was done in between.
    """
    bands = {
        name: f"case when a.{name} is null then '{NOT_ASSESSED}' "
        + " ".join(f"when a.{name} <= {highest} then '{band}'" for band, _, highest in NEED_BANDS)
        + f" end as need_{name}"
        for name, _ in NEEDS
    }
    parts = {
        "dated": f"""
    select c.event_id, a.*, row_number() over (partition by c.event_id order by a.date desc, a.assessment_id desc) as place
    from {COHORT_TABLE} c
    join assessment a on a.person_id = c.person_id and a.date <= c.needs_date
        and (a.date <= c.history_date or a.date >= c.conviction_date)"""
    }
    return compose(
        parts,
        f"""
    select c.event_id, {", ".join(bands.values())}
    from {COHORT_TABLE} c
    left join dated a on a.event_id = c.event_id and a.place = 1
    order by c.event_id""",
    )


def region() -> str:
    """Region of the index event."""
    return f"select event_id, region from {COHORT_TABLE} order by event_id"


FAMILY_QUERIES = {
    "demographics": demographics,
    "index": index,
    "history": history,
    "work": work,
    "needs": needs,
    "region": region,
}
