"""Numbers far from 0 (times since 1970, numbers of a file) match, balance and adjust as the same numbers near 0 do."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import datalab as dl
from datalab.numerics.repeats import find_repeats
from datalab.table import Covariate


def people(rows: int = 2500, seed: int = 9) -> pd.DataFrame:
    """Made-up people whose age decides who takes part; ages in eighths of a year, which are exact however far from 0."""
    rng = np.random.default_rng(seed)
    age = np.round(rng.normal(35, 9, rows) * 8) / 8
    part = rng.random(rows) < 0.08 * np.exp(0.03 * (age - 35))
    back = rng.random(rows) < 1 / (1 + np.exp(0.3 + 0.03 * (age - 35)))
    return pd.DataFrame({"part": part.astype(int), "age": age, "prior": rng.poisson(2, rows), "back": back.astype(int)})


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("terms", ["main", "rich"])
@pytest.mark.parametrize("far", [1e9, 2.0**36, 9e11])
def test_adding_a_constant_changes_nothing(far: float, gaps: bool, terms: str) -> None:
    frame = people()
    if gaps:
        frame.loc[::13, "age"] = np.nan
    near, moved = (
        dl.evaluate(one, treatment="part", outcomes="back:binary", terms=terms, sensitivity=False, research=True)
        for one in (frame, frame.assign(age=frame["age"] + far))
    )
    one, other = near.outcome("back").effect, moved.outcome("back").effect
    assert one is not None
    assert other is not None
    # What is imputed is itself held to 1e-4 of a year at 9e11.
    bound = 1e-4 if gaps else 1e-9
    assert other.estimate == pytest.approx(one.estimate, abs=bound)
    a, b = (found.balance_frame().set_index("covariate").loc["age"] for found in (near, moved))
    assert b["smd_before"] == pytest.approx(a["smd_before"], abs=bound)
    assert b["smd"] == pytest.approx(a["smd"], abs=bound)
    assert b["mean_treated"] == pytest.approx(a["mean_treated"] + far, rel=1e-12)


def test_tiny_numbers_are_looked_at_without_a_warning() -> None:
    values = np.random.default_rng(1).normal(size=500)
    numbers = {"one": values * 1e-310, "two": values, "far": 1e12 + values}
    covariates = [Covariate(name, name, number) for name, number in numbers.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_repeats(covariates[:1]) == ()
        find_repeats(covariates)
