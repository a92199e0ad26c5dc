"""The index event, delay and clock of each linked person (design 2.5)."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from datalab.cohort.clocks import in_cohort_window, judged_parts, of_kinds, whole_years
from datalab.cohort.events import EVENT_TABLE
from datalab.cohort.settings import DATE_TOLERANCE_DAYS, REACH_MONTHS, CohortSettings
from datalab.engines.sql import Connection, compose, fetch, hand_over, keep

UPLOAD_TABLE = "lab_upload"
TREATED_TABLE = "lab_treated"
_LATER_STAY = 1_000_000  # days; sets the third rule of "both" behind the second whatever the distance


def make_treated(connection: Connection, people: pa.Table, links: pa.Table, settings: CohortSettings) -> dict[int, str]:
    """Makes `lab_treated` (located people with clock, delay, share of the stay and `loss`) and finds the losses.

    people, links: as intake and linkage hand them on. Returns upload row -> reason, the kept ones not among them.
    """
    hand_over(connection, UPLOAD_TABLE, accepted_people(people, links))
    values = {"first": settings.programme_start, "last": settings.programme_end}
    keep(connection, TREATED_TABLE, compose(treated_parts(settings), "select * from judged"), values)
    return find_losses(connection, settings, values)


def accepted_people(people: pa.Table, links: pa.Table) -> pa.Table:
    """One row for each accepted link: row, person_id, programme_start, index_date_given, conviction_date_given, establishment."""
    accepted = links.filter(pc.equal(links["status"], "accepted")).select(["row", "person_id"])
    wanted = people.select(["row", "programme_start", "index_date", "conviction_date", "establishment"])
    joined = wanted.join(accepted, keys="row", join_type="inner").sort_by("row")
    dates = {name: joined[name].cast(pa.date32()) for name in ("programme_start", "index_date", "conviction_date")}
    return pa.table(
        {
            "row": joined["row"].cast(pa.int64()),
            "person_id": joined["person_id"].cast(pa.string()),
            "programme_start": dates["programme_start"],
            "index_date_given": dates["index_date"],
            "conviction_date_given": dates["conviction_date"],
            "establishment": joined["establishment"].cast(pa.string()),
        }
    )


def treated_parts(settings: CohortSettings) -> dict[str, str]:
    """The queries from the upload to judged events, in order."""
    return {
        "in_plan": f"select * from {UPLOAD_TABLE} where {in_plan()}",
        "allowed": f"select * from {EVENT_TABLE} e where {of_kinds('e', settings)} and {in_cohort_window('e.index_date')}",
        **located_parts("allowed", settings),
        "clocked_people": clocked_people(),
        **judged_parts("clocked_people", settings),
    }


def in_plan() -> str:
    """The condition that the programme started within the days of the plan."""
    return "($first is null or programme_start >= $first) and ($last is null or programme_start <= $last)"


def located_parts(events: str, settings: CohortSettings) -> dict[str, str]:
    """The event of each person of `in_plan` among `events`: the lowest `distance`, then earlier, heavier kind, event_key."""
    rules = [by_index_date(events), by_conviction_date(events)]
    if settings.setting in ("custody", "both"):
        rules += [by_stay_of_start(events), by_stay_after_start(events)]
    if settings.setting in ("community", "both"):
        rules.append(by_latest_before_start(events))
    return {
        "candidate": "\n    union all".join(rules),
        "located": """
    select * from (
        select *, row_number() over (partition by row order by distance, index_date, kind_rank, event_key) as place
        from candidate
    ) ranked
    where place = 1""",
    }


def by_index_date(events: str) -> str:
    """Given index date: the nearest event within the tolerance."""
    return f"""
    select u.row, e.event_key, e.index_date, e.kind_rank, abs(date_diff('day', u.index_date_given, e.index_date)) as distance
    from in_plan u join {events} e on e.person_id = u.person_id
    where abs(date_diff('day', u.index_date_given, e.index_date)) <= {DATE_TOLERANCE_DAYS}"""


def by_conviction_date(events: str) -> str:
    """Given conviction date (and no index date): the event whose conviction is nearest within the tolerance."""
    return f"""
    select u.row, e.event_key, e.index_date, e.kind_rank,
        abs(date_diff('day', u.conviction_date_given, e.conviction_date)) as distance
    from in_plan u join {events} e on e.person_id = u.person_id
    where u.index_date_given is null
        and abs(date_diff('day', u.conviction_date_given, e.conviction_date)) <= {DATE_TOLERANCE_DAYS}"""


def by_stay_of_start(events: str) -> str:
    """Programme in custody: the release that ends the stay in which the programme starts."""
    return f"""
    select u.row, e.event_key, e.index_date, e.kind_rank, 0 as distance
    from in_plan u join {events} e on e.person_id = u.person_id and e.kind = 'release'
    where {no_date_given()} and u.programme_start between e.stay_start and e.index_date"""


def by_stay_after_start(events: str) -> str:
    """Programme in custody that starts before the stay: the release that ends the first stay to begin within the reach."""
    return f"""
    select u.row, e.event_key, e.index_date, e.kind_rank,
        {_LATER_STAY} + date_diff('day', u.programme_start, e.stay_start) as distance
    from in_plan u join {events} e on e.person_id = u.person_id and e.kind = 'release'
    where {no_date_given()} and e.stay_start > u.programme_start
        and e.stay_start <= cast(u.programme_start + interval {REACH_MONTHS} month as date)"""


def by_latest_before_start(events: str) -> str:
    """Programme in the community: the latest event on or before its start, within the reach."""
    return f"""
    select u.row, e.event_key, e.index_date, e.kind_rank,
        1 + date_diff('day', e.index_date, u.programme_start) as distance
    from in_plan u join {events} e on e.person_id = u.person_id
    where {no_date_given()} and e.index_date <= u.programme_start
        and e.index_date >= cast(u.programme_start - interval {REACH_MONTHS} month as date)"""


def no_date_given() -> str:
    """The condition that only the programme's start can locate the event."""
    return "u.index_date_given is null and u.conviction_date_given is null"


