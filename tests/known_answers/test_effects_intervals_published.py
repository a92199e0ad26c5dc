"""Wilson and MOVER against Newcombe's published tables, and against limits found by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from datalab.effects.influence import Variance
from datalab.effects.intervals import mover_wilson, quantile, wilson

Z = quantile(math.inf)


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_newcombe_1998_single_proportion(events: int, n: int, low: float, high: float):
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert wilson(events / n, n, Z) == pytest.approx((low, high), abs=5.1e-5)


def binomial_mover(a: int, m: int, b: int, n: int):
    p1, p0 = a / m, b / n
    return mover_wilson(p1, p1 - p0, Variance(p1 * (1 - p1) / m, p0 * (1 - p0) / n, 50.0), m, n)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090)],
)
def test_mover_of_newcombe_1998_difference(a: int, m: int, b: int, n: int, low: float, high: float):
    """Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: with binomial variances n* is n."""
    effect = binomial_mover(a, m, b, n)
    assert (effect.low, effect.high) == pytest.approx((low, high), abs=5.1e-5)


def searched_wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """All shares that a score test of p would not reject, by trying four million."""
    tried = np.linspace(0, 1, 4_000_001)
    kept = tried[(tried - p) ** 2 * n <= z * z * tried * (1 - tried)]
    return float(kept[0]), float(kept[-1])


@pytest.mark.parametrize(
    ("p1", "v1", "p0", "v0", "k", "ess"), [(0.31, 0.0011, 0.38, 0.0002, 180, 900), (0.07, 0.0019, 0.02, 0.0001, 35, 80)]
)
def test_mover_by_brute_force(p1: float, v1: float, p0: float, v0: float, k: int, ess: int):
    effect = mover_wilson(p1, p1 - p0, Variance(v1, v0, 60.0), k, ess)
    l1, u1 = searched_wilson(p1, p1 * (1 - p1) / v1, Z)
    l0, u0 = searched_wilson(p0, p0 * (1 - p0) / v0, Z)
    assert effect.low == pytest.approx(p1 - p0 - math.hypot(p1 - l1, u0 - p0), abs=1e-6)
    assert effect.high == pytest.approx(p1 - p0 + math.hypot(u1 - p1, p0 - l0), abs=1e-6)


def test_p_is_the_level_at_which_the_interval_touches_zero():
    p1, p0, n1, n0 = 0.31, 0.38, 194.5, 1178.0
    effect = mover_wilson(p1, p1 - p0, Variance(p1 * (1 - p1) / n1, p0 * (1 - p0) / n0, 60.0), 180, 900)
    steps = np.linspace(0.5, 4, 700_001)
    spread1 = np.sqrt(p1 * (1 - p1) / n1 + steps**2 / (4 * n1**2)) * steps
    spread0 = np.sqrt(p0 * (1 - p0) / n0 + steps**2 / (4 * n0**2)) * steps
    u1 = (p1 + steps**2 / (2 * n1) + spread1) / (1 + steps**2 / n1)
    l0 = (p0 + steps**2 / (2 * n0) - spread0) / (1 + steps**2 / n0)
    touches = steps[np.argmax(p1 - p0 + np.hypot(u1 - p1, p0 - l0) >= 0)]
    assert effect.p == pytest.approx(math.erfc(touches / math.sqrt(2)), abs=1e-5)
