"""The cohort's small parts: settings, funnel, drawn delays, the pool's events, and queries that other engines can read."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from tests.cohort_world import World, connected, day, linked, submission

from datalab.cohort import AttritionStep, CohortSettings, build_cohort, require_valid_attrition, with_matched
from datalab.cohort.attrition import count_attrition
from datalab.cohort.build import cohort_parts
from datalab.cohort.events import event_parts, stay_parts
from datalab.cohort.national import national_parts
from datalab.cohort.pool import candidate_parts, draw_delays, pool_parts
from datalab.cohort.treated import treated_parts
from datalab.engines.sql import compose
from datalab.errors import CentralDataError, InternalError, UsageError
from datalab.features.covariates import FAMILY_QUERIES
from datalab.features.negative import control_parts
from datalab.features.outcomes import QUERIES, outcome_parts
from datalab.fields.justice.measures import MEASURES
from datalab.wording import say


def test_settings_refuse_every_fault_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        CohortSettings(setting="prison", follow_up_months=13, minimum_age_years=5, region="local")
    assert len(refused.value.faults) == 4
    with pytest.raises(UsageError, match="Did you mean sexual"):
        CohortSettings(exclude=("sexal",))
    with pytest.raises(UsageError, match="on or after"):
        CohortSettings(programme_start=dt.date(2012, 2, 1), programme_end=dt.date(2012, 1, 1))


def test_sexual_leaves_out_both_groups() -> None:
    assert CohortSettings(exclude=("sexual",)).excluded_groups == ("sexual", "sexual_child")


def test_funnel_refuses_what_does_not_add_up() -> None:
    steps = count_attrition(10, {"duplicate": 2, "offended": 1})
    assert with_matched(steps, 5)[-1] == AttritionStep("matched", 5, 2, "cohort.reasons.unmatched")
    with pytest.raises(InternalError, match="matched"):
        with_matched(steps, 9)
    with pytest.raises(InternalError, match="add up"):
        require_valid_attrition([*steps[:-1], AttritionStep("eligible", 1, 1, "cohort.reasons.excluded")])
    with pytest.raises(InternalError, match="steps"):
        require_valid_attrition(steps[1:])
    with pytest.raises(InternalError, match="no reason"):
        count_attrition(10, {"moved": 1})
    assert all(say(step.reason) for step in steps)


def donors(rows: list[tuple[str, str, int, float]]) -> pa.Table:
    kind, band, delay, share = zip(*rows, strict=True)
    return pa.table({"kind": kind, "sentence_band": band, "delay_days": delay, "share": share})


def test_delays_are_drawn_evenly_within_kind_and_band() -> None:
    given = donors([("release", "a", 0, 0.5), ("release", "a", 10, 0.1), ("release", "b", 20, 0.2), ("caution", "none", 90, 1.0)])
    cells = [("release", "a"), ("release", "b"), ("release", "c"), ("caution", "none")] * 30_000
    candidate = pa.table(
        {
            "number": np.arange(1, len(cells) + 1),
            "kind": [kind for kind, _ in cells],
            "sentence_band": [band for _, band in cells],
        }
    )
    drawn = draw_delays(given, candidate, seed=3)
    delay = drawn["delay_days"].to_numpy().reshape(-1, 4)
    assert set(delay[:, 0]) == {0, 10}
    assert abs(float(np.mean(delay[:, 0] == 10)) - 0.5) < 0.012  # four standard errors
    assert set(delay[:, 1]) == {20}
    assert set(delay[:, 2]) == {0, 10, 20}  # no donor in the band: any of the kind
    assert set(delay[:, 3]) == {90}
    share = drawn["share"].to_numpy().reshape(-1, 4)[:, 0]
    assert set(zip(delay[:, 0].tolist(), share.tolist(), strict=True)) == {(0, 0.5), (10, 0.1)}
    assert draw_delays(given, candidate, seed=3).equals(drawn)
    assert not draw_delays(given, candidate, seed=4).equals(drawn)


def pool_world() -> World:
    """p0 is treated; p1 has three fines, two of them in one quarter; p2 was submitted but not accepted; p3 lives elsewhere."""
    world = World().coverage()
    dates = {"p0": ["2012-02-01"], "p1": ["2012-01-10", "2012-02-10", "2012-03-31"], "p2": ["2012-02-01"], "p3": ["2012-03-01"]}
    for person, days in dates.items():
        world.person(person)
        for when in days:
            area = "wales" if person == "p3" else "london"
            world.occasion(person, when, {"offence_date": "2010-01-01"}, outcome="community", area=area)
    world.occasion("p1", "2012-04-01", {"offence_date": "2010-01-01"}, outcome="community")
    world.occasion("p1", "2012-02-02", {"offence_date": "2010-01-01"}, outcome="fine")
    return world


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({}, [("p1", "2012-01-10"), ("p3", "2012-03-01")]),
        ({"region": "regional"}, [("p1", "2012-01-10")]),
    ],
)
def test_pool_is_first_event_of_the_quarter_of_people_not_submitted(
    plan: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    settings = CohortSettings(setting="community", **plan)  # type: ignore[arg-type]
    with connected(pool_world().tables()) as connection:
        upload = submission([{"programme_start": day("2012-02-01")}])
        cohort = build_cohort(connection, upload, linked(["p0"], seen=["p2"]), settings, seed=1)
        left = connection.execute("select count(*) from duckdb_tables() where temporary").fetchall()
    pool = [row for row in cohort.events.to_pylist() if not row["treated"]]
    assert [(row["person_id"], row["index_date"]) for row in pool] == [(person, day(when)) for person, when in expected]
    assert left == [(0,)]


def test_nobody_located_gives_an_empty_cohort() -> None:
    with connected(pool_world().tables()) as connection:
        upload = submission([{"programme_start": day("2001-02-01")}])
        cohort = build_cohort(connection, upload, linked(["p0"]), CohortSettings(setting="community"), seed=1)
    assert cohort.events.num_rows == 0
    assert cohort.attrition[-1].n == 0


def test_two_rows_of_one_person_and_two_principal_offences_are_refused() -> None:
    upload = submission([{"programme_start": day("2012-02-01")}] * 2)
    world = pool_world()
    with connected(world.tables()) as connection, pytest.raises(InternalError, match="same person"):
        build_cohort(connection, upload, linked(["p0", "p0"]), CohortSettings(), seed=1)
    world.rows["offence"].append({**world.rows["offence"][0], "offence_id": "o99999"})
    with connected(world.tables()) as connection, pytest.raises(CentralDataError, match="principal"):
        build_cohort(connection, submission([]), linked([]), CohortSettings(), seed=1)


def test_every_measure_has_a_query_that_other_engines_can_read() -> None:
    assert {measure.name for measure in MEASURES} <= set(QUERIES)
    plan = CohortSettings(region="regional", exclude=("sexual",))
    texts = [
        compose(stay_parts(), "select * from stay"),
        compose(event_parts(), "select * from event"),
        compose(treated_parts(plan), "select * from judged"),
        compose(candidate_parts(plan), "select * from chosen"),
        compose(pool_parts(plan), "select * from judged"),
        compose(cohort_parts(), "select * from cohort"),
        compose(national_parts(True, "previous_offences", 0), "select * from followed"),
        compose(outcome_parts(tuple(QUERIES), 365), "select * from outcome"),
        compose(control_parts(), "select * from control"),
        *(query() for query in FAMILY_QUERIES.values()),
    ]
    for text in texts:
        (spark,) = sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert sqlglot.parse_one(spark, read="spark") is not None
