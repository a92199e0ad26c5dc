"""build_cohort: from the people submitted and their links to treated and pool events with their clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pyarrow.compute as pc

from datalab.cohort.attrition import count_attrition
from datalab.cohort.events import EVENT_TABLE, STAY_TABLE, make_events
from datalab.cohort.pool import CANDIDATE_TABLE, DRAW_TABLE, POOL_TABLE, SEEN_TABLE, make_pool
from datalab.cohort.results import Cohort
from datalab.cohort.settings import CohortSettings
from datalab.cohort.treated import TREATED_TABLE, UPLOAD_TABLE, make_treated
from datalab.engines.sql import Connection, compose, fetch, forget
from datalab.errors import CentralDataError, InternalError
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE
from datalab.intake.results import Submission
from datalab.linkage.results import Links
from datalab.progress import Progress, Silent
from datalab.wording import say

STAGE = "cohort"
EVENT_SCRATCH = (STAY_TABLE, EVENT_TABLE, OFFENCE_CODE_TABLE)
SCRATCH = (UPLOAD_TABLE, TREATED_TABLE, SEEN_TABLE, CANDIDATE_TABLE, DRAW_TABLE, POOL_TABLE)


@contextmanager
def made_events(connection: Connection) -> Iterator[None]:
    """The country's index events on a connection, made once for as many cohorts as are built within (`events_made`).

    Raises CentralDataError where index events are not unique.
    """
    try:
        make_events(connection)
        require_unique_events(connection)
        yield
    finally:
        forget(connection, EVENT_SCRATCH)


def build_cohort(
    connection: Connection,
    submission: Submission,
    links: Links,
    settings: CohortSettings,
    seed: int,
    *,
    events_made: bool = False,
    progress: Progress | None = None,
) -> Cohort:
    """The treated people's index events, the pool, and who was lost on the way.

    connection: one with a view of each central table (coverage among them); only the cohort's own rows come to Python.
    seed: of the delays drawn for the pool. events_made: whether this stands within `made_events`. A cohort without treated people
    has no pool either; callers refuse it by size.
    Raises InternalError where two accepted links stand for one person, CentralDataError where index events are not unique.
    """
    told = progress or Silent()
    told.stage(STAGE, 4)
    require_one_row_a_person(links)
    try:
        with nullcontext() if events_made else made_events(connection):
            told.step(1)
            lost = make_treated(connection, submission.people, links.links, settings)
            told.step(2)
            counts = make_pool(connection, links.seen_person_ids | named_persons(links), settings, seed)
            told.step(3)
            events = fetch(connection, compose(cohort_parts(), "select * exclude (event_key) from cohort order by event_id"))
            died = fetch(connection, compose(cohort_parts(), DEATHS)).to_pydict()
    finally:
        forget(connection, SCRATCH)
    told.step(4)
    counts |= {f"died_in_follow_up_{name}": n for name, n in zip(died["who"], died["n"], strict=True)}
    attrition = count_attrition(submission.submitted, {**losses_before(submission, links), **Counter(lost.values())})
    cohort = Cohort(events, attrition, counts, lost)
    require_valid_cohort(cohort)
    return cohort


DEATHS = """
select 'pool' as who, coalesce(sum(cast(died_after and not treated as bigint)), 0)::bigint as n from cohort
union all
select 'treated', coalesce(sum(cast(died_after and treated as bigint)), 0)::bigint from cohort
order by who"""


def cohort_parts() -> dict[str, str]:
    """Treated and pool events kept, with the columns of `Cohort.events`.

    `start_date` is the programme's start, for the pool the same share of the stay, then the drawn delay; nothing dated on
    or after it may be a covariate, so baseline, history and needs dates end the day before.
    """
    shared = (
        "event_key, kind_rank, person_id, kind, index_date, stay_start, conviction_date, delay_days, clock_start,"
        " follow_up_end, waiting_end, occasion_id, spell_id, offence_code, offence_group, disposal, sentence_days,"
        " sentence_band, region, quarter, age_years, sex, died_after"
    )
    pool_start = """case when stay_start is null then clock_start
            else cast(stay_start + cast(round(share * date_diff('day', stay_start, index_date)) as integer)
                + cast(delay_days as integer) as date) end"""
    return {
        "together": f"""
    select {shared}, true as treated, row, programme_start, programme_start as start_date, establishment
    from {TREATED_TABLE} where loss is null
    union all
    select {shared}, false, cast(null as bigint), cast(null as date), {pool_start}, cast(null as varchar)
    from {POOL_TABLE} where loss is null""",
        "based": """
    select *, least(coalesce(stay_start, index_date), start_date) - 1 as baseline_date,
        case when stay_start is null then least(index_date, start_date) - 1
            else least(greatest(stay_start - 1, conviction_date), start_date - 1) end as history_date,
        case when stay_start is null then least(index_date, start_date) - 1 else start_date - 1 end as needs_date
    from together""",
        "cohort": """
    select event_key, row_number() over (order by index_date, kind_rank, event_key) as event_id, person_id, treated, row,
        kind, index_date, cast(baseline_date as date) as baseline_date, cast(history_date as date) as history_date,
        cast(needs_date as date) as needs_date, conviction_date, programme_start, cast(delay_days as bigint) as delay_days,
        clock_start, follow_up_end, waiting_end, occasion_id, spell_id, offence_code, offence_group, disposal,
        sentence_days, sentence_band, region, quarter, cast(age_years as bigint) as age_years, sex, establishment, died_after
    from based""",
    }


def losses_before(submission: Submission, links: Links) -> dict[str, int]:
    """People lost before the records are asked for an event: unreadable, duplicates, awaiting review, not linked."""
    statuses = links.links["status"]
    names = {"duplicate": "merged", "awaiting_review": "review", "not_linked": "unlinked"}
    return {
        "unreadable": submission.submitted - submission.readable,
        **{reason: int(pc.sum(pc.equal(statuses, status)).as_py() or 0) for reason, status in names.items()},
    }


def named_persons(links: Links) -> frozenset[str]:
    """Everyone whom a submitted row names, whatever the status of the link."""
    return frozenset(pc.drop_null(links.links["person_id"]).to_pylist())


def require_one_row_a_person(links: Links) -> None:
    """Refuses links in which two accepted rows are one person (InternalError)."""
    accepted = links.links.filter(pc.equal(links.links["status"], "accepted"))["person_id"]
    if accepted.null_count or pc.count_distinct(accepted).as_py() != len(accepted):
        raise InternalError(say("cohort.refusals.people_twice"))


def require_unique_events(connection: Connection) -> None:
    """Refuses records in which one occasion or stay gives two index events (CentralDataError)."""
    query = f"select count(*) - count(distinct event_key) as n from {EVENT_TABLE}"
    twice = fetch(connection, query)["n"][0].as_py()
    if twice:
        raise CentralDataError(say("cohort.refusals.key_not_unique", count=twice))


def require_valid_cohort(cohort: Cohort) -> None:
    """Refuses a cohort that breaks what `Cohort` promises (InternalError): numbers, clocks, people in one group only."""
    events = cohort.events
    treated = events.filter(events["treated"])
    pool = events.filter(pc.invert(events["treated"]))
    rules = {
        "treated events as in the attrition": treated.num_rows == cohort.attrition[-1].n,
        "one event a treated person": pc.count_distinct(treated["person_id"]).as_py() == treated.num_rows,
        "nobody in both groups": not pc.any(pc.is_in(pool["person_id"], value_set=treated["person_id"])).as_py(),
        "clock on or after the index date": pc.all(pc.greater_equal(events["clock_start"], events["index_date"])).as_py()
        is not False,
        "baseline before the clock": pc.all(pc.less(events["baseline_date"], events["clock_start"])).as_py() is not False,
        "pool as counted": pool.num_rows == cohort.counts["pool"],
    }
    broken = [name for name, holds in rules.items() if not holds]
    if broken:
        raise InternalError(f"the cohort breaks its promise: {', '.join(broken)}")
