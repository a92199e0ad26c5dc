"""The world's own figures: cohorts of both national measures, cut the ways the published tables cut them (design 2.1).

Everything is counted by the engine: a row a cell (cohort, population, breakdown, group) comes to Python, never a person.
"""

from __future__ import annotations

from datalab.cohort.events import EVENT_TABLE
from datalab.fields.justice.reoffending import clock_ends, counts_as_offence, reoffences
from datalab.synthetic.offending import MOTORING, PUBLISHED_GROUPS, SUMMARY, WEAPON_CODES, WEAPONS

ENTRY_TABLE = "lab_entry"
WINDOW_TABLE = "lab_window"
OLD, NEW = "old", "new"

AGE_BANDS = ((10, 14), (15, 17), (18, 20), (21, 24), (25, 29), (30, 34), (35, 39), (40, 44), (45, 49), (50, 999))
HISTORY_BANDS = ((0, 0), (1, 2), (3, 6), (7, 10), (11, 9999))
# Last day of each band of a custodial sentence, as the published tables cut it.
SENTENCE_BANDS = (
    ("<12 months", 364),
    ("12 months to <2 years", 730),
    ("2 to <4 years", 1460),
    ("4 to 10 years", 3652),
    (">10 years", 10**6),
)
# The published groups of disposals, and the events that enter each: one person counts once in each of them.
DISPOSALS = {
    "Fine": "kind = 'non_custodial' and disposal = 'fine'",
    "Caution": "kind = 'caution'",
    "Absolute/conditional discharge": "kind = 'non_custodial' and disposal = 'discharge'",
    "Other": "kind = 'non_custodial' and disposal not in ('fine', 'discharge')",
    "Custody or court order": "kind in ('release', 'court_order')",
    "Court order": "kind = 'court_order'",
    "Community order": "kind = 'court_order' and disposal = 'community'",
    "Suspended sentence order": "kind = 'court_order' and disposal = 'suspended'",
    "Custody (all)": "kind = 'release'",
    "Custody determinate <12 months": "kind = 'release' and sentence_days < 365",
    "Custody determinate 12 months+": "kind = 'release' and sentence_days >= 365",
}


def band(value: str, bands: tuple[tuple[int, int], ...]) -> str:
    """A case expression that names the band of a whole number, as the published tables write it.

    >>> band("age", ((10, 14), (50, 999)))
    "case when age between 10 and 14 then '10-14' when age between 50 and 999 then '50+' end"
    """
    labels = [f"{low}+" if high >= 999 else (f"{low}" if low == high else f"{low}-{high}") for low, high in bands]
    whens = (f"when {value} between {low} and {high} then '{label}'" for (low, high), label in zip(bands, labels, strict=True))
    return f"case {' '.join(whens)} end"


def entry_parts(first: str, last: str) -> dict[str, str]:
    """One row an index event from `first` to `last` (ISO dates): who, what and when, history, and what followed within a year.

    Columns beside the event's: age, sex, earlier (proven offences on earlier occasions that count), population, reoffences,
    days (to the first; null without one), published_group.
    """
    groups = " ".join(f"when '{ours}' then '{theirs}'" for ours, theirs in PUBLISHED_GROUPS.items())
    weapons, motoring = (", ".join(f"'{one}'" for one in some) for some in (WEAPON_CODES, MOTORING))
    return {
        "wanted": f"""
    select event_key as event_id, * exclude (event_key), index_date as clock_start from {EVENT_TABLE}
    where index_date between date '{first}' and date '{last}'""",
        "clocked": clock_ends("wanted", 12),
        "again": reoffences("clocked"),
        "counted": "select event_id, count(*) as n, min(days) as days from again group by event_id",
        "earlier": f"""
    select c.event_id, count(*) as n from clocked c
    join offence o on o.person_id = c.person_id
    join occasion d on d.occasion_id = o.occasion_id and d.occasion_id <> c.occasion_id and d.date < c.index_date
    where {counts_as_offence("o")}
    group by c.event_id""",
        "summary": """
    select occasion_id, bool_or(is_principal and mode_of_trial = 'summary') as is_summary from offence group by occasion_id""",
        "entry": f"""
    select c.event_id, c.person_id, c.index_date, c.kind, c.kind_rank, c.disposal, c.sentence_days, p.sex,
        date_diff('year', p.date_of_birth, c.index_date)
            - case when strftime(p.date_of_birth, '%m%d') > strftime(c.index_date, '%m%d') then 1 else 0 end as age,
        coalesce(e.n, 0) as earlier, coalesce(k.n, 0) as reoffences, k.days,
        case when c.offence_code in ({weapons}) then '{WEAPONS}'
            when s.is_summary and c.offence_group not in ({motoring}) then '{SUMMARY}'
            else case c.offence_group {groups} end end as published_group
    from clocked c join person p on p.person_id = c.person_id
    join summary s on s.occasion_id = c.occasion_id
    left join earlier e on e.event_id = c.event_id left join counted k on k.event_id = c.event_id""",
    }


