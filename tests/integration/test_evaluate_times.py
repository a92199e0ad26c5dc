"""Times in any unit: curves in steps of the horizon's own size, landmarks, and which outcome a curve is of."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import datalab as dl
from datalab.effects.survival import common_days, landmark_days
from datalab.report.results import results_schema


def timed(rows: int = 3000, seed: int = 9) -> pd.DataFrame:
    """Made-up people with two times, in whole weeks of a year."""
    rng = np.random.default_rng(seed)
    age = rng.normal(35, 9, rows)
    part = (rng.random(rows) < 0.08 * np.exp(0.02 * (age - 35))).astype(int)
    first, second = np.ceil(rng.exponential(40 + 15 * part)), np.ceil(rng.exponential(60, rows))
    return pd.DataFrame(
        {
            "part": part,
            "age": age,
            "weeks": np.minimum(first, 52.0),
            "came": (first <= 52).astype(int),
            "other": np.minimum(second, 52.0),
            "did": (second <= 52).astype(int),
        }
    )


def ask(frame: pd.DataFrame, outcomes: str | list[str], horizon: float) -> dl.Evaluation:
    return dl.evaluate(
        frame, treatment="part", outcomes=outcomes, covariates=["age"], horizon=horizon, sensitivity=False, research=False
    )


@pytest.mark.parametrize("years", [1.0, 0.5])
def test_a_time_in_years_has_the_curve_of_the_same_time_in_weeks(years: float, tmp_path: Path) -> None:
    frame = timed()
    weeks = ask(frame, "weeks:time:came", 52).analysis.survival
    found = ask(frame.assign(years=frame["weeks"] / 52 * years), "years:time:came", years)
    survival = found.analysis.survival
    assert weeks is not None
    assert survival is not None
    assert survival.rmst is not None
    assert weeks.rmst is not None
    assert survival.rmst.estimate * 52 / years == pytest.approx(weeks.rmst.estimate, abs=1e-9)
    assert survival.hazard_ratio == weeks.hazard_ratio
    shown = found.plot_survival().to_frame()
    assert survival.treated.days.size >= 40
    assert len(shown) >= 12
    assert shown.iloc[:, 0].nunique() == len(shown)
    validator = jsonschema.Draft202012Validator(results_schema())
    found.write(tmp_path / "out")
    assert list(validator.iter_errors(json.loads((tmp_path / "out" / "results.json").read_text()))) == []
    assert dl.render_again(tmp_path / "out", tmp_path / "again").different == ()
    assert survival.treated.surviving[-1] == pytest.approx(weeks.treated.surviving[-1], abs=1e-12)
    assert [round(mark / years, 2) for mark, _, _ in survival.landmarks][1:] == [0.25, 0.5, 0.75, 1.0] if years == 1 else True
    assert survival.landmarks[-1][0] == years


def test_the_steps_follow_the_horizon() -> None:
    assert common_days(365.0).tolist() == list(range(366))
    assert common_days(52.0).tolist() == list(range(53))
    assert common_days(52.0).dtype.kind == "i"
    for horizon in (0.001, 0.3, 0.5, 1.0, 3.5, 12.0, 40.0, 49.5):
        days = common_days(horizon)
        assert 40 <= days.size <= 140, horizon
        assert days[0] == 0
        assert days[-1] == pytest.approx(horizon, rel=1e-9)
        assert (np.diff(days) > 0).all()
        assert set(landmark_days(horizon)) <= set(days.tolist())
    assert landmark_days(1.0) == (0.08, 0.25, 0.5, 0.75, 1.0)
    assert common_days(1e12).size <= 740


def test_of_several_times_it_is_said_whose_curve_is_drawn() -> None:
    frame = timed()
    found = ask(frame, ["weeks:time:came", "other:time:did"], 52)
    told = [text for text in found.analysis.warnings if "curves" in text]
    assert told[0].startswith("The curves and the hazard ratio are of weeks alone; other has its effect without them.")
    assert "weeks" in found.plot_survival().title
    alone = ask(frame, "other:time:did", 52)
    assert "other" in alone.plot_survival().title
    assert not [text for text in alone.analysis.warnings if "curves" in text]
