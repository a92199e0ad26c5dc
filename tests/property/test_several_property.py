"""An analysis of some of the people equals a study of those people alone, to the last digit that the two can share.

The study alone is built from the upload of those people only: its own cohort, pool, covariates and match. Programmes in
custody have no delays, so that the one thing drawn from everybody (the pool's delays) is the same in both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.command_line import write_study
from tests.world_fixture import world_folder

from datalab.chain import analysis_settings, cohort_settings
from datalab.cohort import build_cohort, gather_facts
from datalab.cohort.facts import EventFacts
from datalab.cohort.results import Cohort
from datalab.effects.results import AnalysisFindings
from datalab.engines import duckdb as engine
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME
from datalab.intake import read_submission
from datalab.intake.results import Submission
from datalab.linkage import link
from datalab.linkage.results import Links
from datalab.schema.store import open_central
from datalab.several import families_to_build, make_analyses, measures_to_build
from datalab.study import Study, read_study
from datalab.table import AnalysisTable

MEASURES = ("rate", "frequency", "days_to_first")


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A country's study up to its links, and how a cohort and its table are built from some of the rows."""

    study: Study
    submission: Submission
    links: Links
    cohort: Cohort
    build: Callable[[Submission, Links], tuple[Cohort, AnalysisTable]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world, folder = world_folder(tmp_path_factory, seed=2), tmp_path_factory.mktemp("several")
    written = read_study(write_study(folder / "study.toml", world, outcomes=MEASURES))
    study = dataclasses.replace(written, analyses=(written.analysis,))

    def build(submission: Submission, links: Links) -> tuple[Cohort, AnalysisTable]:
        with engine.session() as connection:
            open_central(connection, study.inputs.central, quick=True)
            cohort = build_cohort(connection, submission, links, cohort_settings(study), study.seed)
            measures = tuple(BY_NAME[name] for name in measures_to_build(study))
            return cohort, build_table(connection, cohort, measures, families=families_to_build(study))

    with engine.session() as connection:
        central = open_central(connection, study.inputs.central)
        submission = read_submission(study.inputs.upload, today=study.today, coverage=central.coverage)
        links = link(connection, submission, today=study.today)
    return Prepared(study, submission, links, build(submission, links)[0], build)


def planned(study: Study, **where: tuple[Any, ...]) -> Study:
    """The study with a second analysis, of those who meet the conditions (underscores of `group_` stand for a colon)."""
    conditions = {name.replace("group_", "group:"): values for name, values in where.items()}
    return dataclasses.replace(
        study, analyses=(study.analysis, dataclasses.replace(study.analysis, name="part", headline="", where=conditions))
    )


def of_rows(prepared: Prepared, rows: list[int]) -> tuple[Submission, Links]:
    """The upload and links of these rows alone; everybody who was submitted stays out of the pool."""
    kept = pa.array(rows, pa.int64())
    people = prepared.submission.people
    alone = people.filter(pc.is_in(people["row"], value_set=kept))
    table = prepared.links.links
    named = set(pc.drop_null(table["person_id"]).to_pylist())
    links = dataclasses.replace(
        prepared.links,
        links=table.filter(pc.is_in(table["row"], value_set=kept)),
        seen_person_ids=frozenset(prepared.links.seen_person_ids | named),
    )
    return dataclasses.replace(prepared.submission, people=alone, submitted=alone.num_rows), links


def numbers(found: AnalysisFindings) -> list[float]:
    """Every figure of an analysis that does not name a row."""
    values = [float(value) for value in dataclasses.astuple(found.people)]
    for outcome in found.outcomes:
        effect = outcome.effect
        values += [outcome.treated, outcome.comparison, float(outcome.n_treated), float(outcome.n_comparison)]
        values += [] if effect is None else [effect.estimate, effect.low, effect.high, effect.p]
    values += [line.smd for line in found.balance.covariates] if found.balance else []
    return values


@pytest.mark.parametrize(
    "where", [{"group_completed": ("yes",)}, {"cohort_year": (2011, 2012, 2013)}, {"group_site": ("HMP Priory Road",)}], ids=str
)
def test_an_analysis_equals_a_study_of_its_people_alone(prepared: Prepared, where: dict[str, tuple[Any, ...]]) -> None:
    study = planned(prepared.study, **where)
    facts, (cohort, table) = _facts(prepared), prepared.build(prepared.submission, prepared.links)
    assert set(cohort.events["delay_days"].to_pylist()) == {0}
    _, part = make_analyses(study, table, facts, analysis_settings).analyses
    alone, own_table = prepared.build(*of_rows(prepared, _rows_of(part, cohort)))
    own_facts = gather_facts(alone, prepared.submission.people, prepared.submission.group_columns)
    (only,) = make_analyses(prepared.study, own_table, own_facts, analysis_settings).analyses
    assert part.people.treated > 60
    assert (part.status, part.match_settings, part.warnings) == (only.status, only.match_settings, only.warnings)
    np.testing.assert_allclose(numbers(part), numbers(only), rtol=1e-9, atol=1e-12)


def _facts(prepared: Prepared) -> EventFacts:
    return gather_facts(prepared.cohort, prepared.submission.people, prepared.submission.group_columns)


def _rows_of(found: AnalysisFindings, cohort: Cohort) -> list[int]:
    assert found.members is not None
    inside = pc.is_in(cohort.events["event_id"], value_set=pa.array(found.members.treated))
    return [row for row in cohort.events.filter(inside)["row"].to_pylist() if row is not None]


def test_the_headline_is_the_same_whatever_stands_beside_it(prepared: Prepared) -> None:
    _, table = prepared.build(prepared.submission, prepared.links)
    facts = _facts(prepared)
    (alone,) = make_analyses(prepared.study, table, facts, analysis_settings).analyses
    beside, part = make_analyses(planned(prepared.study, sex=("M",)), table, facts, analysis_settings).analyses
    np.testing.assert_array_equal(numbers(alone), numbers(beside))
    assert alone.outcomes[0].p_holm == beside.outcomes[0].p_holm
    assert beside.outcomes[1].p_holm >= alone.outcomes[1].p_holm
    swapped = dataclasses.replace(planned(prepared.study, sex=("M",)).analyses[1], headline="rate")
    (only,) = make_analyses(dataclasses.replace(prepared.study, analyses=(swapped,)), table, facts, analysis_settings).analyses
    np.testing.assert_array_equal(numbers(only), numbers(part))


def test_levels_are_the_same_whatever_the_order_of_the_upload(prepared: Prepared) -> None:
    people = prepared.submission.people
    mixed = people.take(pa.array(np.random.default_rng(4).permutation(people.num_rows)))
    facts, again = _facts(prepared), gather_facts(prepared.cohort, mixed, prepared.submission.group_columns)
    assert facts.submitted == again.submitted
    for name in facts.groups:
        np.testing.assert_array_equal(facts.groups[name], again.groups[name])
