"""Calls of `evaluate` with things of the wrong kind: each answered with a sentence or taken as meant, never a traceback."""

from __future__ import annotations

import numpy as np
import pytest
from tests.integration.test_evaluate_bad_tables import people

import datalab as dl
from datalab.errors import InputError, UsageError

COVARIATES = ["age", "area"]


def ask(**asked: object) -> dl.Evaluation:
    frame = asked.pop("frame", None)
    settings = {"outcomes": "back:binary", "covariates": COVARIATES, "sensitivity": False, **asked}
    return dl.evaluate(people() if frame is None else frame, treatment="part", **settings)  # type: ignore[arg-type]


def refusal(**asked: object) -> str:
    with pytest.raises(UsageError) as caught:
        ask(**asked)
    return str(caught.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"outcomes": [("back", "binary")]}, "outcome must be COLUMN:KIND"),
        ({"outcomes": 5}, "outcome must be COLUMN:KIND"),
        ({"research": "no"}, "research must be true or false. You gave no."),
        ({"sensitivity": "no"}, "sensitivity must be true or false. You gave no."),
        ({"covariates": [("age",)]}, "covariates must be the names of columns. You gave ('age',)."),
        ({"covariates": 1.5}, "covariates must be the names of columns. You gave 1.5."),
        ({"exact": True}, "exact must be the names of columns. You gave True."),
        ({"cluster": 1.5}, "cluster must be the name of a column. You gave 1.5."),
        ({"person": ["a"]}, "person must be the name of a column. You gave ['a']."),
        ({"title": 7}, "title must be a text. You gave 7."),
        ({"outcomes": "days:time:came", "horizon": "52"}, "horizon must be at least 0.001"),
        ({"outcomes": "days:time:came", "horizon": float("inf")}, "horizon must be at least 0.001"),
        ({"outcomes": "days:time:came", "horizon": float("nan")}, "horizon must be at least 0.001"),
        ({"outcomes": "days:time:came", "horizon": -5}, "horizon must be at least 0.001"),
        ({"outcomes": "days:time:came", "horizon": 1e300}, "horizon must be at least 0.001"),
        ({"outcomes": "days:time:came"}, "A time outcome needs a horizon"),
        ({"bootstrap": "x"}, "bootstrap must be"),
        ({"bootstrap": None}, "bootstrap must be"),
        ({"method": None}, "method must be one of"),
        ({"memory": -1}, "memory must be a whole number at least 1"),
        ({"memory": "much"}, "memory must be a whole number at least 1"),
    ],
)
def test_a_wrong_call_is_refused_in_a_sentence(asked: dict[str, object], words: str) -> None:
    assert words in refusal(**asked)


def test_none_is_the_same_as_leaving_it_out() -> None:
    frame = people()[["part", "back", *COVARIATES]]
    left = dl.evaluate(frame, treatment="part", outcomes="back:binary", sensitivity=False)
    none = ask(frame=frame, covariates=None, exact=None, person=None, cluster=None, title=None)
    assert none.body == left.body


def test_a_treatment_that_is_no_name_is_refused() -> None:
    with pytest.raises(UsageError, match=r"treatment must be the name of a column\. You gave None"):
        dl.evaluate(people(), treatment=None, outcomes="back:binary")  # type: ignore[arg-type]


def test_columns_named_by_whole_numbers_are_found() -> None:
    frame = people()
    numbered = frame.rename(columns={"age": 0, "area": 1})
    wanted = ask(frame=frame).outcome("back").effect
    assert ask(frame=numbered, covariates=[0, np.int64(1)]).outcome("back").effect == wanted
    with pytest.raises(InputError) as caught:
        ask(frame=numbered, covariates=[0, 7])
    assert caught.value.faults == ("covariates must be one of part, 0, 1, back, times, days, came. You gave 7.",)


def test_scalars_of_numpy_are_numbers() -> None:
    wanted = ask(method="nearest", ratio=2, replacement=True, bootstrap=100, seed=3)
    found = ask(method="nearest", ratio=np.int64(2), replacement=np.bool_(True), bootstrap=np.int64(100), seed=np.int32(3))
    assert found.body == wanted.body
    assert ask(research=np.bool_(False), caliper_sd_logit=np.float32(0.25)).body == ask(caliper_sd_logit=0.25).body


def test_numbers_of_64_bits_are_refused_or_left_out_with_a_sentence() -> None:
    frame = people()
    for key in ((np.arange(len(frame)) * 7919 + 2**60), frame["times"].to_numpy().astype("uint64") + np.uint64(2**63)):
        big = frame.assign(key=key)
        sentence = "key holds numbers beyond 1e+12, more than can be worked with. Correct them, or use a larger unit."
        with pytest.raises(InputError) as caught:
            ask(frame=big, covariates=[*COVARIATES, "key"])
        assert caught.value.faults == (sentence,)
        assert f"{sentence} It was left out." in ask(frame=big, covariates=()).analysis.warnings
    assert ask(frame=frame.assign(key=np.arange(len(frame)) + 2**60), person="key").outcome("back").effect is not None


@pytest.mark.parametrize("empty", [None, np.nan], ids=["text", "number"])
def test_an_empty_covariate_is_left_out_and_told_whatever_its_type(empty: object) -> None:
    found = ask(frame=people().assign(z=empty), covariates=[*COVARIATES, "z"])
    assert "z is empty in every row. Leave it out, or fill it in. It was left out." in found.analysis.warnings
    typed = people().assign(z=None).astype({"z": "string"})
    assert ask(frame=typed, covariates=[*COVARIATES, "z"]).analysis.warnings == found.analysis.warnings


def test_a_picture_is_saved_into_a_folder_that_is_made(tmp_path) -> None:
    path = ask().plot_balance().save(tmp_path / "new" / "p.svg")
    assert path.is_file()
