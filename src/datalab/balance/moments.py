"""Weighted means, variances and distances between two groups' distributions of one covariate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.numerics.people import weights_by_person
from datalab.table import Bools, Floats, Ints

# Whole numbers over a range this small are counted by value rather than sorted.
COUNTABLE_RANGE = 4096


@dataclass(frozen=True, eq=False)
class Weighting:
    """Both groups' shares of weight over m rows, each summing to 1 (NaN for a group without weight).

    ours: places of the treated rows (k,); own (k,): their shares. pool (m,): the pool's shares, 0 for treated rows.
    signed (m,): shares of the treated less shares of the pool. squares: sums of squared shares of both.
    """

    ours: Ints
    own: Floats
    pool: Floats
    signed: Floats
    squares: tuple[float, float]


@dataclass(frozen=True)
class Side:
    """Mean and variance of the treated and of the pool, and the distance of their distributions, under one weighting.

    ks: largest difference of the two cumulative distributions; ecdf: its mean over the distinct values of the table.
    """

    mean_treated: float
    mean_pool: float
    variance_treated: float
    variance_pool: float
    ks: float
    ecdf: float


def share_side(treated: float, pool: float) -> Side:
    """A side of a 0/1 covariate, from the two shares with a 1.

    >>> share_side(0.5, 0.25).ks
    0.25
    """
    apart = abs(treated - pool)
    return Side(treated, pool, treated * (1 - treated), pool * (1 - pool), apart, apart)


def weigh(weights: Floats, treated: Bools, person: Ints | None = None) -> Weighting:
    """The shares of weights (m,) of 0 or more in the treated and the pool.

    person (m,): where given, shares are added up by person before they are squared, as one person may have several rows.

    >>> weigh(np.array([1.0, 1.0, 2.0]), np.array([True, False, False])).signed.round(3).tolist()
    [1.0, -0.333, -0.667]
    """
    ours = np.flatnonzero(treated)
    own = _shares(weights[ours])
    pool = weights.copy()
    pool[ours] = 0.0
    pool = _shares(pool)
    signed = -pool
    signed[ours] = own
    rows = (own, pool) if person is None else (weights_by_person(person[ours], own), weights_by_person(person, pool))
    return Weighting(ours, own, pool, signed, (float(rows[0] @ rows[0]), float(rows[1] @ rows[1])))


def _shares(weights: Floats) -> Floats:
    total = weights.sum()
    return weights / total if total > 0 else np.full(weights.size, np.nan)


def level_shares(codes: Ints, levels: int, weighting: Weighting) -> tuple[Floats, Floats]:
    """Shares of the treated and of the pool in each level (levels,), from level codes (m,).

    >>> halves = weigh(np.ones(4), np.array([True, True, False, False]))
    >>> [share.tolist() for share in level_shares(np.array([0, 1, 1, 1]), 2, halves)]
    [[0.5, 0.5], [0.0, 1.0]]
    """
    return _sums(codes[weighting.ours], weighting.own, levels), _sums(codes, weighting.pool, levels)


def _sums(codes: Ints, shares: Floats, size: int) -> Floats:
    sums: Floats = np.bincount(codes, shares, size).astype(np.float64, copy=False)
    return sums


def two_value_sides(is_high: Bools, ends: tuple[float, float], weightings: tuple[Weighting, ...]) -> tuple[Side, ...]:
    """A side for each weighting of a number that is ends[1] where `is_high` (m,) and ends[0] elsewhere.

    >>> rows = weigh(np.ones(3), np.array([True, True, False]))
    >>> two_value_sides(np.array([True, False, True]), (1.0, 3.0), (rows,))[0].mean_treated
    2.0
    """
    low, span = ends[0], ends[1] - ends[0]
    sides = []
    for weighting in weightings:
        own = float(weighting.own @ is_high[weighting.ours])
        pool = float(weighting.pool @ is_high)
        side = share_side(own, pool)
        variances = span * span * side.variance_treated, span * span * side.variance_pool
        sides.append(Side(low + span * own, low + span * pool, *variances, side.ks, side.ecdf))
    return tuple(sides)


def number_sides(values: Floats, weightings: tuple[Weighting, ...], *, distances: bool = True) -> tuple[Side, ...]:
    """A side for each weighting of a number (m,) without missing values. distances: ks and ecdf too (else NaN).

    Variances are those of reliability weights, sum w (x - mean)^2 / (1 - sum w^2) with w summing to 1, so with equal
    weights the divisor is m - 1 (shares summed by person where `weigh` was told them); NaN where only one has weight. A
    group without weight gives NaN throughout.

    >>> rows = weigh(np.ones(4), np.array([True, True, False, False]))
    >>> side = number_sides(np.array([0.0, 2.0, 1.0, 3.0]), (rows,))[0]
    >>> side.mean_pool, side.variance_pool, side.ks, side.ecdf
    (2.0, 2.0, 0.5, 0.25)
    """
    sides = []
    apart = _distances(values, weightings) if distances else [(float("nan"), float("nan"))] * len(weightings)
    for weighting, (ks, ecdf) in zip(weightings, apart, strict=True):
        mean_own, variance_own = _moments(values[weighting.ours], weighting.own, weighting.squares[0])
        mean_pool, variance_pool = _moments(values, weighting.pool, weighting.squares[1])
        sides.append(Side(mean_own, mean_pool, variance_own, variance_pool, ks, ecdf))
    return tuple(sides)


def _moments(values: Floats, shares: Floats, squares: float) -> tuple[float, float]:
    if not values.size:
        return float("nan"), float("nan")
    mean = float(shares @ values)
    left = 1.0 - squares
    apart = values - mean
    apart *= apart
    return mean, float(shares @ apart) / left if left > 1e-12 else float("nan")


def _distances(values: Floats, weightings: tuple[Weighting, ...]) -> list[tuple[float, float]]:
    codes = _small_codes(values)
    if codes is not None:
        seen = np.bincount(codes) > 0
        apart = (np.cumsum(_sums(codes, weighting.signed, seen.size)) for weighting in weightings)
        return [_largest_and_mean(values[seen]) for values in apart]
    order = np.argsort(values)
    ranked = values.take(order)
    last = np.append(ranked[1:] != ranked[:-1], True)
    distinct = slice(None) if last.all() else last
    return [_largest_and_mean(np.cumsum(weighting.signed.take(order))[distinct]) for weighting in weightings]


def _small_codes(values: Floats) -> Ints | None:
    """Codes from 0 in order of the values where they are whole numbers of small range, else None."""
    low, high = values.min(), values.max()
    if high - low >= COUNTABLE_RANGE or not low.is_integer():
        return None
    apart = values - low
    codes = apart.astype(np.int64)
    return codes if np.array_equal(codes, apart) else None


def _largest_and_mean(apart: Floats) -> tuple[float, float]:
    size = np.abs(apart)
    return float(size.max()), float(size.mean())