def cell_query() -> str:
    """Every cell of every cohort in `lab_window` (name, measure, first_day, last_day) over `lab_entry`.

    Columns: cohort, measure, population, breakdown, group_name, people (entries), reoffenders, reoffences, days (mean to the
    first, of reoffenders).
    """
    lengths = " ".join(f"when sentence_days <= {longest} then '{name}'" for name, longest in SENTENCE_BANDS)
    population = "case when age < 18 then 'Juvenile' else 'Adult' end"
    cuts = {
        "all": ("'All', {p}", "'all'", "true"),
        "sex": ("'All', 'Adult released from custody'", "case sex when 'M' then 'Male' when 'F' then 'Female' end", "true"),
        "age_band": ("{p}", band("age", AGE_BANDS), "true"),
        "previous_offences": ("'All', {p}", band("earlier", HISTORY_BANDS), "true"),
        "index_offence_group": ("{p}", "published_group", "true"),
    }
    first = "order by index_date, kind_rank, event_id"
    parts = [
        f"""
    select cohort, measure, unnest([{who.format(p=population)}]) as population, '{name}' as breakdown, {group} as group_name,
        kind, reoffences, days
    from chosen where {where}"""
        for name, (who, group, where) in cuts.items()
        if name != "sex"
    ]
    parts.append(f"""
    select cohort, measure, 'All' as population, 'sex' as breakdown, {cuts["sex"][1]} as group_name, kind, reoffences, days
    from chosen""")
    for label, where in DISPOSALS.items():
        parts.append(f"""
    select cohort, measure, 'Adult', 'index_disposal', '{label}', kind, reoffences, days from entered
    where age >= 18 and {where}
    qualify row_number() over (partition by cohort, measure, part, person_id {first}) = 1""")
    parts.append(f"""
    select cohort, measure, 'Adult released from custody', 'custodial_sentence_length',
        case {lengths} end as group_name, kind, reoffences, days from entered
    where age >= 18 and kind = 'release'
    qualify row_number() over (partition by cohort, measure, part, person_id, case {lengths} end {first}) = 1""")
    union = "\n    union all".join(parts)
    return f"""
with entered as (
    select w.cohort, w.measure, case w.measure when '{NEW}' then quarter(e.index_date) else 0 end as part, e.*
    from {ENTRY_TABLE} e join {WINDOW_TABLE} w on e.index_date between w.first_day and w.last_day),
chosen as (
    select * from entered qualify row_number() over (partition by cohort, measure, part, person_id {first}) = 1),
member as ({union})
select cohort, measure, population, breakdown, group_name, count(*) as people,
    count(*) filter (where reoffences > 0) as reoffenders, sum(reoffences) as reoffences,
    avg(days) filter (where reoffences > 0) as days
from member where group_name is not null group by all order by all"""
