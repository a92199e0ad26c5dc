"""The engine's index events, clocks and measures equal the slow, obvious reference on generated histories."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings
from tests.cohort_world import World, connected, linked, submission
from tests.reference.cohort_reference import (
    add_months,
    at_risk,
    events_of,
    measures_of,
    reoffences_of,
    survival_of,
)

from datalab.cohort import CohortSettings, build_cohort
from datalab.cohort.events import make_events
from datalab.cohort.national import national_rates
from datalab.engines.sql import fetch
from datalab.features import build_table
from datalab.fields.justice.measures import MEASURES

# Few days, so that they collide: ends of months, leap days, and the days on either side of a year.
DAYS = [
    dt.date(2011, 2, 28),
    dt.date(2011, 3, 1),
    dt.date(2011, 8, 31),
    dt.date(2011, 12, 31),
    dt.date(2012, 1, 1),
    dt.date(2012, 2, 28),
    dt.date(2012, 2, 29),
    dt.date(2012, 3, 1),
    dt.date(2012, 3, 31),
    dt.date(2012, 6, 30),
    dt.date(2012, 8, 29),
    dt.date(2012, 8, 31),
    dt.date(2013, 2, 27),
    dt.date(2013, 2, 28),
    dt.date(2013, 3, 1),
    dt.date(2013, 3, 31),
    dt.date(2013, 8, 28),
    dt.date(2013, 8, 29),
    dt.date(2013, 8, 30),
    dt.date(2013, 8, 31),
    dt.date(2013, 9, 1),
    dt.date(2014, 2, 28),
]
days = st.sampled_from(DAYS)
offences = st.fixed_dictionaries(
    {
        "offence_date": days,
        "mode_of_trial": st.sampled_from(["indictable", "either_way", "summary"]),
        "recordable": st.sampled_from([True, True, True, False]),
        "jurisdiction": st.sampled_from(["england_wales", "england_wales", "scotland"]),
        "prosecutor": st.sampled_from(["police", "police", "other"]),
        "is_breach": st.sampled_from([False, False, True]),
        "code": st.sampled_from(["00801", "04910", "02801"]),
    }
)
occasions = st.tuples(
    days,
    st.sampled_from(["custody", "suspended", "community", "fine", "discharge", "caution"]),
    st.lists(offences, min_size=1, max_size=3),
)
spells = st.tuples(days, st.one_of(st.none(), days), st.integers(1, 3), st.integers(0, 99))
jobs = st.lists(st.tuples(days, st.one_of(st.none(), days)), max_size=3)
claims = st.lists(st.tuples(days, st.one_of(st.none(), days), st.sampled_from(["JSA", "ESA", "IB", "IS", "UC"])), max_size=3)
people = st.tuples(
    st.lists(occasions, min_size=1, max_size=5),
    st.lists(spells, max_size=3),
    st.one_of(st.none(), st.none(), days),
    st.sampled_from(["M", "F"]),
    st.one_of(st.none(), st.just(dt.date(2005, 1, 1)), days),
    jobs,
    claims,
)
countries = st.lists(people, min_size=1, max_size=4)


def world_of(country: list[Any]) -> World:
    world = World().coverage()
    for number, (dealt, jailed, death, sex, tax, employed, claimed) in enumerate(country):
        person = world.person(f"p{number}", date_of_death=death, sex=sex, tax_identity=tax)
        for place, (start, end) in enumerate(employed):
            if end is None or end >= start:
                world.add("employment", employment_id=f"e{number}-{place}", person_id=person, start=start, end=end)
        for place, (start, end, benefit) in enumerate(claimed):
            if end is None or end >= start:
                world.add("benefit", benefit_id=f"b{number}-{place}", person_id=person, benefit=benefit, start=start, end=end)
        made = [world.occasion(person, when, *given, outcome=outcome) for when, outcome, given in dealt]
        for start, release, length, place in jailed:
            if release is None or release >= start:
                world.custody(person, made[place % len(made)], start, release, length * 100)
    return world


@given(countries)
@settings(max_examples=40)
def test_index_events_equal_the_reference(country: list[Any]) -> None:
    world = world_of(country)
    columns = "event_key, kind, index_date, occasion_id, stay_start, offence_code, conviction_date"
    with connected(world.tables()) as connection:
        make_events(connection)
        got = fetch(
            connection, f"select person_id, {columns} from lab_event order by person_id, index_date, kind_rank, event_key"
        )
    expected = [
        {"person_id": person["person_id"], **event}
        for person in world.rows["person"]
        for event in events_of(world.rows, person["person_id"])
    ]
    assert got.to_pylist() == expected


@given(countries, st.sampled_from([12, 24]), st.sampled_from([0, 0, 30, 90]))
@settings(max_examples=40)
def test_clocks_and_measures_equal_the_reference(country: list[Any], months: int, delay: int) -> None:
    """Everyone is treated, at the first event of theirs, `delay` days later: losses, measures and survival all agree."""
    world = world_of(country)
    wanted = []
    for person in world.rows["person"]:
        events = events_of(world.rows, person["person_id"])
        if events:
            wanted.append((person, events[0], events[0]["index_date"] + dt.timedelta(delay)))
    upload = submission([{"programme_start": start, "index_date": event["index_date"]} for _, event, start in wanted])
    links = linked([person["person_id"] for person, _, _ in wanted])
    plan = CohortSettings(follow_up_months=months, setting="community")
    with connected(world.tables()) as connection:
        cohort = build_cohort(connection, upload, links, plan, seed=1)
        table = build_table(connection, cohort, MEASURES, ("demographics",))
    losses = [at_risk(world.rows, p["person_id"], event["index_date"], start, months) for p, event, start in wanted]
    lost = {line.reason.rsplit(".", 1)[1]: line.lost for line in cohort.attrition if line.lost}
    assert lost == {reason: losses.count(reason) for reason in set(losses) - {None}}
    kept = {p["person_id"]: (p, start) for (p, _, start), loss in zip(wanted, losses, strict=True) if loss is None}
    treated = cohort.events.to_pylist()
    assert sorted(row["person_id"] for row in treated) == sorted(kept)
    for place, row in enumerate(treated):
        person, start = kept[row["person_id"]]
        assert row["clock_start"] == start
        assert row["follow_up_end"] == add_months(start, months)
        expected = measures_of(world.rows, row["person_id"], start, months)
        for outcome in table.outcomes:
            value = outcome.values[place]
            assert (None if math.isnan(value) else value) == expected[outcome.measure.name], outcome.measure.name
        assert table.duration is not None and table.event is not None
        death = person.get("date_of_death")
        assert (table.duration[place], table.event[place]) == survival_of(world.rows, row["person_id"], start, months, death)


@given(countries, st.booleans())
@settings(max_examples=25)
def test_national_rate_equals_the_reference(country: list[Any], quarterly: bool) -> None:
    world = world_of(country)
    first, last = dt.date(2012, 1, 1), dt.date(2012, 12, 31)
    entries: list[tuple[str, dt.date]] = []
    for person in world.rows["person"]:
        taken = set()
        for event in events_of(world.rows, person["person_id"]):
            window = (event["index_date"].month - 1) // 3 if quarterly else 0
            if first <= event["index_date"] <= last and window not in taken:
                taken.add(window)
                entries.append((person["person_id"], event["index_date"]))
    numbers = [len(reoffences_of(world.rows, person, clock, 12)) for person, clock in entries]
    with connected(world.tables()) as connection:
        got = national_rates(connection, first, last, quarterly)
    expected = (len(numbers), sum(n > 0 for n in numbers), sum(numbers))
    assert [(line.n, line.reoffenders, line.reoffences) for line in got] == ([expected] if numbers else [])
