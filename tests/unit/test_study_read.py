"""Reading a study: every fault at once, the nearest name, and a hash that covers the plan and only the plan."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from datalab.errors import InputError
from datalab.study import deviations, parse_study, read_study

PLAN: dict[str, Any] = {
    "format": 1,
    "id": "workshop",
    "title": "Workshop",
    "today": dt.date(2016, 1, 31),
    "inputs": {"upload": "u.csv", "central": "c"},
    "programme": {"kind": "employment", "setting": "custody", "start": dt.date(2012, 1, 1), "end": dt.date(2012, 12, 31)},
    "analysis": [{"name": "everyone", "headline": "rate", "outcomes": ["rate", "frequency"]}],
}


def changed(**tables: Any) -> dict[str, Any]:
    plan = copy.deepcopy(PLAN)
    plan.update(tables)
    return plan


def faults_of(plan: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        parse_study(plan, Path())
    return caught.value.faults


def test_defaults_are_those_of_the_design() -> None:
    study = parse_study(PLAN, Path("somewhere"))
    assert (study.seed, study.matching.match.chosen["caliper_sd_logit"], study.cohort.minimum_age_years) == (1, 0.2, 18)
    assert study.inputs.upload == Path("somewhere/u.csv")


def test_hash_ignores_where_the_inputs_lie_and_nothing_else() -> None:
    base = parse_study(PLAN, Path()).plan_sha256
    assert parse_study(changed(inputs={"upload": "other.csv", "central": "d"}), Path("x")).plan_sha256 == base
    assert parse_study(changed(seed=2), Path()).plan_sha256 != base
    assert parse_study(changed(matching={"caliper_sd_logit": 0.2}), Path()).plan_sha256 == base


def test_every_fault_is_named_at_once() -> None:
    plan = changed(sed=3, title="", matching={"methd": "radius", "caliper_sd_logit": -1})
    del plan["programme"]["kind"]
    faults = faults_of(plan)
    assert len(faults) == 5
    assert any("seed" in fault and "sed" in fault for fault in faults)
    assert any(fault.startswith("a key or table of the study must be one of format, id") for fault in faults)
    assert any(
        fault.startswith("a key of [matching] must be one of method,") and "Did you mean method?" in fault for fault in faults
    )
    assert any("programme.kind is missing." in fault for fault in faults)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"analysis": []}, "at least one"),
        ({"analysis": [PLAN["analysis"][0]] * 2}, "Exactly one"),
        ({"analysis": [{"name": "a", "headline": "rate", "outcomes": ["frequency"]}]}, "must hold the headline measure rate"),
        ({"cohort": {"exclude": ["sexul"]}}, "Did you mean sexual?"),
        ({"cohort": "x"}, "must be a table"),
        ({"format": 2}, "format must be one of 1"),
        ({"id": "Has Space"}, "small letters"),
        ({"today": "2016-01-31"}, "without quotation marks"),
        ({"programme": PLAN["programme"] | {"end": dt.date(2011, 1, 1)}}, "must not be before"),
        (
            {"programme": PLAN["programme"] | {"start": dt.date(2019, 1, 1), "end": dt.date(2019, 2, 1)}},
            "must not be after today",
        ),
        ({"analysis": [PLAN["analysis"][0] | {"headlin": "rate"}]}, "a key of [[analysis]] must be one of name,"),
        ({"cohort": {"follow_up_months": 18}}, "cohort.follow_up_months must be 12 or 24. You gave 18."),
        (
            {"cohort": {"follow_up_months": "12"}},
            "cohort.follow_up_months must be 12 or 24. You gave the text 12: write it without quotation marks.",
        ),
        ({"cohort": {"follow_up_months": "a year"}}, 'cohort.follow_up_months must be 12 or 24. You gave "a year".'),
        ({"seed": -1}, "seed must be a whole number at least 0 and at most 4,294,967,295. You gave -1."),
        ({"matching": {"caliper_sd_logit": 0}}, "must be greater than 0 and at most 5. You gave 0. 0.2 is the usual choice;"),
        ({"matching": {"exact": ["sex", "sex"]}}, "twice"),
        ({"matching": {"families": []}}, "must be a list"),
    ],
)
def test_each_rule_has_its_sentence(table: dict[str, Any], expected: str) -> None:
    assert any(expected in fault for fault in faults_of(changed(**table)))


def test_deviations_name_what_changed() -> None:
    ours, theirs = parse_study(changed(seed=2), Path()), parse_study(PLAN, Path())
    assert deviations(ours, theirs) == ("seed: registered as 1, run as 2.",)
    assert deviations(theirs, theirs) == ()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"format = ", b"format = 1"])
def test_files_that_are_no_study_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_study(path)


def test_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="world make"):
        read_study(tmp_path / "none.toml")


def test_a_plan_names_its_method_and_the_settings_that_it_uses() -> None:
    cut = {"method": "cem", "cutpoints": {"age": [25, 40]}, "on": ["age", "sex"], "exact": ["sex"]}
    study = parse_study(changed(matching=cut, effects={"outcome_model": "boosted", "bootstrap": 500}), Path())
    assert study.matching.match.settings() == {
        "method": "cem",
        "on": ["age", "sex"],
        "cutpoints": {"age": [25.0, 40.0]},
        "terms": "auto",
    }
    assert study.settings()["matching"] | {"families": []} == {
        **study.matching.match.settings(),
        "exact": ["sex"],
        "families": [],
    }
    assert study.bootstrap is not None
    assert (study.bootstrap.replicates, study.bootstrap.seed) == (500, 1)
    assert parse_study(PLAN, Path()).bootstrap is None
    assert study.plan_sha256 != parse_study(PLAN, Path()).plan_sha256


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"matching": {"method": "ipw", "caliper_sd_logit": 0.2}}, "matching.caliper_sd_logit must be left out with method ipw"),
        ({"matching": {"ratio": 2}}, "matching.ratio must be left out with method radius"),
        ({"matching": {"method": "nearst"}}, "Did you mean nearest?"),
        ({"matching": {"method": "nearest", "ratio": 0}}, "matching.ratio must be a whole number at least 1"),
        ({"matching": {"method": "classic"}, "effects": {"outcome_model": "ridge"}}, "effects.outcome_model must be left out"),
        ({"effects": {"bootstrap": 10}}, "effects.bootstrap must be a whole number at least 100"),
        ({"effects": {"outcome_model": "trees"}}, "effects.outcome_model must be one of ridge, boosted"),
        ({"effects": {"boot": 100}}, "Did you mean bootstrap?"),
    ],
)
def test_what_the_method_does_not_use_is_refused_by_name(tables: dict[str, Any], expected: str) -> None:
    faults = faults_of(changed(**tables))
    assert len(faults) == 1
    assert expected in faults[0]
