"""The measures as small named SQL expressions over the clocks of a cohort (design 2.1, 2.2).

Follow-up is in calendar months: 12 (or 24) months from the clock start, ending on the same day of the month, or on its last
day where the month is shorter.
"""

from __future__ import annotations

from dataclasses import dataclass

from datalab.constraints import unknown
from datalab.errors import UsageError
from datalab.features.work_outcomes import BENEFITS, EMPLOYMENT, work_parts
from datalab.fields.justice.codes import BENEFIT, MODE_OF_TRIAL
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE, reoffences

COHORT_TABLE = "lab_cohort"


@dataclass(frozen=True)
class MeasureQuery:
    """How one measure is read from a row of `tally` (t) or `worked` (w): null where the event is outside its denominator.

    needs: the dataset that must be loaded for the whole follow-up, besides that of reoffending; "" for none.
    """

    value: str
    meaning: str
    needs: str = ""


_REOFFENDED = "t.reoffences > 0"
_COURT = {mode: label[0].lower() + label[1:] for mode, label in MODE_OF_TRIAL}


def _among_reoffenders(value: str, meaning: str) -> MeasureQuery:
    return MeasureQuery(f"case when {_REOFFENDED} then {value} end", meaning)


def _first_mode(mode: str) -> MeasureQuery:
    return _among_reoffenders(
        f"case when t.first_mode = '{mode}' then 1 else 0 end", f"1 if the first reoffence was {_COURT[mode]}"
    )


def _mode_count(mode: str) -> MeasureQuery:
    return _among_reoffenders(f"t.{mode}", f"reoffences that were {_COURT[mode]}")


def _known(value: str, meaning: str, needs: str) -> MeasureQuery:
    return MeasureQuery(f"case when w.is_known and w.{needs}_loaded then w.{value} end", meaning, needs)


QUERIES: dict[str, MeasureQuery] = {
    "rate": MeasureQuery(f"case when {_REOFFENDED} then 1 else 0 end", "1 if there was a proven reoffence"),
    "frequency": MeasureQuery("t.reoffences", "number of proven reoffences"),
    "days_to_first": _among_reoffenders("t.first_days", "days from the clock start to the first reoffence"),
    "first_indictable_rate": _first_mode("indictable"),
    "first_either_way_rate": _first_mode("either_way"),
    "first_summary_rate": _first_mode("summary"),
    "first_indictable_frequency": _mode_count("indictable"),
    "first_either_way_frequency": _mode_count("either_way"),
    "first_summary_frequency": _mode_count("summary"),
    "custody_rate": _among_reoffenders(
        "case when t.first_disposal = 'custody' then 1 else 0 end", "1 if the first reoffence led to custody"
    ),
    "custody_frequency": _among_reoffenders(
        "t.custodial_sentences", "occasions on which a reoffence was given custody: concurrent sentences are one"
    ),
    "violent_rate": MeasureQuery("case when t.violent > 0 then 1 else 0 end", "1 if there was a violent proven reoffence"),
    "employed_any": _known("employed", "1 if employed on any day of the follow-up", EMPLOYMENT),
    "employed_1m": _known("employed_1m", "1 if employed on the day one calendar month after the clock start", EMPLOYMENT),
    "employed_12m": _known("employed_12m", "1 if employed on the day 12 calendar months after the clock start", EMPLOYMENT),
    "days_employed": _known(
        "days_employed",
        "days of the follow-up in employment, overlaps counted once, at most 365 (730 over two years)",
        EMPLOYMENT,
    ),
    "benefit_any": _known("benefit", "1 if on an out-of-work benefit on any day of the follow-up", BENEFITS),
    **{
        f"benefit_{code.lower()}": _known(code.lower(), f"1 if on {label} on any day of the follow-up", BENEFITS)
        for code, label in BENEFIT
    },
    "days_on_benefit": _known(
        "days_on_benefit",
        "days of the follow-up on any out-of-work benefit, overlaps counted once, at most 365 (730 over two years)",
        BENEFITS,
    ),
}


def measure_query(name: str) -> MeasureQuery:
    """How a measure is read. Raises UsageError for a measure that has no query, naming the nearest one."""
    if name not in QUERIES:
        raise UsageError(unknown("outcome", name, QUERIES))
    return QUERIES[name]


def outcome_parts(names: tuple[str, ...], horizon_days: int) -> dict[str, str]:
    """Queries from the clocks in `lab_cohort` to `outcome`: event_id, one column a measure, duration and is_event.

    Where a measure needs employment or benefits, also is_known, employment_loaded and benefit_loaded (see `work_parts`).
    """
    queries = {name: measure_query(name) for name in names}
    columns = "".join(f", cast({query.value} as double) as {name}" for name, query in queries.items())
    with_work = any(query.needs for query in queries.values())
    flags = ", w.is_known, w.employment_loaded, w.benefit_loaded" if with_work else ""
    joined = " left join worked w on w.event_id = t.event_id" if with_work else ""
    return {
        "reoffence": reoffences(COHORT_TABLE),
        "counted": counted(),
        "tally": tally(),
        **(work_parts(COHORT_TABLE, horizon_days) if with_work else {}),
        "outcome": f"""
    select t.event_id{columns}, {duration(horizon_days)}{flags}
    from tally t{joined}""",
    }


def counted() -> str:
    """One row for each event with a reoffence: counts by kind, and the first reoffence."""
    return f"""
    select r.event_id, count(*) as reoffences,
        sum(case when r.mode_of_trial = 'indictable' then 1 else 0 end) as indictable,
        sum(case when r.mode_of_trial = 'either_way' then 1 else 0 end) as either_way,
        sum(case when r.mode_of_trial = 'summary' then 1 else 0 end) as summary,
        sum(case when g.is_violent then 1 else 0 end) as violent,
        count(distinct case when r.disposal = 'custody' then r.occasion_id end) as custodial_sentences,
        min(r.days) as first_days,
        max(case when r.place = 1 then r.mode_of_trial end) as first_mode,
        max(case when r.place = 1 then r.disposal end) as first_disposal
    from reoffence r
    left join {OFFENCE_CODE_TABLE} g on g.code = r.code
    group by r.event_id"""


def tally() -> str:
    """One row for each event of the cohort, with the day of death where it falls in follow-up (else null)."""
    return f"""
    select c.event_id, coalesce(n.reoffences, 0) as reoffences, n.indictable, n.either_way, n.summary,
        coalesce(n.violent, 0) as violent, n.custodial_sentences, n.first_days, n.first_mode, n.first_disposal,
        case when p.date_of_death <= c.follow_up_end then date_diff('day', c.clock_start, p.date_of_death) end as death_days
    from {COHORT_TABLE} c
    join person p on p.person_id = c.person_id
    left join counted n on n.event_id = c.event_id"""


def duration(horizon_days: int) -> str:
    """Days from the clock start to the first reoffence (is_event), or to death or the horizon, whichever is first.

    A calendar year may have 366 days; a first reoffence on a day past the horizon of 365 is in the rate but not on the
    curve. A reoffence on the day of death counts as the event.
    """
    first = f"t.first_days <= {horizon_days:d} and t.first_days <= coalesce(t.death_days, {horizon_days:d})"
    return f"""
        cast(case when {first} then t.first_days else least(coalesce(t.death_days, {horizon_days:d}), {horizon_days:d}) end
            as double) as duration,
        coalesce({first}, false) as is_event"""
