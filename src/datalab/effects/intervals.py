"""Intervals and their p-values: influence t, MOVER-Wilson for rates, log-ratio t for counts, Welch for the classic way.

Every p-value inverts the statistic of its interval, so that the two never disagree.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from datalab.effects.influence import Group, Variance, difference, difference_variance, mean_variance
from datalab.effects.results import Effect
from datalab.numerics.roots import crossing
from datalab.numerics.shares import wilson

LEVEL = 0.95
_LEAST_P = 1e-300  # below this a p-value cannot be told from 0


def t_quantile(share: float, df: float) -> float:
    """Quantile of Student's t (df = inf: normal).

    >>> round(t_quantile(0.975, 10), 3)
    2.228
    """
    return float(ndtri(share) if math.isinf(df) else stdtrit(df, share))


def quantile(df: float, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t (df = inf: normal).

    >>> round(quantile(math.inf), 4)
    1.96
    """
    return t_quantile(0.5 + level / 2, df)


def two_sided_p(statistic: float, df: float) -> float:
    """Two-sided p-value of a t statistic."""
    return float(2 * (ndtr(-abs(statistic)) if math.isinf(df) else stdtr(df, -abs(statistic))))


def influence_t(estimate: float, variance: Variance, method: str = "influence_t") -> Effect:
    """Formula (5): estimate +- t * se. The variance must be positive."""
    reach = quantile(variance.df) * variance.se
    p = two_sided_p(estimate / variance.se, variance.df)
    return Effect(estimate, estimate - reach, estimate + reach, variance.se, p, variance.df, method)


def mover_limits(p1: float, p0: float, n1: float, n0: float, z: float, correlation: float = 0.0) -> tuple[float, float]:
    """How far the interval of p1 - p0 reaches below and above the estimate (Newcombe 1998, MOVER of Zou and Donner 2008).

    correlation: of the two shares, where both groups come from the same sites.
    """
    low1, high1 = wilson(p1, n1, z)
    low0, high0 = wilson(p0, n0, z)
    return _joined(p1 - low1, high0 - p0, correlation), _joined(high1 - p1, p0 - low0, correlation)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))


def _inverted_p(estimate: float, reach: Callable[[float], tuple[float, float]], df: float) -> float:
    """p of the interval [estimate - reach(z)[0], estimate + reach(z)[1]]: the level at which it just touches 0."""
    side = 0 if estimate > 0 else 1

    def gap(z: float) -> float:
        return reach(z)[side] - abs(estimate)

    if estimate == 0:
        return 1.0
    far = 4.0
    while gap(far) <= 0:
        far *= 2
        if two_sided_p(far, df) < _LEAST_P:
            return _LEAST_P
    return two_sided_p(crossing(gap, 0.0, far), df)


def _within(value: float, margin: float) -> float:
    return min(max(value, margin), 1 - margin)


def mover_wilson(p1: float, estimate: float, variance: Variance, k: float, effective: float) -> Effect:
    """MOVER-Wilson interval of a difference of shares on the doubly robust moments (design 3.2, study formula 6).

    p1: treated share of k people; estimate: p1 - p0; effective: effective comparison size. Shares are drawn in from
    0 and 1 by half a person for the effective sample sizes alone, and neither variance falls below a quarter of the
    binomial one, so that a group in which nobody (or everybody) has the event keeps an interval. Normal quantile, or
    t with clusters - 1 where people are clustered. Limits are cut to [-1, 1].
    """
    p0 = min(max(p1 - estimate, 0.0), 1.0)
    spread1 = (inner := _within(p1, 0.5 / k)) * (1 - inner)
    spread0 = (inner := _within(p0, 0.5 / effective)) * (1 - inner)
    n1 = spread1 / max(variance.v1, spread1 / (4 * k))
    n0 = spread0 / max(variance.v0, spread0 / (4 * effective))
    df = variance.df if variance.clusters else math.inf

    def reach(z: float) -> tuple[float, float]:
        return mover_limits(p1, p0, n1, n0, z, variance.correlation)

    below, above = reach(quantile(df))
    low, high = max(-1.0, estimate - below), min(1.0, estimate + above)
    return Effect(estimate, low, high, variance.se, _inverted_p(estimate, reach, df), df, "mover_wilson")


def log_ratio_t(treated: Group, comparison: Group) -> Effect:
    """Log-ratio interval of two mean counts, given on the difference scale too (study formula 7).

    p1 = treated mean, p0 = p1 - estimate, both positive. Influence: y/p1 - m0/p0 and r/p0. The difference's limits are
    p0 (e^L - 1) and p0 (e^U - 1); p is the log-ratio's. se is that of the difference.
    """
    estimate = difference(treated, comparison)
    p1, p0 = treated.mean, treated.mean - estimate
    logs = difference_variance(treated.y / p1 - treated.m0 / p0, comparison.residual / p0, treated, comparison)
    plain = difference_variance(treated.residual, comparison.residual, treated, comparison)
    ratio = influence_t(math.log(p1 / p0), logs)
    return Effect(
        estimate=estimate,
        low=p0 * math.expm1(ratio.low),
        high=p0 * math.expm1(ratio.high),
        se=plain.se,
        p=ratio.p,
        df=ratio.df,
        method="log_ratio_t",
        ratio=p1 / p0,
        ratio_low=math.exp(ratio.low),
        ratio_high=math.exp(ratio.high),
    )


def welch(treated: Group, comparison: Group) -> Effect | None:
    """Two-sample t test of the weighted means, without an outcome model (Welch 1947); None where nothing varies.

    The comparison's size is its effective size, not its head-count: many people with little weight are few people.
    """
    sides = [(mean_variance(side.y, side), side.effective) for side in (treated, comparison)]
    if min(effective for _, effective in sides) <= 1:
        return None
    v1, v0 = (v * effective / (effective - 1) for v, effective in sides)
    if v1 + v0 <= np.finfo(float).tiny:
        return None
    df = (v1 + v0) ** 2 / (v1**2 / (treated.effective - 1) + v0**2 / (comparison.effective - 1))
    return influence_t(treated.mean - comparison.mean, Variance(v1, v0, df), "welch")
