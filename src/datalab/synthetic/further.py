"""Histories, sentences, work and benefits of a made-up country beside published levels. All of them soft: the published figures
rest on definitions (which convictions, which match to the tax records) that no source spells out."""

from __future__ import annotations

from typing import Any

from datalab.engines.sql import fetch
from datalab.synthetic.published import SOFT, read_rows

_HISTORY, _WORK = "criminal_history.csv", "employment_benefits.csv"
_LEAVERS = "adult prison leavers 2010/11"

# The convictions of a year, each with the convictions before it.
_CONVICTIONS = """
    with convicted as (
        select person_id, date, court_outcome, occasion_id,
            count(*) over (
                partition by person_id order by date, occasion_id rows between unbounded preceding and 1 preceding
            ) as before,
            kind
        from occasion)
    select count(*) as people, 100.0 * avg(cast({share} as integer)) as ours
    from convicted where {where}"""
# Adults released in the year to March 2011 who were known to the tax records before their sentence.
_RELEASED = """
    with released as (
        select e.person_id, e.index_date, e.stay_start
        from lab_event e join person p on p.person_id = e.person_id
        where e.kind = 'release' and e.index_date between date '2010-04-01' and date '2011-03-31'
            and date_diff('year', p.date_of_birth, e.index_date) >= 18 and p.tax_identity <= e.stay_start)
    select count(*) as people, 100.0 * avg(cast(exists (
        select 1 from {table} s where s.person_id = r.person_id
            and s.start <= cast({day} as date) and (s."end" is null or s."end" >= cast({day} as date))) as integer)) as ours
    from released r"""
_SENTENCED = """
    with sentenced as (
        select o.person_id, o.date from occasion o join person p on p.person_id = o.person_id
        where o.kind = 'conviction' and o.date between date '2010-04-01' and date '2011-03-31' and p.tax_identity <= o.date)
    select count(*) as people, 100.0 * avg(cast(exists (
        select 1 from {table} s where s.person_id = r.person_id {and_}
            and s.start <= r.date - interval 1 month
            and (s."end" is null or s."end" >= r.date - interval 1 month)) as integer)) as ours
    from sentenced r"""

# file, population, metric (as in the file), label of the cohort, query
_FIGURES: tuple[tuple[str, str, str, str, str], ...] = (
    *(
        (
            _HISTORY,
            "convicted occasions 2014 (n=489,458)",
            name,
            "2014",
            _CONVICTIONS.format(
                share=share, where="kind = 'conviction' and date between date '2014-01-01' and date '2014-12-31'"
            ),
        )
        for name, share in (
            ("15-49 previous convictions", "before between 15 and 49"),
            ("50-99 previous convictions", "before between 50 and 99"),
        )
    ),
    (
        _HISTORY,
        "adults jailed 2011",
        "15+ previous convictions or cautions",
        "2011",
        _CONVICTIONS.format(
            share="before >= 15", where="court_outcome = 'custody' and date between date '2011-01-01' and date '2011-12-31'"
        ),
    ),
    *(
        (_WORK, _LEAVERS, "P45 employment", when, _RELEASED.format(table="employment", day=day))
        for when, day in (
            ("1 year before sentence", "r.stay_start - interval 1 year"),
            ("1 month before sentence", "r.stay_start - interval 1 month"),
            ("1 month after release", "r.index_date + interval 1 month"),
            ("1 year after release", "r.index_date + interval 1 year"),
        )
    ),
    *(
        (_WORK, _LEAVERS, "claiming out-of-work benefits", when, _RELEASED.format(table="benefit", day=day))
        for when, day in (
            ("1 month after release", "r.index_date + interval 1 month"),
            ("2 years after release", "r.index_date + interval 2 year"),
        )
    ),
    *(
        (
            _WORK,
            "offenders sentenced (2011 data share)",
            metric,
            "month before sentence",
            _SENTENCED.format(table=table, and_=condition),
        )
        for metric, table, condition in (
            ("P45 employment", "employment", ""),
            ("any out-of-work benefit", "benefit", ""),
            ("JSA", "benefit", "and s.benefit = 'JSA'"),
        )
    ),
)


def further_figures(connection: Any) -> list[dict[str, object]]:
    """Rows as of describe_world. connection: with the central views and `lab_event`."""
    rows: list[dict[str, object]] = []
    for file, population, metric, when, query in _FIGURES:
        published = next(
            float(row["value"])
            for row in read_rows(file)
            if row["population"] == population and row["metric"] == metric and row.get("timepoint", when) == when
        )
        found = fetch(connection, query).to_pylist()[0]
        if not found["people"]:
            continue
        rows.append(
            {
                "cohort": when,
                "measure": "",
                "population": population,
                "breakdown": "history" if file == _HISTORY else "work",
                "group": metric,
                "metric": "share_pct",
                "asked": SOFT,
                "people": int(found["people"]),
                "ours": float(found["ours"]),
                "published": published,
                "difference": float(found["ours"]) - published,
            }
        )
    return rows
