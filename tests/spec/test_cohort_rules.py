"""The rules of the cohort as tables a statistician can read: what is a reoffence, which event is the index event."""

# ruff: noqa: E501 (the tables are wide)

from __future__ import annotations

import datetime as dt

import pytest
from tests.cohort_world import World, connected, day, linked, submission

from datalab.cohort import CohortSettings, build_cohort
from datalab.cohort.events import make_events
from datalab.engines.sql import fetch
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME


def rows_of(text: str) -> list[list[str]]:
    """The cells of a table; the first line is its heading."""
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    return [[cell.strip() for cell in line] for line in lines[1:]]


REOFFENCES = rows_of(
    """
    | case                         | clock start | committed  | proven     | kind      | reoffence |
    | the day the clock starts     | 2013-03-01  | 2013-03-01 | 2013-04-01 | counts    | no        |
    | the day after                | 2013-03-01  | 2013-03-02 | 2013-04-01 | counts    | yes       |
    | the last day                 | 2013-03-01  | 2014-03-01 | 2014-03-02 | counts    | yes       |
    | a day too late               | 2013-03-01  | 2014-03-02 | 2014-03-02 | counts    | no        |
    | proven on the last day       | 2013-03-01  | 2013-06-01 | 2014-09-01 | counts    | yes       |
    | proven a day too late        | 2013-03-01  | 2013-06-01 | 2014-09-02 | counts    | no        |
    | leap day start, last day     | 2012-02-29  | 2013-02-28 | 2013-03-01 | counts    | yes       |
    | leap day start, too late     | 2012-02-29  | 2013-03-01 | 2013-03-01 | counts    | no        |
    | leap day, waiting ends 29th  | 2012-02-29  | 2013-02-01 | 2013-08-29 | counts    | yes       |
    | end of month, waiting ends   | 2012-08-31  | 2013-02-01 | 2014-02-28 | counts    | yes       |
    | end of month, too late       | 2012-08-31  | 2013-02-01 | 2014-03-01 | counts    | no        |
    | a breach                     | 2013-03-01  | 2013-06-01 | 2013-07-01 | breach    | no        |
    | not recordable               | 2013-03-01  | 2013-06-01 | 2013-07-01 | petty     | no        |
    | in Scotland                  | 2013-03-01  | 2013-06-01 | 2013-07-01 | scotland  | no        |
    | another prosecutor           | 2013-03-01  | 2013-06-01 | 2013-07-01 | other     | no        |
    | a caution                    | 2013-03-01  | 2013-06-01 | 2013-07-01 | caution   | yes       |
    """
)
KINDS = {
    "counts": {},
    "breach": {"is_breach": True},
    "petty": {"recordable": False},
    "scotland": {"jurisdiction": "scotland"},
    "other": {"prosecutor": "other"},
    "caution": {},
}


@pytest.mark.parametrize(("case", "clock", "committed", "proven", "kind", "expected"), REOFFENCES)
def test_what_is_a_reoffence(case: str, clock: str, committed: str, proven: str, kind: str, expected: str) -> None:
    world = World().coverage()
    person = world.person("p")
    world.occasion(person, clock, {"offence_date": "2010-01-01"}, outcome="community")
    outcome = "caution" if kind == "caution" else "fine"
    world.occasion(person, proven, {"offence_date": committed, **KINDS[kind]}, outcome=outcome)
    with connected(world.tables()) as connection:
        upload = submission([{"programme_start": day(clock), "index_date": day(clock)}])
        cohort = build_cohort(connection, upload, linked([person]), CohortSettings(setting="community"), seed=1)
        table = build_table(connection, cohort, (BY_NAME["rate"],), ("demographics",))
    assert table.outcomes[0].values.tolist() == [float(expected == "yes")], case


STAYS = rows_of(
    """
    | case                          | spells (first to last day, sentence)                           | releases: sentence        |
    | one                           | 2012-01-01 2012-02-01 60                                       | 2012-02-01 60             |
    | a day between                 | 2012-01-01 2012-02-01 60, 2012-02-02 2012-03-01 90             | 2012-02-01 60, 2012-03-01 90 |
    | back on the day of release    | 2012-01-01 2012-02-01 60, 2012-02-01 2012-03-01 90             | 2012-03-01 90             |
    | one in the other              | 2012-01-01 2012-06-01 400, 2012-02-01 2012-03-01 30            | 2012-06-01 400            |
    | one past the other            | 2012-01-01 2012-03-01 60, 2012-02-01 2012-06-01 400            | 2012-06-01 400            |
    | bridged by a long one         | 2012-01-01 2012-06-01 400, 2012-02-01 2012-03-01 30, 2012-05-01 2012-07-01 50 | 2012-07-01 400 |
    | still in custody              | 2012-01-01 never 60                                            |                           |
    | in again for good             | 2012-01-01 2012-02-01 60, 2012-01-15 never 90                  |                           |
    | out, then in for good         | 2012-01-01 2012-02-01 60, 2012-03-15 never 90                  | 2012-02-01 60             |
    | a single day                  | 2012-01-01 2012-01-01 5                                        | 2012-01-01 5              |
    """
)


