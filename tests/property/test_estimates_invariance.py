"""Traps that other engines fall into: hash seeds, order of columns, threads, the scale of weights, scores cut in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import datalab as dl
from datalab.effects.cox import fit_hazard_ratio
from datalab.matching.propensity import score_logit
from datalab.matching.radius import radius_weights
from datalab.numerics import blocks
from datalab.numerics.design import build_design
from datalab.numerics.glm import fit_ridge
from datalab.table import Covariate


def people(rows: int = 6000, seed: int = 11) -> pd.DataFrame:
    """Made-up people with numbers, categories and a time."""
    rng = np.random.default_rng(seed)
    age, prior = rng.normal(35, 9, rows), rng.poisson(2, rows)
    part = rng.random(rows) < 0.08 * np.exp(0.02 * (age - 35) + 0.1 * prior)
    days = rng.exponential(300 + 60 * part, rows).round() + 1
    return pd.DataFrame(
        {
            "part": part.astype(int),
            "age": age,
            "prior": prior,
            "area": rng.choice(["north", "south", "west"], rows),
            "kind": rng.choice([f"k{i}" for i in range(9)], rows),
            "times": rng.poisson(0.8 - 0.2 * part, rows),
            "days": np.minimum(days, 365.0),
            "back": (days <= 365).astype(int),
        }
    )


def figures(frame: pd.DataFrame, covariates: tuple[str, ...]) -> np.ndarray:
    """Every estimate, interval and p, and the balance lines in order of their names."""
    outcomes = ["back:binary", "times:count", "days:time:back"]
    found = dl.evaluate(frame, treatment="part", outcomes=outcomes, covariates=covariates, horizon=365)
    effects = found.to_frame()[["estimate", "low", "high", "se", "p"]].to_numpy().ravel()
    lines = found.balance_frame().sort_values(["covariate", "level"])[["smd_before", "smd", "ks", "ecdf"]].to_numpy().ravel()
    return np.concatenate([effects, lines])


def test_order_of_columns_changes_nothing() -> None:
    frame, names = people(), ("age", "prior", "area", "kind")
    np.testing.assert_allclose(figures(frame[frame.columns[::-1]], names[::-1]), figures(frame, names), rtol=1e-9, atol=1e-9)


def test_hash_seeds_change_no_byte(tmp_path: Path) -> None:
    people(3000).to_csv(tmp_path / "people.csv", index=False)
    code = (
        "import sys, datalab as dl\nfound = dl.evaluate(sys.argv[1], treatment='part', outcomes='back:binary')\n"
        "print(found.analysis.outcomes, found.analysis.balance)"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "people.csv")],
            check=True,
            capture_output=True,
            timeout=120,
            env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    ]
    assert answers[0] == answers[1]


def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    n = 3 * blocks.BLOCK_ROWS + 17
    x, codes = rng.normal(size=n), rng.integers(0, 7, n)
    design = build_design((Covariate("x", "X", x), Covariate("g", "G", codes, tuple("abcdefg"))))
    y = (rng.random(n) < 1 / (1 + np.exp(2 - x))).astype(float)
    two = fit_ridge(design, y, "logistic")
    monkeypatch.setattr(blocks, "MOST_WORKERS", 1)
    one = fit_ridge(design, y, "logistic")
    assert (one.intercept, one.coefficients.tolist()) == (two.intercept, two.coefficients.tolist())
    assert one.linear(design).tolist() == two.linear(design).tolist()


def test_the_hazard_ratio_takes_weights_that_give_both_groups_the_same_total() -> None:
    """With the comparison weights of another total the ratio moves; ours sum to the matched treated, in whatever unit."""
    rng = np.random.default_rng(3)
    n, k = 2000, 300
    treated = np.arange(n) < k
    duration, event = np.ceil(rng.exponential(200, n) + 20 * treated), rng.random(n) < 0.8
    weights = np.where(treated, 1.0, rng.random(n))
    weights[~treated] *= k / weights[~treated].sum()
    person = np.arange(n)
    ours = fit_hazard_ratio(duration, event, treated, weights, person)
    shares = fit_hazard_ratio(duration, event, treated, weights / k, person)
    other = fit_hazard_ratio(duration, event, treated, np.where(treated, 1.0, weights * (n - k) / k), person)
    assert ours is not None
    assert shares is not None
    assert other is not None
    assert (shares.ratio, shares.se_log) == pytest.approx((ours.ratio, ours.se_log), rel=1e-12)
    assert abs(other.ratio - ours.ratio) > 1e-6


def test_the_number_of_comparison_people_used_is_counted_not_summed() -> None:
    """A running sum leaves 1e-17 outside every window, which would be counted as a person in use."""
    rng = np.random.default_rng(8)
    logit = np.concatenate([rng.normal(0, 0.3, 300), rng.normal(0, 3, 50_000)])
    treated = np.arange(logit.size) < 300
    weights, _ = radius_weights(logit, treated, np.zeros(logit.size, dtype=np.int64), 0.01)
    nearest = np.abs(logit[~treated][:, None] - np.sort(logit[treated])[None, :]).min(axis=1)
    used = np.count_nonzero(weights[~treated])
    assert np.count_nonzero(nearest <= 0.0099) <= used <= np.count_nonzero(nearest <= 0.0101)
    assert weights[~treated][weights[~treated] > 0].min() > 1e-6


def test_scores_far_out_are_kept_as_they_are() -> None:
    rng = np.random.default_rng(9)
    x = np.concatenate([rng.normal(0, 1, 20_000), rng.normal(40, 1, 20_000)])
    treated = np.arange(x.size) >= 20_000
    covariate = Covariate("x", "X", x)
    logit = score_logit((covariate,), treated, 1e-6, "main")
    design = build_design((covariate,))
    fit = fit_ridge(design, treated.astype(float), "logistic", penalty=1e-6)
    assert logit.max() > 15
    np.testing.assert_allclose(logit, fit.intercept + design.matrix() @ fit.coefficients, rtol=1e-9, atol=1e-9)
    assert np.unique(logit).size == np.unique(x).size
