"""The grammar of `[[analysis]]` tables: what each TOML text becomes, and the sentence that refuses what it may not be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from datalab.chain import analysis_settings
from datalab.errors import InputError
from datalab.several import families_to_build
from datalab.study import Study, deviations, parse_study
from datalab.study_analyses import AnalysisPlan

HEAD = """
format = 1
id = "workshop"
title = "Workshop"
today = 2016-01-31
[inputs]
upload = "u.csv"
central = "c"
[programme]
kind = "employment"
setting = "both"
start = 2012-01-01
end = 2012-12-31
"""
EVERYONE = '[[analysis]]\nname = "everyone"\nheadline = "rate"\noutcomes = ["rate", "frequency"]\n'


def study(tables: str, matching: str = "", head: str = EVERYONE) -> Study:
    return parse_study(tomllib.loads(HEAD + matching + head + tables), Path())


def faults(tables: str, matching: str = "", head: str = EVERYONE) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        study(tables, matching, head)
    return caught.value.faults


def second(text: str) -> AnalysisPlan:
    return study(f"[[analysis]]\n{text}\n").analyses[1]


def test_outcomes_and_matching_are_those_of_the_headline_where_nothing_else_is_said() -> None:
    found = study('[[analysis]]\nname = "completers"\nwhere = { "group:completed" = "yes" }\n')
    plan = found.analyses[1]
    assert (plan.outcomes, plan.headline, plan.where) == (("rate", "frequency"), "", {"group:completed": ("yes",)})
    assert found.matching_of(plan) == found.matching


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('where = { region = ["london", "wales"], sex = "F" }', {"region": ("london", "wales"), "sex": ("F",)}),
        ("where = { cohort_year = 2012 }", {"cohort_year": (2012,)}),
        ('where = { setting = "custody", index_kind = "release" }', {"index_kind": ("release",), "setting": ("custody",)}),
        ('where = { "group:site" = ["HMP A", "HMP B"] }', {"group:site": ("HMP A", "HMP B")}),
    ],
)
def test_conditions_are_a_value_or_a_list_each(text: str, where: dict[str, object]) -> None:
    assert second(f'name = "a"\n{text}').where == where


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('each = "region"', "region"),
        ('each = "cohort_year"', "cohort-year"),
        ('each = "group:site_name"', "site-name"),
        ('name = "by-sex"\neach = "sex"', "by-sex"),
    ],
)
def test_each_needs_no_name(text: str, name: str) -> None:
    assert second(text).name == name


def test_stated_effects_are_the_headlines_where_an_analysis_names_none() -> None:
    head = EVERYONE + "stated_effects = { rate = 0.08, frequency = 0.2 }\n"
    more = '[[analysis]]\nname = "men"\noutcomes = ["rate", "days_to_first"]\n[[analysis]]\nname = "b"\n'
    found = study(more + "stated_effects = { rate = 0.03 }", head=head)
    assert [dict(plan.stated_effects) for plan in found.analyses] == [
        {"rate": 0.08, "frequency": 0.2},
        {"rate": 0.08},
        {"rate": 0.03},
    ]
    assert [dict(analysis_settings(found, plan).stated_effects) for plan in found.analyses][2] == {"rate": 0.03}
    assert found.plan_sha256 != study(more).plan_sha256
    assert "stated_effects" not in study(more).settings()["analyses"][0]  # the hash of a plan without them stays


def test_the_headline_stands_first_wherever_it_is_written() -> None:
    found = parse_study(tomllib.loads(HEAD + '[[analysis]]\nname = "men"\nwhere = { sex = "M" }\n' + EVERYONE), Path())
    assert [plan.name for plan in found.analyses] == ["everyone", "men"]
    assert found.analysis.name == "everyone"


def test_an_analysis_may_match_otherwise() -> None:
    found = study('[[analysis]]\nname = "a"\nwhere = { sex = "F" }\nexact = []\ncaliper_sd_logit = 0.1\nfamilies = ["index"]\n')
    own = found.matching_of(found.analyses[1])
    assert (own.exact, own.caliper_sd_logit, own.families) == ((), 0.1, ("index",))
    assert own.method == found.matching.method


def test_people_may_be_matched_within_their_region() -> None:
    found = study('[[analysis]]\nname = "a"\nexact = ["sex", "region"]', '[matching]\nexact = ["sex", "region", "index_kind"]\n')
    assert [found.matching_of(plan).exact for plan in found.analyses] == [("sex", "region", "index_kind"), ("sex", "region")]
    assert "region" in families_to_build(study("", '[matching]\nexact = ["region"]\nfamilies = ["index"]\n'))


def test_the_needs_design_is_one_line() -> None:
    assert study("", "[matching]\nneeds_design = true\n").analysis.needs_design
    found = study('[[analysis]]\nname = "men"\nwhere = { sex = "M" }\nneeds_design = true\n')
    assert [plan.needs_design for plan in found.analyses] == [False, True]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ('[[analysis]]\nwhere = { sex = "F" }', "is missing."),
        ('[[analysis]]\nname = "a"\nwher = { sex = "F" }', "Did you mean where?"),
        ('[[analysis]]\nname = "a"\nwhere = { sexx = "F" }', "Did you mean sex?"),
        ('[[analysis]]\nname = "a"\nwhere = { sex = "female" }', "a.where.sex must be one of M, F, U. You gave female."),
        ('[[analysis]]\nname = "a"\nwhere = { region = ["lundon"] }', "Did you mean london?"),
        ('[[analysis]]\nname = "a"\nwhere = { region = [] }', "a.where.region must be a value or a list"),
        ('[[analysis]]\nname = "a"\nwhere = { region = ["wales", "wales"] }', "a.where.region names something twice."),
        ('[[analysis]]\nname = "a"\nwhere = { cohort_year = "2012" }', "write it without quotation marks"),
        ('[[analysis]]\nname = "a"\nwhere = { cohort_year = 12 }', "at least 1,900"),
        ('[[analysis]]\nname = "a"\nwhere = { "group:" = "x" }', "group:NAME"),
        ('[[analysis]]\nname = "a"\nwhere = { "group:site" = 3 }', "must be a text"),
        ('[[analysis]]\nname = "a"\nwhere = {}', "must be a table of conditions"),
        ('[[analysis]]\nname = "a"\nwhere = "sex"', "must be a table of conditions"),
        ('[[analysis]]\neach = "regions"', "Did you mean region?"),
        ('[[analysis]]\neach = "sex"\nwhere = { sex = "F" }', "must not name sex in both each and where"),
        ('[[analysis]]\nname = "everyone"\nwhere = { sex = "F" }', "Two [[analysis]] tables are called everyone."),
        ('[[analysis]]\neach = "sex"\n[[analysis]]\neach = "sex"', "Two [[analysis]] tables are called sex."),
        ('[[analysis]]\nname = "b"\nheadline = "rate"\noutcomes = ["rate"]', "Exactly one [[analysis]] table"),
        ('[[analysis]]\nname = "a"\noutcomes = ["rat"]', "Did you mean rate?"),
        ('[[analysis]]\nname = "a"\ncaliper_sd_logit = 0', "a.caliper_sd_logit must be greater than 0"),
        ('[[analysis]]\nname = "a"\nneeds_design = "yes"', "a.needs_design must be true or false"),
        ('[[analysis]]\nname = "a"\neffect = 0.08', "Did you mean stated_effects?"),
        ('[[analysis]]\nname = "a"\nstated_effects = 0.08', "a.stated_effects must be a table of measures"),
        ('[[analysis]]\nname = "a"\nstated_effects = { rat = 0.08 }', "Did you mean rate?"),
        ('[[analysis]]\nname = "a"\nstated_effects = { rate = 8 }', "a.stated_effects.rate must be greater than 0 and at most 1"),
        ('[[analysis]]\nname = "a"\nstated_effects = { frequency = 0 }', "a.stated_effects.frequency must be greater than 0"),
        ('[[analysis]]\nname = "a"\nstated_effects = { days_to_first = 10 }', "must be one of rate, frequency"),
        ('[[analysis]]\nname = "a"\noutcomes = ["rate"]\nstated_effects = { frequency = 0.1 }', "must be one of rate. "),
        ('[[analysis]]\nname = "a"\nfamilies = ["needs"]\nneeds_design = true', "another family of covariates beside needs"),
    ],
)
def test_each_fault_has_its_sentence(tables: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(tables)), faults(tables)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", "at least one [[analysis]] table"),
        ('[[analysis]]\nname = "a"\noutcomes = ["rate"]\n', "Exactly one [[analysis]] table must have the key headline"),
        ('[[analysis]]\nname = "a"\nheadline = "rate"\n', "analysis.outcomes is missing."),
        ('[[analysis]]\neach = "sex"\nheadline = "rate"\noutcomes = ["rate"]\n', "must not have both headline and each"),
        ('[analysis]\nname = "a"\n', "at least one [[analysis]] table"),
    ],
)
def test_a_study_has_one_headline(head: str, expected: str) -> None:
    assert any(expected in fault for fault in faults("", head=head))


def test_the_examples_of_the_documentation_are_valid_plans() -> None:
    page = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
    found = parse_study(tomllib.loads(page.split("```toml\n")[1].split("```")[0]), Path())
    assert [plan.name for plan in found.analyses] == [
        "everyone",
        "completers",
        "young-women-in-two-regions",
        "region",
        "site-of-men",
    ]
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    tables = readme.split("```toml\n")[1].split("```")[0]
    assert len(study("", head=tables).analyses) == 3


def test_every_fault_of_every_table_is_named_at_once() -> None:
    found = faults('[[analysis]]\nname = "a"\nwhere = { sexx = "F", region = "lundon" }\n[[analysis]]\neach = 3\nextra = 1\n')
    assert len(found) == 3
    assert "sexx" in found[0] and "lundon" in found[0]


def test_the_hash_covers_every_analysis_and_not_how_it_is_written() -> None:
    men = '[[analysis]]\nname = "men"\nwhere = { sex = "M" }\n'
    base = study(men).plan_sha256
    assert study(men.replace('"M"', '["M"]')).plan_sha256 == base
    assert study(men + 'outcomes = ["rate", "frequency"]\n').plan_sha256 == base
    for other in (men.replace('"M"', '"F"'), men + "caliper_sd_logit = 0.1\n", men.replace("men", "males"), ""):
        assert study(other).plan_sha256 != base


def test_deviations_name_the_analysis() -> None:
    registered = study('[[analysis]]\nname = "men"\nwhere = { sex = "M" }\n')
    run = study('[[analysis]]\nname = "men"\nwhere = { sex = ["M", "U"] }\n[[analysis]]\neach = "region"\n')
    said = deviations(run, registered)
    assert "analysis.men.where.sex: registered as M, run as M, U." in said
    assert any(line.startswith("analysis.region.each: registered as not set") for line in said)
