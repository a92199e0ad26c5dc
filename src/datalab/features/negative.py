"""The negative control (design 3.5): an outcome dated before the programme, and covariates that tell nothing of its window.

Outcome: any proven offence committed 12 to 24 months before the index offence. The programme cannot have moved it, so an
effect on it would be a sign of differences that the covariates do not hold. The history is therefore told as of 24 months
before the index offence: with the window's own counts in the match the outcome would be matched on itself.
"""

from __future__ import annotations

from datalab.features.outcomes import COHORT_TABLE
from datalab.fields.justice.reoffending import counts_as_offence

NEAR_MONTHS, FAR_MONTHS = 12, 24
# A handful of index offences may be so old that the records begin inside their window; they count as having none on record.
# With more than this share of a group like that there is no negative control. (Ours.)
MOST_UNLOADED = 0.01
# Families whose values may tell of an offence in the window; the others are taken as they stand.
RETOLD = ("demographics", "index", "history", "needs")
# Offences dealt with on the index occasion may have been committed in the window.
LEFT_OUT = ("index_offences",)
DATASET = "reoffending"


def control_parts() -> dict[str, str]:
    """Queries from the cohort to `control`: event_id, window_start (date), is_loaded, offended (0 or 1).

    The window is (window_start, index offence - 12 months], calendar months. Proven: by the history date, on another
    occasion than the index one, so that nobody's later conviction matters.
    """
    return {
        "dated": f"""
    select c.event_id, c.person_id, c.occasion_id, c.history_date,
        cast(o.offence_date - interval {FAR_MONTHS:d} month as date) as window_start,
        cast(o.offence_date - interval {NEAR_MONTHS:d} month as date) as window_end
    from {COHORT_TABLE} c
    join offence o on o.occasion_id = c.occasion_id and o.is_principal""",
        "earlier": f"""
    select distinct d.event_id
    from dated d
    join offence o on o.person_id = d.person_id and o.occasion_id <> d.occasion_id
        and o.offence_date > d.window_start and o.offence_date <= d.window_end
    join occasion n on n.occasion_id = o.occasion_id and n.date <= d.history_date
    where {counts_as_offence("o")}""",
        "covered": f"""
    select distinct d.event_id
    from dated d
    join coverage v on v.dataset = '{DATASET}' and v.kind = 'events'
        and v.first_date <= d.window_start and v.last_date >= d.window_end""",
        "control": """
    select d.event_id, d.window_start, v.event_id is not null as is_loaded,
        case when e.event_id is null then 0 else 1 end as offended
    from dated d
    left join covered v on v.event_id = d.event_id
    left join earlier e on e.event_id = d.event_id""",
    }
