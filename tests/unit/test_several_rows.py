"""Which rows each analysis of a study takes, how `each` becomes analyses, and what a part of the table holds."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.spec.test_study_analyses import EVERYONE, HEAD

from datalab.cohort import require_valid_attrition, with_analysis, with_matched
from datalab.cohort.attrition import count_attrition
from datalab.cohort.facts import EventFacts, fold
from datalab.effects.multiplicity import COULD_BE_CHANCE, adjust_analyses
from datalab.effects.results import AnalysisFindings, Effect
from datalab.errors import InternalError
from datalab.several import NO_GROUP, NO_LEVEL, NO_VALUE, families_to_build, list_lines, measures_to_build, part_table, rows_of
from datalab.study import MatchingPlan, Study, parse_study
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

# One row a person: treated, kind, region, year, quarter, sex, site. The first five took part.
PEOPLE = (
    (True, "release", "london", 2012, "2012Q1", "M", "HMP A"),
    (True, "release", "wales", 2012, "2012Q3", "F", "hmp  a"),
    (True, "court_order", "wales", 2013, "2013Q1", "M", "HMP B"),
    (True, "release", "london", 2013, "2013Q2", "M", ""),
    (True, "release", "east", 2012, "2012Q2", "F", "Ж"),
    (False, "release", "london", 2012, "2012Q1", "M", ""),
    (False, "release", "wales", 2012, "2012Q4", "F", ""),
    (False, "court_order", "wales", 2013, "2013Q1", "F", ""),
    (False, "caution", "london", 2013, "2013Q2", "M", ""),
    (False, "release", "east", 2013, "2013Q2", "M", ""),
)
COLUMN = "group:site"


@pytest.fixture
def facts() -> EventFacts:
    treated, kind, region, year, quarter, sex, site = (np.array(column) for column in zip(*PEOPLE, strict=True))
    written = {fold(name): name for name in ("hmp  a", "HMP A", "HMP B", "Ж", "HMP C")}
    return EventFacts(
        treated=treated,
        recorded={
            "setting": np.where(kind == "release", "custody", "community"),
            "index_kind": kind,
            "region": region,
            "cohort_year": year,
            "sex": sex,
        },
        groups={COLUMN: np.array([fold(name) for name in site.tolist()])},
        submitted={COLUMN: written},
        quarter=quarter,
        died=np.zeros(len(PEOPLE), dtype=bool),
    )


def study_of(tables: str, **cohort: str) -> Study:
    study = parse_study(tomllib.loads(HEAD + EVERYONE + tables), Path())
    return dataclasses.replace(study, cohort=dataclasses.replace(study.cohort, **cohort))


def rows(facts: EventFacts, condition: str, **cohort: str) -> list[int]:
    study = study_of(f'[[analysis]]\nname = "a"\nwhere = {condition}\n', **cohort)
    return np.flatnonzero(rows_of(study.analyses[1], study, facts)).tolist()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ region = "wales" }', [1, 2, 6, 7]),
        ('{ sex = "F" }', [1, 4]),
        ("{ cohort_year = 2013 }", [2, 3, 7, 9]),
        ('{ setting = "community" }', [2, 7]),
        ('{ index_kind = "release", region = ["london", "east"] }', [0, 3, 4, 5, 9]),
        ('{ "group:site" = "hmp a" }', [0, 1, 5]),
        ('{ "group:site" = ["HMP A", "HMP B"], sex = "M" }', [0, 2, 5]),
    ],
)
def test_conditions_hold_for_the_pool_where_it_is_recorded(facts: EventFacts, condition: str, expected: list[int]) -> None:
    """The pool is that of a study of these people alone: their kinds of event, from their first quarter to their last."""
    assert rows(facts, condition) == expected


def test_a_pool_reaches_from_the_first_to_the_last_quarter(facts: EventFacts) -> None:
    assert 6 not in rows(facts, '{ "group:site" = "HMP A" }'), "2012Q4 is after the last of them, 2012Q3"


def test_a_regional_plan_keeps_each_pool_to_the_regions_of_its_own_people(facts: EventFacts) -> None:
    national, regional = rows(facts, "{ cohort_year = 2013 }"), rows(facts, "{ cohort_year = 2013 }", region="regional")
    assert 9 in national and 9 not in regional


def test_each_makes_an_analysis_a_level_that_somebody_has(facts: EventFacts) -> None:
    """In the order of the schema, or of the values; spellings of one value are one; an empty cell is none."""
    study = study_of(f'[[analysis]]\neach = "region"\n[[analysis]]\neach = "{COLUMN}"\n[[analysis]]\neach = "cohort_year"\n')
    lines = list_lines(study, facts)
    assert [line.plan.name for line in lines] == [
        "everyone",
        "region-east",
        "region-london",
        "region-wales",
        "site-hmp-a",
        "site-hmp-b",
        "site-level",
        "cohort-year-2012",
        "cohort-year-2013",
    ]
    assert [line.planned for line in lines] == [True, *[False] * 8]
    assert lines[4].plan.where == {COLUMN: ("hmp a",)}


def test_each_goes_with_conditions_and_with_what_it_matches_on(facts: EventFacts) -> None:
    study = study_of('[[analysis]]\neach = "sex"\nwhere = { region = ["wales", "east"] }\ncaliper_sd_logit = 0.1\n')
    male, female = list_lines(study, facts)[1:]
    assert male.plan.where == {"region": ("wales", "east"), "sex": ("M",)}
    assert (male.plan.name, female.plan.name) == ("sex-male", "sex-female")
    assert female.plan.caliper_sd_logit == 0.1


def test_two_levels_never_share_a_name(facts: EventFacts) -> None:
    groups = {COLUMN: np.array(["hmp a", "hmp-a", "hmp.a", "", "", *[""] * 5])}
    again = dataclasses.replace(facts, groups=groups, submitted={COLUMN: dict.fromkeys(groups[COLUMN].tolist(), "x")})
    study = study_of(f'[[analysis]]\neach = "{COLUMN}"\n[[analysis]]\nname = "site-hmp-a"\nwhere = {{ sex = "F" }}\n')
    assert [line.plan.name for line in list_lines(study, again)][1:] == [
        "site-hmp-a-2",
        "site-hmp-a-3",
        "site-hmp-a-4",
        "site-hmp-a",
    ]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('name = "a"\nwhere = { "group:course" = "x" }', NO_GROUP),
        ('each = "group:course"', NO_GROUP),
        ('name = "a"\nwhere = { "group:site" = ["HMP A", "HMP D"] }', NO_VALUE),
        ('name = "a"\nwhere = { "group:site" = "HMP C" }', ""),  # in the upload, though nobody eligible has it
        ('each = "group:site"\nwhere = { region = "london", sex = "F" }', NO_LEVEL),
    ],
)
def test_what_the_upload_cannot_answer_is_named(facts: EventFacts, table: str, reason: str) -> None:
    (line,) = list_lines(study_of(f"[[analysis]]\n{table}\n"), facts)[1:]
    assert (line.impossible, line.planned) == (reason, True)


def make_part(rows: list[int], matching: Mapping[str, Any]) -> AnalysisTable:
    n = len(PEOPLE)
    covariates = (
        Covariate(
            "sex", "Sex", np.array([0 if p[5] == "F" else 1 for p in PEOPLE]), ("F", "M"), ("Female", "Male"), "demographics"
        ),
        Covariate("age_years", "Age", np.arange(n) * 1.0, family="demographics"),
        Covariate(
            "index_kind", "Kind", np.array([0, 0, 1, 0, 0, 0, 0, 1, 2, 0]), ("release", "court_order", "caution"), (), "index"
        ),
    )
    outcomes = tuple(Outcome(Measure(name, "binary", name), np.arange(n) % 2.0) for name in ("rate", "custody_rate"))
    zeros = np.zeros(n, dtype=np.int64)
    table = AnalysisTable(np.arange(n), np.arange(n), np.array([p[0] for p in PEOPLE]), covariates, outcomes, zeros, zeros - 1)
    chosen = np.isin(np.arange(n), rows)
    return part_table(table, chosen, MatchingPlan(**matching), ("custody_rate",))


def test_a_part_holds_its_own_families_strata_outcomes_and_levels() -> None:
    part = make_part([1, 2, 4, 6, 7], {"families": ("demographics",), "exact": ("index_kind",)})
    assert [covariate.name for covariate in part.covariates] == ["sex", "age_years"]
    assert [outcome.measure.name for outcome in part.outcomes] == ["custody_rate"]
    assert np.unique(part.strata, return_inverse=True)[1].tolist() == [1, 0, 1, 1, 0]
    women = make_part([1, 4, 6, 7], {"families": ("demographics", "index"), "exact": ("sex", "index_kind")})
    assert [(covariate.name, covariate.levels) for covariate in women.covariates] == [
        ("age_years", ()),
        ("index_kind", ("release", "court_order")),
    ]
    assert any("sex" in warning for warning in women.warnings)


def test_families_and_measures_are_built_once_for_all() -> None:
    study = study_of('[[analysis]]\nname = "a"\noutcomes = ["rate", "custody_rate"]\nfamilies = ["work"]\n', region="national")
    head = dataclasses.replace(study.matching, families=("index",), exact=("sex",))
    study = dataclasses.replace(study, matching=head)
    assert families_to_build(study) == ("demographics", "index", "work")
    assert measures_to_build(study) == ("rate", "frequency", "custody_rate")


def test_the_ladder_has_a_step_for_those_outside_the_headline_analysis() -> None:
    steps = with_matched(with_analysis(count_attrition(100, {"duplicate": 10}), 60), 58)
    assert [(step.step, step.n, step.lost) for step in steps[-2:]] == [("in_analysis", 60, 30), ("matched", 58, 2)]
    require_valid_attrition(steps)
    with pytest.raises(InternalError):
        with_analysis(steps, 200)


def with_p(found: AnalysisFindings, *values: float) -> AnalysisFindings:
    def effect(p: float) -> Effect:
        side = 0.01 if p < 0.05 else -0.01
        return Effect(0.1, side, 0.2, 0.05, p, 50.0, "influence_t")

    outcomes = tuple(
        dataclasses.replace(o, effect=effect(p), verdict="higher" if p < 0.05 else "more_people", notes=())
        for o, p in zip(found.outcomes, values, strict=True)
    )
    return dataclasses.replace(found, outcomes=outcomes)


def test_one_family_over_all_analyses_and_the_headline_alone() -> None:
    """Holm by hand: 0.01, 0.03 and 0.04 beside the headline's 0.02."""
    from tests.findings_factory import Made, make_analysis

    from datalab.fields.justice.measures import BY_NAME

    made = Made(measures=(BY_NAME["rate"], BY_NAME["frequency"]))
    whole = with_p(make_analysis("everyone", made), 0.02, 0.04)
    part = make_analysis("men", made)
    part = dataclasses.replace(part, outcomes=tuple(dataclasses.replace(o, role="secondary") for o in part.outcomes))
    adjusted = adjust_analyses((whole, with_p(part, 0.01, 0.03)))
    flat = [outcome for found in adjusted for outcome in found.outcomes]
    assert [outcome.p_holm for outcome in flat[1:]] == pytest.approx([0.06, 0.03, 0.06])
    assert flat[0].notes == () and [COULD_BE_CHANCE in outcome.notes for outcome in flat[1:]] == [True, False, True]
    assert adjust_analyses(adjusted) == adjusted, "adjusting again changes nothing"