@pytest.mark.parametrize(("case", "spells", "expected"), STAYS)
def test_which_release_is_a_real_release(case: str, spells: str, expected: str) -> None:
    world = World().coverage()
    person = world.person("p")
    sentence = world.occasion(person, "2012-01-01", outcome="custody")
    for spell in spells.split(", "):
        start, end, days = spell.split()
        world.custody(person, sentence, start, None if end == "never" else end, int(days))
    with connected(world.tables()) as connection:
        make_events(connection)
        got = fetch(connection, "select index_date, sentence_days from lab_event order by index_date").to_pylist()
    assert ", ".join(f"{row['index_date']} {row['sentence_days']}" for row in got) == expected, case


AT_RISK = rows_of(
    """
    | case                             | start      | event                            | lost       |
    | nothing in between               | 2012-06-01 |                                  |            |
    | dies on the day of the start     | 2012-06-01 | death 2012-06-01                 | died       |
    | dies the day after               | 2012-06-01 | death 2012-06-02                 |            |
    | offends on the index date        | 2012-06-01 | offence 2012-05-01               |            |
    | offends on the day of the start  | 2012-06-01 | offence 2012-06-01               | offended   |
    | offends the day after            | 2012-06-01 | offence 2012-06-02               |            |
    | received on the day of the start | 2012-06-01 | custody 2012-06-01 2012-06-09    | custody    |
    | received the day after           | 2012-06-01 | custody 2012-06-02 2012-06-09    |            |
    | out again before the start       | 2012-06-01 | custody 2012-05-10 2012-05-20    | custody    |
    | out on the index date            | 2012-06-01 | custody 2012-04-10 2012-05-01    |            |
    | in custody all along             | 2012-06-01 | custody 2012-04-10 2013-05-01    | custody    |
    | no delay, offends that day       | 2012-05-01 | offence 2012-05-01               |            |
    """
)


@pytest.mark.parametrize(("case", "start", "event", "expected"), AT_RISK)
def test_who_is_at_risk_when_the_clock_starts(case: str, start: str, event: str, expected: str) -> None:
    world = World().coverage()
    person = world.person("p")
    old = {"offence_date": "2010-01-01"}
    world.occasion(person, "2012-05-01", old, outcome="community")
    what, *days = event.split() or [""]
    if what == "death":
        world.rows["person"][-1]["date_of_death"] = day(days[0])
    if what == "offence":
        world.occasion(person, "2012-08-01", {"offence_date": days[0]})
    if what == "custody":
        world.custody(person, world.occasion(person, "2012-04-01", old, outcome="custody"), *days)
    row = {"programme_start": day(start), "index_date": day("2012-05-01")}
    plan = CohortSettings(setting="community", index_kinds=("court_order",))
    with connected(world.tables()) as connection:
        cohort = build_cohort(connection, submission([row]), linked([person]), plan, seed=1)
    lost = [line.reason.rsplit(".", 1)[1] for line in cohort.attrition if line.lost]
    assert lost == ([expected] if expected else []), case


# Events of every person of this table: order 2012-01-10, fine 2012-04-20, custody 2012-08-01 to 2012-10-01 with a spell
# nested in it, released again 2013-02-01 after custody from 2013-01-05.
LOCATED = rows_of(
    """
    | case                         | setting   | start      | index      | conviction | expected          | kind          | clock      |
    | latest before the start      | community | 2012-05-01 |            |            | 2012-04-20        | non_custodial | 2012-05-01 |
    | the day of the event         | community | 2012-01-10 |            |            | 2012-01-10        | court_order   | 2012-01-10 |
    | before any event             | community | 2012-01-09 |            |            | no_event          |               |            |
    | six months and a day after   | community | 2013-08-02 |            |            | no_event          |               |            |
    | six months after             | community | 2013-08-01 |            |            | 2013-02-01        | release       | 2013-08-01 |
    | starts in the stay           | custody   | 2012-09-01 |            |            | 2012-10-01        | release       | 2012-10-01 |
    | starts on the day of release | custody   | 2012-10-01 |            |            | 2012-10-01        | release       | 2012-10-01 |
    | starts before the stay       | custody   | 2012-07-01 |            |            | 2012-10-01        | release       | 2012-10-01 |
    | too long before the stay     | custody   | 2012-01-31 |            |            | no_event          |               |            |
    | given, a few days out        | community | 2012-01-20 | 2012-01-14 |            | 2012-01-10        | court_order   | 2012-01-20 |
    | given, too far out           | community | 2012-01-20 | 2012-02-10 |            | no_event          |               |            |
    | conviction given             | custody   | 2012-09-01 |            | 2012-08-01 | 2012-10-01        | release       | 2012-10-01 |
    | both, in custody             | both      | 2013-01-10 |            |            | 2013-02-01        | release       | 2013-02-01 |
    | both, in the community       | both      | 2012-05-01 |            |            | 2012-04-20        | non_custodial | 2012-05-01 |
    | start outside the plan       | community | 2016-05-01 |            |            | outside_programme |               |            |
    """
)