def clocked_people() -> str:
    """Located people with delay (days, 0 where the programme starts first), clock_start and `share` of the stay.

    share: how far into the custodial stay the programme started, 0 to 1; 1 for events that are no release.
    """
    share = "date_diff('day', e.stay_start, u.programme_start) * 1.0 / date_diff('day', e.stay_start, e.index_date)"
    return f"""
    select e.*, u.row, u.programme_start, u.establishment, p.sex, {whole_years("p.date_of_birth", "e.index_date")} as age_years,
        greatest(date_diff('day', e.index_date, u.programme_start), 0) as delay_days,
        greatest(e.index_date, u.programme_start) as clock_start,
        case when e.stay_start is null or e.index_date = e.stay_start then 1.0
            else least(greatest({share}, 0.0), 1.0) end as share
    from located l
    join in_plan u on u.row = l.row
    join {EVENT_TABLE} e on e.event_key = l.event_key
    join person p on p.person_id = e.person_id"""


def find_losses(connection: Connection, settings: CohortSettings, values: Mapping[str, object]) -> dict[int, str]:
    """Upload row of everyone lost -> the reason: before an event was found (three reasons), and those of the judged events."""
    parts = {
        "in_plan": f"select * from {UPLOAD_TABLE} where {in_plan()}",
        "of_kind": f"select * from {EVENT_TABLE} e where {of_kinds('e', settings)}",
        **located_parts("of_kind", settings),
        "reasons": f"""
    select u.row, case when not ({in_plan()}) then 'outside_programme'
        when u.row in (select row from located) then 'outside_coverage' else 'no_event' end as reason
    from {UPLOAD_TABLE} u
    where u.row not in (select row from {TREATED_TABLE})
    union all select row, loss from {TREATED_TABLE} where loss is not null""",
    }
    query = compose(parts, "select row, reason from reasons order by row")
    found = fetch(connection, query, values).to_pydict()
    return dict(zip(found["row"], found["reason"], strict=True))
