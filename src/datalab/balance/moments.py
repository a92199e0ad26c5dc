"""Weighted means, variances and distances between two groups' distributions of one covariate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.table import Bools, Floats, Ints

# Whole numbers over a range this small are counted by value rather than sorted.
COUNTABLE_RANGE = 4096


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


def two_value_sides(
    is_high: Bools, ends: tuple[float, float], treated: Bools, weightings: tuple[Floats, ...]
) -> tuple[Side, ...]:
    """A side for each weighting (n,) of a number that is ends[1] where `is_high` (n,) and ends[0] elsewhere.

    >>> high, treated = np.array([True, False, True]), np.array([True, True, False])
    >>> two_value_sides(high, (1.0, 3.0), treated, (np.ones(3),))[0].mean_treated
    2.0
    """
    low, span = ends[0], ends[1] - ends[0]
    sides = []
    for weights in weightings:
        own, pool = (_weight_share(weights[group], is_high[group]) for group in (treated, ~treated))
        side = share_side(own, pool)
        variances = span * span * side.variance_treated, span * span * side.variance_pool
        sides.append(Side(low + span * own, low + span * pool, *variances, side.ks, side.ecdf))
    return tuple(sides)


def _weight_share(weights: Floats, chosen: Bools) -> float:
    total = float(weights.sum())
    return float(weights[chosen].sum()) / total if total > 0 else float("nan")


def number_sides(values: Floats, treated: Bools, weightings: tuple[Floats, ...]) -> tuple[Side, ...]:
    """A side for each weighting (n,) of a number (n,) without missing values; weights of a group need not sum to 1.

    Variances are those of reliability weights, sum w (x - mean)^2 / (1 - sum w^2) with w summing to 1, so with equal
    weights the divisor is m - 1; NaN where only one row has weight. A group without weight gives NaN throughout.

    >>> values, treated = np.array([0.0, 2.0, 1.0, 3.0]), np.array([True, True, False, False])
    >>> side = number_sides(values, treated, (np.ones(4),))[0]
    >>> side.mean_pool, side.variance_pool, side.ks, side.ecdf
    (2.0, 2.0, 0.5, 0.25)
    """
    shares = [(_shares(weights[treated]), _shares(weights[~treated])) for weights in weightings]
    ours, theirs = values[treated], values[~treated]
    gaps = _distances(values, treated, shares)
    sides = []
    for (own, pool), (ks, ecdf) in zip(shares, gaps, strict=True):
        mean_own, variance_own = _moments(ours, own)
        mean_pool, variance_pool = _moments(theirs, pool)
        sides.append(Side(mean_own, mean_pool, variance_own, variance_pool, ks, ecdf))
    return tuple(sides)


def _shares(weights: Floats) -> Floats:
    total = weights.sum()
    return weights / total if total > 0 else np.full(weights.size, np.nan)


def _moments(values: Floats, shares: Floats) -> tuple[float, float]:
    if not values.size:
        return float("nan"), float("nan")
    mean = float(shares @ values)
    left = 1.0 - float(shares @ shares)
    apart = values - mean
    apart *= apart
    return mean, float(shares @ apart) / left if left > 1e-12 else float("nan")


def _distances(values: Floats, treated: Bools, shares: list[tuple[Floats, Floats]]) -> list[tuple[float, float]]:
    codes = _small_codes(values)
    if codes is not None:
        return [_counted(codes, treated, own, pool) for own, pool in shares]
    order = np.argsort(values)
    ranked = values[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    found = []
    for own, pool in shares:
        signed = np.empty(values.size)
        signed[treated], signed[~treated] = own, -pool
        found.append(_largest_and_mean(np.cumsum(signed[order])[last]))
    return found


def _small_codes(values: Floats) -> Ints | None:
    """Codes from 0 in order of the values where they are whole numbers of small range, else None."""
    low, high = values.min(), values.max()
    if high - low >= COUNTABLE_RANGE or low != np.floor(low):
        return None
    codes = (values - low).astype(np.int64)
    return codes if np.array_equal(codes, values - low) else None


def _counted(codes: Ints, treated: Bools, own: Floats, pool: Floats) -> tuple[float, float]:
    size = int(codes.max()) + 1
    seen = np.bincount(codes, minlength=size) > 0
    apart = np.bincount(codes[treated], own, size) - np.bincount(codes[~treated], pool, size)
    return _largest_and_mean(np.cumsum(apart)[seen])


def _largest_and_mean(apart: Floats) -> tuple[float, float]:
    size = np.abs(apart)
    return float(size.max()), float(size.mean())
