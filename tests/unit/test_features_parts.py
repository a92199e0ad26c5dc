"""Covariates and scores on hand-made lives, number by number."""

from __future__ import annotations

import numpy as np
import pytest
from tests.cohort_world import World, connected, day, linked, submission

from datalab.cohort import CohortSettings, build_cohort
from datalab.errors import UsageError
from datalab.features import build_table
from datalab.features.covariates import FAMILY_QUERIES
from datalab.features.ogrs3 import copas_rate, ogrs3
from datalab.fields.justice.covariates import COVARIATES, FAMILIES
from datalab.fields.justice.measures import MEASURES, REOFFENDING
from datalab.fields.justice.offences import offence_codes
from datalab.table import AnalysisTable


@pytest.mark.parametrize(
    ("age", "sanctions", "years", "code", "expected"),
    [(30, 0, 0.0, "00801", 0.064), (20, 5, 6.0, "02801", 0.47), (35, 30, 20.0, "04910", 0.77)],
)
def test_ogrs3_known_answers(age: int, sanctions: int, years: float, code: str, expected: float) -> None:
    """Men of 30, 20 and 35: a first offence of violence, a burglar with 5 sanctions, a thief with 30 (Howard et al. 2009)."""
    n = np.array([sanctions])
    weight = np.array([offence_codes()[code].ogrs3_weight])
    got = ogrs3(np.array([age]), np.array([False]), n, copas_rate(n, np.array([years])), weight)
    assert got[0] == pytest.approx(expected, abs=0.005)


def life() -> World:
    world = World().coverage()
    for person, sex in (("p0", "M"), ("p1", "F")):
        world.person(
            person,
            sex=sex,
            tax_identity=day("2005-01-01") if person == "p0" else None,
            first_sanction_date=day("2006-06-01"),
            uk_national=None if person == "p1" else True,
        )
    world.occasion("p0", "2006-06-01", {"code": "00801"}, outcome="caution")
    world.occasion("p0", "2011-06-01", {"code": "04910"}, {"code": "04910"}, {"is_breach": True}, outcome="community")
    world.occasion("p0", "2012-05-31", outcome="custody")
    for person in ("p0", "p1"):
        world.occasion(person, "2012-06-01", {"code": "02801"}, {}, outcome="community")
    for number, (start, end) in enumerate((("2012-01-01", "2012-01-31"), ("2012-01-21", "2012-02-10"), ("2012-06-01", None))):
        last = day(end) if end else None
        world.add("employment", employment_id=f"e{number}", person_id="p0", start=day(start), end=last)
    world.add("benefit", benefit_id="b0", person_id="p0", benefit="JSA", start=day("2011-01-01"), end=day("2011-06-30"))
    world.add("assessment", assessment_id="a0", person_id="p0", date=day("2012-05-31"), drugs=3, alcohol=4, thinking=7)
    world.add("assessment", assessment_id="a1", person_id="p0", date=day("2012-06-01"), drugs=10)
    return world


def table_of(families: tuple[str, ...] = FAMILIES, exact: tuple[str, ...] = ()) -> AnalysisTable:
    rows = [{"programme_start": day("2012-06-11"), "establishment": name} for name in ("West", "East")]
    with connected(life().tables()) as connection:
        cohort = build_cohort(connection, submission(rows), linked(["p0", "p1"]), CohortSettings(setting="community"), seed=1)
        return build_table(connection, cohort, MEASURES, families, exact)


def test_covariates_of_a_life_number_by_number() -> None:
    table = table_of()
    place = int(np.flatnonzero(table.person == 0)[0])
    got = {c.name: c.levels[int(c.values[place])] if c.is_categorical else float(c.values[place]) for c in table.covariates}
    expected = {
        "previous_convictions": 2.0,
        "previous_convictions_2y": 2.0,
        "previous_cautions": 1.0,
        "previous_offences": 4.0,
        "previous_offences_2y": 3.0,
        "previous_breaches": 1.0,
        "previous_custody": 1.0,
        "previous_orders": 1.0,
        "previous_offences_violence": 1.0,
        "tax_record": 1.0,
        "uk_national": "yes",
        "need_drugs": "low",
        "need_alcohol": "medium",
        "need_thinking": "high",
    }
    assert {name: got[name] for name in expected} == expected
    assert got["copas_rate"] == pytest.approx(np.log(4 / (10 + 2192 / 365.25)))
    assert "need_emotional" not in got  # not assessed for both: the same for everybody
    assert "cautions" not in got


