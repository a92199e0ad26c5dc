"""The negative control tells nothing of its own window, nor of anything after the start; its outcome is as counted by hand."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from tests.cohort_world import World, connected, linked, submission
from tests.reference.cohort_reference import add_months, counts

from datalab.cohort import CohortSettings, build_cohort
from datalab.features import build_table
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import BY_NAME, NEGATIVE_CONTROL
from datalab.table import AnalysisTable, Covariate, NegativeControl

INDEX = dt.date(2012, 6, 15)
OFFENCE = dt.date(2012, 5, 1)  # of the index occasion
FAR, NEAR = dt.date(2010, 5, 1), dt.date(2011, 5, 1)  # the window: after FAR, up to NEAR
START = dt.date(2012, 7, 1)
TREATED = 2
MEASURES = (BY_NAME["rate"], BY_NAME["employed_any"])

early = st.integers(1, 1500).map(lambda days: FAR - dt.timedelta(days))
inside = st.integers(0, (NEAR - FAR).days - 1).map(lambda days: NEAR - dt.timedelta(days))
recent = st.integers(1, 350).map(lambda days: NEAR + dt.timedelta(days))
after = st.integers(0, 500).map(lambda days: START + dt.timedelta(days))
lag = st.integers(0, 60).map(dt.timedelta)
kinds = st.sampled_from([{}, {"is_breach": True}, {"prosecutor": "other"}, {"code": "00801"}])
outcomes = st.sampled_from(["fine", "community", "caution"])
offence = st.tuples(inside, lag, outcomes, kinds)
lives = st.fixed_dictionaries(
    {
        "early": st.lists(st.tuples(early, lag, outcomes, kinds), max_size=2),
        "window": st.lists(offence, max_size=3),
        "recent": st.lists(st.tuples(recent, lag, outcomes, kinds), max_size=2),
        "later": st.lists(after, max_size=2),
        "assessed": st.lists(st.tuples(st.one_of(early, inside, recent, after), st.integers(0, 10)), max_size=3),
        "employed": st.lists(st.one_of(early, recent, after), max_size=2),
    }
)
countries = st.lists(lives, min_size=4, max_size=4)


def world_of(country: list[dict[str, Any]], *, window: bool = True, move: int = 0) -> World:
    """Two treated, the rest pool, all sentenced on INDEX. window: with the records of the window; move: days by which what
    is dated on or after the start is put off."""
    world = World().coverage()
    for number, life in enumerate(country):
        past = [*life["early"], *(life["window"] if window else ()), *life["recent"]]
        proven = [min(when + gap, INDEX - dt.timedelta(1)) for when, gap, _, _ in past]
        first = min([*proven, INDEX])
        person = world.person(f"p{number}", sex="MF"[number % 2], tax_identity=dt.date(2008, 1, 1), first_sanction_date=first)
        world.occasion(person, INDEX, {"offence_date": OFFENCE}, outcome="community")
        for (when, _, outcome, kind), day in zip(past, proven, strict=True):
            world.occasion(person, day, {"offence_date": when, **kind}, outcome=outcome)
        shift = dt.timedelta(move)
        for day in life["later"]:
            world.occasion(person, day + shift + dt.timedelta(400), {"offence_date": FAR + dt.timedelta(9), "is_breach": True})
        for place, (day, score) in enumerate(life["assessed"]):
            if not (FAR < day < INDEX and not window):  # assessments of that time came of what was done then
                when = day + shift if day >= START else day
                world.add("assessment", assessment_id=f"a{number}-{place}", person_id=person, date=when, drugs=score)
        for place, day in enumerate(life["employed"]):
            when = day + shift if day >= START else day
            last = when + dt.timedelta(40)
            world.add("employment", employment_id=f"e{number}-{place}", person_id=person, start=when, end=last)
    return world


def table_of(world: World, first_loaded: dt.date | None = None) -> AnalysisTable:
    tables = world.tables()
    if first_loaded is not None:
        for row in world.rows["coverage"]:
            row["first_date"] = first_loaded if row["dataset"] == "reoffending" and row["kind"] == "events" else row["first_date"]
        tables = world.tables()
    with connected(tables) as connection:
        upload = submission([{"programme_start": START}] * TREATED)
        links = linked([f"p{number}" for number in range(TREATED)])
        cohort = build_cohort(connection, upload, links, CohortSettings(setting="community"), seed=1)
        return build_table(connection, cohort, MEASURES, FAMILIES)


def control_of(table: AnalysisTable) -> NegativeControl:
    assert table.negative_control is not None
    return table.negative_control


def read(covariates: tuple[Covariate, ...]) -> dict[str, list[object]]:
    return {c.name: [c.levels[code] for code in c.values] if c.is_categorical else c.values.tolist() for c in covariates}


def same(left: tuple[Covariate, ...], right: tuple[Covariate, ...]) -> None:
    np.testing.assert_equal(read(left), read(right))


@given(countries)
@settings(max_examples=8)
def test_the_window_moves_no_covariate_and_is_the_outcome(country: list[dict[str, Any]]) -> None:
    world = world_of(country)
    table = table_of(world)
    control = control_of(table)
    same(control.covariates, control_of(table_of(world_of(country, window=False))).covariates)
    assert control.outcome.measure == NEGATIVE_CONTROL
    proven = {row["occasion_id"]: row["date"] for row in world.rows["occasion"]}
    had = {
        row["person_id"]
        for row in world.rows["offence"]
        if counts(row) and FAR < row["offence_date"] <= NEAR and proven[row["occasion_id"]] < INDEX
    }
    names = sorted({row["person_id"] for row in world.rows["person"]})
    assert [names[code] in had for code in table.person] == (control.outcome.values == 1).tolist()


@given(countries, st.integers(1, 300))
@settings(max_examples=5)
def test_records_after_the_start_move_nothing_of_it(country: list[dict[str, Any]], days: int) -> None:
    left, right = table_of(world_of(country)), table_of(world_of(country, move=days))
    same(left.covariates, right.covariates)
    same(control_of(left).covariates, control_of(right).covariates)
    np.testing.assert_array_equal(control_of(left).outcome.values, control_of(right).outcome.values)


LIFE: dict[str, Any] = {"early": [], "window": [], "recent": [], "later": [], "assessed": [], "employed": []}


def test_the_checks_would_notice() -> None:
    """The table's own covariates do tell of the window, and the control's of what came before it."""
    month = dt.timedelta(30)
    busy = {**LIFE, "window": [(NEAR, month, "fine", {})]}
    table = table_of(world_of([busy, LIFE, LIFE, LIFE]))
    assert "previous_convictions" in read(table.covariates)
    assert "previous_convictions" not in read(control_of(table).covariates)  # the same for everybody, as of the window's start
    older = {**LIFE, "early": [(FAR - month, dt.timedelta(1), "fine", {})]}
    assert read(control_of(table_of(world_of([older, LIFE, LIFE, LIFE]))).covariates)["previous_convictions"].count(1.0) == 1


@pytest.mark.parametrize(
    ("committed", "proven", "kind", "value"),
    [
        (FAR, INDEX - dt.timedelta(9), {}, 0.0),  # a day too early
        (FAR + dt.timedelta(1), FAR + dt.timedelta(1), {}, 1.0),
        (NEAR, NEAR, {}, 1.0),
        (NEAR + dt.timedelta(1), NEAR + dt.timedelta(9), {}, 0.0),  # a day too late
        (NEAR, INDEX, {}, 0.0),  # proven after the baseline, so that nobody's later conviction matters
        (NEAR, INDEX - dt.timedelta(1), {}, 1.0),
        (NEAR, NEAR, {"is_breach": True}, 0.0),
        (NEAR, NEAR, {"recordable": False}, 0.0),
        (NEAR, NEAR, {"jurisdiction": "scotland"}, 0.0),
    ],
)
def test_what_counts_in_the_window(committed: dt.date, proven: dt.date, kind: dict[str, Any], value: float) -> None:
    world = world_of([LIFE] * 4)
    world.occasion("p0", proven, {"offence_date": committed, **kind})
    # An occasion of the index date itself is an event of its own: the one of the lower number is taken.
    table = table_of(world)
    (row,) = np.flatnonzero(table.person == 0)
    assert control_of(table).outcome.values[row] == value


@pytest.mark.parametrize(("first", "there"), [(FAR, True), (FAR + dt.timedelta(1), False)])
def test_there_is_none_where_the_records_begin_too_late(first: dt.date, there: bool) -> None:
    assert (table_of(world_of([LIFE] * 4), first).negative_control is not None) == there


def test_index_offences_dealt_with_are_left_out() -> None:
    """One of them may have been committed in the window; the months are calendar months."""
    assert add_months(OFFENCE, -12) == NEAR and add_months(OFFENCE, -24) == FAR
    world = world_of([LIFE] * 4)
    copied = copy.deepcopy(world)
    index = next(row for row in copied.rows["offence"] if row["person_id"] == "p0")
    copied.rows["offence"].append({**index, "offence_id": "extra", "offence_date": NEAR, "is_principal": False})
    left, right = table_of(world), table_of(copied)
    assert "index_offences" in read(right.covariates)
    same(control_of(left).covariates, control_of(right).covariates)
    assert control_of(right).outcome.values.sum() == 0