@pytest.mark.parametrize(("case", "setting", "start", "index", "conviction", "expected", "kind", "clock"), LOCATED)
def test_which_event_is_the_index_event(
    case: str, setting: str, start: str, index: str, conviction: str, expected: str, kind: str, clock: str
) -> None:
    world = World().coverage()
    person = world.person("p")
    old = {"offence_date": "2010-01-01"}
    world.occasion(person, "2012-01-10", old, outcome="community")
    world.occasion(person, "2012-04-20", old, outcome="fine")
    sentence = world.occasion(person, "2012-08-01", old, outcome="custody")
    world.custody(person, sentence, "2012-08-01", "2012-10-01", 120)
    world.custody(person, sentence, "2012-08-10", "2012-08-20", 10)
    again = world.occasion(person, "2013-01-05", old, outcome="custody")
    world.custody(person, again, "2013-01-05", "2013-02-01", 60)
    row = {
        "programme_start": day(start),
        "index_date": day(index) if index else None,
        "conviction_date": day(conviction) if conviction else None,
    }
    plan = CohortSettings(setting=setting, programme_start=dt.date(2011, 1, 1), programme_end=dt.date(2015, 12, 31))
    with connected(world.tables()) as connection:
        cohort = build_cohort(connection, submission([row]), linked([person]), plan, seed=1)
    if not kind:
        assert [line.reason.rsplit(".", 1)[1] for line in cohort.attrition if line.lost] == [expected], case
        return
    (event,) = cohort.events.to_pylist()
    assert (event["index_date"], event["kind"], event["clock_start"]) == (day(expected), kind, day(clock)), case
    assert event["delay_days"] == (day(clock) - day(expected)).days


FUNNEL = rows_of(
    """
    | person                         | link     | reason           |
    | stays                          | accepted |                  |
    | awaits a decision              | review   | awaiting_review  |
    | is in no record                | unlinked | not_linked       |
    | is another row's person        | merged   | duplicate        |
    | sentenced before the window    | accepted | outside_coverage |
    | has no event                   | accepted | no_event         |
    | dies before the start          | accepted | died             |
    | is in custody at the start     | accepted | custody          |
    | offends before the start       | accepted | offended         |
    | is cautioned for an old thing  | accepted | superseded       |
    | extract ends too soon          | accepted | follow_up        |
    | is 17                          | accepted | under_age        |
    | index offence is left out      | accepted | excluded         |
    """
)


def funnel_world() -> World:
    world = World().coverage("2012-01-01", "2020-12-31", "2021-06-30")
    for number, (name, _, _) in enumerate(FUNNEL):
        born = "1995-06-01" if name == "is 17" else "1980-01-01"
        person = world.person(f"p{number:02d}", date_of_birth=day(born))
        if name == "has no event":
            continue
        when = {"sentenced before the window": "2011-12-20", "extract ends too soon": "2020-01-10"}.get(name, "2012-05-01")
        code = "01908" if name == "index offence is left out" else "04910"
        world.occasion(person, when, {"offence_date": "2010-01-01", "code": code}, outcome="community")
        if name == "dies before the start":
            world.rows["person"][-1]["date_of_death"] = day("2012-05-20")
        if name == "is in custody at the start":
            other = world.occasion(person, "2012-05-10", {"offence_date": "2010-01-01"}, outcome="custody")
            world.custody(person, other, "2012-05-10", "2012-07-01")
        if name == "offends before the start":
            world.occasion(person, "2012-09-01", {"offence_date": "2012-05-15"})
        if name == "is cautioned for an old thing":
            world.occasion(person, "2012-05-15", {"offence_date": "2010-01-01"}, outcome="caution")
    return world


def test_every_loss_is_counted_once_and_the_funnel_adds_up() -> None:
    starts = {"sentenced before the window": "2012-01-10", "extract ends too soon": "2020-01-20"}
    index = {name: day("2012-05-01") for name in ("is cautioned for an old thing",)}
    rows = [{"programme_start": day(starts.get(name, "2012-06-01")), "index_date": index.get(name)} for name, _, _ in FUNNEL]
    statuses = [status for _, status, _ in FUNNEL]
    people = [None if status == "unlinked" else f"p{number:02d}" for number, status in enumerate(statuses)]
    people[3] = "p00"
    plan = CohortSettings(setting="community", exclude=("sexual",))
    with connected(funnel_world().tables()) as connection:
        cohort = build_cohort(connection, submission(rows, submitted=len(rows) + 2), linked(people, statuses), plan, seed=1)
    lost = {line.reason.rsplit(".", 1)[1]: line.lost for line in cohort.attrition if line.lost}
    assert lost == {"unreadable": 2, **{reason: 1 for _, _, reason in FUNNEL if reason}}
    assert cohort.attrition[0].n == len(FUNNEL) + 2
    assert cohort.attrition[-1].n == 1
    assert [row["person_id"] for row in cohort.events.to_pylist() if row["treated"]] == ["p00"]
    assert "p01" not in cohort.events["person_id"].to_pylist()