def test_work_counts_overlaps_once_and_ends_at_the_baseline() -> None:
    with connected(life().tables()) as connection:
        rows = [{"programme_start": day("2012-06-11")}] * 2
        cohort = build_cohort(connection, submission(rows), linked(["p0", "p1"]), CohortSettings(setting="community"), seed=1)
        connection.register("lab_cohort", cohort.events)
        got = connection.sql(FAMILY_QUERIES["work"]()).to_arrow_table().to_pylist()
        people = dict(zip(cohort.events["event_id"].to_pylist(), cohort.events["person_id"].to_pylist(), strict=True))
    by_person = {people[row["event_id"]]: row for row in got}
    one, other = by_person["p0"], by_person["p1"]
    # 1 January to 10 February without counting the overlap twice; the job of 1 June starts after the baseline (31 May).
    assert (one["employed_days"], one["employed_spells"]) == (41, 2)
    assert (one["employed_1m"], one["employed_3m"], one["employed_12m"]) == (0, 0, 1)
    assert (one["jsa_12m"], one["jsa_days"], one["jsa_3m"]) == (1, 30, 0)
    assert other["tax_record"] == 0
    assert other["employed_12m"] is None


def test_clusters_strata_and_refusals() -> None:
    table = table_of(("demographics",), ("sex", "index_kind"))
    assert sorted(table.strata.tolist()) == [0, 1]
    assert table.cluster[table.person == 0].tolist() == [1]  # East, West
    assert "index_kind" not in [covariate.name for covariate in table.covariates]
    assert "ethnicity_group" in table.warnings[0]
    with pytest.raises(UsageError) as refused:
        table_of(("demografics",), ("age_years",))
    assert len(refused.value.faults) == 2


def test_the_list_names_each_covariate_once_with_a_definition() -> None:
    names = [spec.name for spec in COVARIATES]
    assert len(names) == len(set(names))
    assert {spec.family for spec in COVARIATES} == set(FAMILIES)
    assert all(spec.definition.endswith(".") and spec.label for spec in COVARIATES)


def test_outcomes_of_a_reoffender_number_by_number() -> None:
    """Two offences sentenced to custody on one occasion are one custodial sentence; the heavier of one day is the first."""
    world = life()
    summary, indictable = {"mode_of_trial": "summary"}, {"mode_of_trial": "indictable", "code": "00801"}
    both = [{"offence_date": "2012-07-11", **summary}, {"offence_date": "2012-07-11", **indictable}]
    world.occasion("p0", "2012-09-01", *both, outcome="custody")
    world.occasion("p0", "2012-12-01", {"offence_date": "2012-10-01", **summary}, outcome="custody")
    world.occasion("p0", "2012-12-05", {"offence_date": "2012-11-01", **summary}, outcome="fine")
    with connected(world.tables()) as connection:
        rows = [{"programme_start": day("2012-06-11")}] * 2
        cohort = build_cohort(connection, submission(rows), linked(["p0", "p1"]), CohortSettings(setting="community"), seed=1)
        table = build_table(connection, cohort, REOFFENDING, ("demographics",))
    place, other = int(np.flatnonzero(table.person == 0)[0]), int(np.flatnonzero(table.person == 1)[0])
    got = {outcome.measure.name: float(outcome.values[place]) for outcome in table.outcomes}
    assert got == {
        "rate": 1.0,
        "frequency": 4.0,
        "days_to_first": 30.0,
        "first_indictable_rate": 1.0,
        "first_either_way_rate": 0.0,
        "first_summary_rate": 0.0,
        "first_indictable_frequency": 1.0,
        "first_either_way_frequency": 0.0,
        "first_summary_frequency": 3.0,
        "custody_rate": 1.0,
        "custody_frequency": 2.0,
    }
    nobody = {outcome.measure.name: outcome.values[other] for outcome in table.outcomes}
    assert (nobody["rate"], nobody["frequency"]) == (0.0, 0.0)
    assert np.isnan(nobody["days_to_first"])
    assert table.duration is not None and table.event is not None
    assert (table.duration[place], table.event[place]) == (30.0, True)
    assert (table.duration[other], table.event[other]) == (365.0, False)
