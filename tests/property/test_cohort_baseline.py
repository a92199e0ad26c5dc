"""Nothing dated on or after the programme's start may move a covariate; the order of rows moves nothing at all."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from tests.cohort_world import World, connected, linked, submission

from datalab.cohort import CohortSettings, build_cohort
from datalab.features import build_table
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import MEASURES
from datalab.table import AnalysisTable

START = dt.date(2012, 6, 15)
before = st.integers(1, 900).map(lambda days: START - dt.timedelta(days))
after = st.integers(0, 500).map(lambda days: START + dt.timedelta(days))
either = st.one_of(before, after)
# A sentence on the very day of the start is the index event of a programme in the community, so it is no later record.
past_start = st.integers(1, 500).map(lambda days: START + dt.timedelta(days))
people = st.fixed_dictionaries(
    {
        "in_custody": st.booleans(),
        "index_days": st.integers(20, 100),
        "earlier": st.lists(st.tuples(before, st.sampled_from(["fine", "community", "custody", "caution"])), max_size=3),
        "later": st.lists(st.tuples(before, past_start), max_size=3),
        "assessed": st.lists(st.tuples(either, st.integers(0, 10)), max_size=3),
        "employed": st.lists(st.tuples(either, either), max_size=3),
        "benefit": st.lists(st.tuples(either, either), max_size=2),
        "tax": st.one_of(st.none(), either),
    }
)


def world_of(country: list[dict[str, Any]]) -> World:
    world = World().coverage()
    for number, life in enumerate(country):
        person = world.person(
            f"p{number}", tax_identity=life["tax"], sex="MF"[number % 2], first_sanction_date=dt.date(2009, 1, 1)
        )
        index_day = START - dt.timedelta(life["index_days"])
        outcome = "custody" if life["in_custody"] else "community"
        index = world.occasion(person, index_day, {"offence_date": dt.date(2010, 1, 1)}, outcome=outcome)
        if life["in_custody"]:
            world.custody(person, index, index_day, START + dt.timedelta(60), 300)
        gap_ends = START if not life["in_custody"] else dt.date.max
        for when, given_outcome in life["earlier"]:
            if not index_day < when < gap_ends:
                world.occasion(person, when, {"offence_date": dt.date(2009, 6, 1)}, outcome=given_outcome)
        for offended, proven in life["later"]:
            world.occasion(person, proven, {"offence_date": min(offended, index_day)}, {"is_breach": True})
        for place, (when, score) in enumerate(life["assessed"]):
            world.add("assessment", assessment_id=f"a{number}-{place}", person_id=person, date=when, drugs=score)
        for place, (start, end) in enumerate(life["employed"]):
            last = end if end >= start else None
            world.add("employment", employment_id=f"e{number}-{place}", person_id=person, start=start, end=last)
        for place, (start, end) in enumerate(life["benefit"]):
            last = end if end >= start else None
            world.add("benefit", benefit_id=f"b{number}-{place}", person_id=person, benefit="JSA", start=start, end=last)
    return world


DATED = {
    "person": ("tax_identity",),
    "occasion": ("date",),
    "offence": ("offence_date",),
    "assessment": ("date",),
    "employment": ("start", "end"),
    "benefit": ("start", "end"),
}


def shifted(world: World, days: int) -> World:
    """Every date on or after the start is moved on; the release that is the index event stays."""
    moved = copy.deepcopy(world)
    for table, names in DATED.items():
        for row in moved.rows[table]:
            for name in names:
                if row.get(name) and row[name] >= START:
                    row[name] += dt.timedelta(days)
    return moved


def table_of(tables: dict[str, pa.Table], n: int) -> AnalysisTable:
    upload = submission([{"programme_start": START}] * n)
    with connected(tables) as connection:
        cohort = build_cohort(connection, upload, linked([f"p{i}" for i in range(n)]), CohortSettings(), seed=1)
        return build_table(connection, cohort, MEASURES, FAMILIES)


def same_covariates(left: AnalysisTable, right: AnalysisTable) -> None:
    assert [c.name for c in left.covariates] == [c.name for c in right.covariates]
    for one, other in zip(left.covariates, right.covariates, strict=True):
        assert one.levels == other.levels, one.name
        np.testing.assert_array_equal(one.values, other.values, err_msg=one.name)


@given(st.lists(people, min_size=3, max_size=3), st.integers(1, 300))
@settings(max_examples=15)
def test_records_after_the_start_move_no_covariate(country: list[dict[str, Any]], days: int) -> None:
    world = world_of(country)
    left = table_of(world.tables(), len(country))
    right = table_of(shifted(world, days).tables(), len(country))
    assert left.n == right.n == len(country)
    same_covariates(left, right)


def test_the_check_would_notice() -> None:
    """A record on the day before the start does move a covariate: the property above is not empty."""
    life = {"in_custody": True, "index_days": 50, "earlier": [], "later": [], "employed": [], "benefit": [], "tax": None}
    country = [{**life, "assessed": [(START - dt.timedelta(1), 9)]}, {**life, "assessed": [(START, 9)]}]
    table = table_of(world_of(country).tables(), 2)
    drugs = next(covariate for covariate in table.covariates if covariate.name == "need_drugs")
    assert [drugs.levels[code] for code in drugs.values] == ["high", "not_assessed"]


@pytest.mark.parametrize("seed", [1, 2])
def test_row_order_moves_nothing(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    world = World().coverage()
    for number in range(60):
        person = world.person(f"p{number:02d}", sex="MF"[number % 2])
        for _ in range(int(rng.integers(1, 5))):
            day = dt.date(2012, 1, 1) + dt.timedelta(int(rng.integers(0, 700)))
            world.occasion(person, day, {"offence_date": day - dt.timedelta(20)}, outcome=str(rng.choice(["fine", "community"])))
    tables = world.tables()
    mixed = {name: rows.take(pa.array(rng.permutation(rows.num_rows))) for name, rows in tables.items()}
    treated = [f"p{number:02d}" for number in range(12)]
    starts = [{"programme_start": dt.date(2012, 9, 1) + dt.timedelta(number)} for number in range(12)]
    results = []
    for given_tables in (tables, mixed):
        with connected(given_tables, threads=2) as connection:
            cohort = build_cohort(connection, submission(starts), linked(treated), CohortSettings(setting="community"), seed=7)
            results.append((cohort, build_table(connection, cohort, MEASURES, FAMILIES, ("sex",))))
    (one, left), (other, right) = results
    assert one.events.equals(other.events)
    assert one.counts == other.counts
    assert one.counts["pool"] > 10
    same_covariates(left, right)
    for a, b in zip(left.outcomes, right.outcomes, strict=True):
        np.testing.assert_array_equal(a.values, b.values)
    np.testing.assert_array_equal(left.strata, right.strata)
