"""Columns that join rows (`person`, `cluster`) and what `evaluate` does where they say nothing, or say two things."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.integration.test_evaluate_bad_tables import people

import datalab as dl
from datalab.errors import InputError


def ask(frame: object, **asked: object) -> dl.Evaluation:
    settings = {"covariates": ["age", "area"], "sensitivity": False, **asked}
    return dl.evaluate(frame, treatment="part", outcomes="back:binary", **settings)  # type: ignore[arg-type]


def faults_of(frame: object, **asked: object) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        ask(frame, **asked)
    return caught.value.faults


def with_ids() -> pd.DataFrame:
    frame = people()
    return frame.assign(pid=np.arange(len(frame)), site=np.arange(len(frame)) % 8)


PERSON = (
    "pid is missing in 1,000 rows, which would all count as one person. Fill it in, remove those rows, or leave person out where"
    " each row is a person."
)


@pytest.mark.parametrize(
    "ids",
    [
        lambda pid: pid.where(pid % 2 == 0).astype("Int64"),
        lambda pid: pid.where(pid % 2 == 0),
        lambda pid: pid.astype(str).where(pid % 2 == 0, ""),
        lambda pid: pid.astype(str).where(pid % 2 == 0, "  "),
        lambda pid: pid.astype(str).where(pid % 2 == 0, None).astype("category"),
    ],
    ids=["null", "NaN", "empty text", "blank text", "category"],
)
def test_rows_without_a_person_are_refused_and_never_joined(ids: object) -> None:
    frame = with_ids()
    assert faults_of(frame.assign(pid=ids(frame["pid"])), person="pid") == (PERSON,)  # type: ignore[operator]


def test_a_nan_of_another_library_is_no_person_either() -> None:
    frame = with_ids()
    ids = np.where(frame["pid"] % 2 == 0, frame["pid"], np.nan)
    assert faults_of(pl.from_pandas(frame.drop(columns="pid")).with_columns(pid=pl.Series(ids)), person="pid") == (PERSON,)


def test_treated_rows_without_a_site_are_refused_those_of_the_pool_stand_for_themselves() -> None:
    frame = with_ids()
    treated = int(((frame["part"] == 1) & (frame["site"] % 2 == 1)).sum())
    half = frame.assign(site=frame["site"].where(frame["site"] % 2 == 0).astype("Int64"))
    assert faults_of(half, cluster="site") == (
        (
            f"site is missing in {treated} treated rows, of whom nobody could say whether they are alike. Give each its site"
            " (one of its own for a person at none), remove those rows, or leave cluster out."
        ),
    )
    pool = frame.assign(site=frame["site"].where((frame["part"] == 1) | (frame["site"] % 2 == 0)))
    assert ask(pool, cluster="site").outcome("back").effect is not None


def test_one_site_has_no_effect_and_that_is_said() -> None:
    frame = with_ids()
    found = ask(frame.assign(site=frame["site"].where(frame["part"] == 0, 99)), cluster="site")
    told = "site names one site for everybody treated, so that it changes nothing: variation between sites is not covered."
    assert told in found.analysis.warnings
    assert found.outcome("back").effect == ask(frame).outcome("back").effect
    assert not [text for text in ask(frame, cluster="site").analysis.warnings if "one site" in text]


def test_people_in_both_groups_are_refused() -> None:
    frame = with_ids()
    twins = frame.groupby(frame["pid"] // 2)["part"].agg(["min", "max"])
    both = int((twins["min"] != twins["max"]).sum())
    assert faults_of(frame.assign(pid=frame["pid"] // 2), person="pid") == (
        (
            f"{both:,} people by pid have rows both among the treated and in the pool, and cannot be compared with their own"
            " rows. Leave the pool's rows of those people out."
        ),
    )
