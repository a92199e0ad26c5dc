"""What it would take to change an answer: weights that are wrong by a factor, risk ratios, and links that are wrong.

Closed forms for rates (marginal sensitivity model, E-value, differential misses) and the correction for false links.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from datalab.effects.results import Effect

_ROUNDING = 1e-12


def nearest_end(effect: Effect) -> float:
    """The end of the interval nearest no effect; 0 where the interval holds 0.

    >>> nearest_end(Effect(-0.05, -0.09, -0.01, 0.02, 0.01, 99.0, "influence_t"))
    -0.01
    """
    if effect.low <= 0 <= effect.high:
        return 0.0
    return effect.low if effect.low > 0 else effect.high


def _is_share(value: float) -> bool:
    return 0 < value < 1


def odds(share: float) -> float:
    """Odds of a share strictly between 0 and 1."""
    return share / (1 - share)


def share_bounds(share: float, factor: float) -> tuple[float, float]:
    """Least and greatest comparison rate where each comparison weight may be wrong by up to `factor` (1 or more) either way.

    Source: marginal sensitivity model (Tan 2006; Zhao, Small and Bhattacharya 2019), in closed form for a rate.

    >>> tuple(round(x, 4) for x in share_bounds(0.5, 2.0))
    (0.2, 0.8)
    """
    square = factor * factor
    return share / (share + square * (1 - share)), square * share / (square * share + 1 - share)


@dataclass(frozen=True)
class Bounds:
    """A rate's effect where weights may be wrong: low and high bound, and the interval's own reach beyond either."""

    low: float
    high: float
    interval_low: float
    interval_high: float


def effect_bounds(treated: float, effect: Effect, factor: float) -> Bounds:
    """The bounds of a rate's effect where each comparison weight may be wrong by up to `factor` (1 or more) either way.

    treated: rate of the treated, strictly within 0 and 1 as treated - effect is; limits are cut to [-1, 1].
    """
    least, most = share_bounds(treated - effect.estimate, factor)
    low, high = treated - most, treated - least
    below, above = effect.estimate - effect.low, effect.high - effect.estimate
    return Bounds(low, high, max(-1.0, low - below), min(1.0, high + above))


def tipping_factor(treated: float, difference: float) -> float:
    """The factor by which weights must be wrong for a rate's difference to vanish: sqrt of the odds ratio, 1 or more.

    treated: rate of the treated; NaN where it, or the comparison rate treated - difference, is not strictly within 0 and 1.

    >>> round(tipping_factor(0.30, -0.05), 4)
    1.1209
    """
    comparison = treated - difference
    if not (_is_share(treated) and _is_share(comparison)):
        return math.nan
    ratio = odds(treated) / odds(comparison)
    return math.sqrt(max(ratio, 1 / ratio))


def e_value(treated: float, difference: float) -> float:
    """The risk ratio that an unrecorded trait must have with both treatment and outcome to explain a rate's difference.

    RR + sqrt(RR (RR - 1)) with RR or its inverse above 1. Source: VanderWeele and Ding 2017.

    >>> round(e_value(0.30, -0.05), 4)
    1.6076
    """
    comparison = treated - difference
    if not (_is_share(treated) and _is_share(comparison)):
        return math.nan
    ratio = max(treated / comparison, comparison / treated)
    return ratio + math.sqrt(ratio * (ratio - 1))


def without_false_links(effect: Effect, false_links: float) -> Effect:
    """The effect as it would be without false links: whoever is linked to another's record dilutes it by that share.

    Estimate, standard error and interval over 1 - false_links (0 to below 1); p is unchanged. Source: estimator study,
    section 8.

    >>> round(without_false_links(Effect(-0.04, -0.08, 0.0, 0.02, 0.05, 99.0, "influence_t"), 0.2).estimate, 9)
    -0.05
    """
    kept, nan = 1 - false_links, float("nan")
    scaled = {name: getattr(effect, name) / kept for name in ("estimate", "low", "high", "se")}
    return replace(effect, **scaled, ratio=nan, ratio_low=nan, ratio_high=nan)


def rate_without_misses(observed: float, missed_with: float, missed_without: float) -> float:
    """The rate that all the treated have, from the rate of those found and the shares missed with and without the event.

    >>> round(rate_without_misses(0.30, 0.06, 0.127), 4)
    0.2847
    """
    found = observed * (1 - missed_without)
    return found / (found + (1 - observed) * (1 - missed_with))


@dataclass(frozen=True)
class TippingMisses:
    """The pair of miss rates that would turn an effect into none. with_event, without_event: shares of treated people with and
    without the event who were not found, NaN where no pair with that overall share does it. least: the smallest overall share
    missed that could."""

    with_event: float
    without_event: float
    least: float


def tipping_misses(observed: float, target: float, missed: float) -> TippingMisses:
    """The miss rates, overall `missed`, at which the true rate is `target` although `observed` was seen among those found.

    observed, target: strictly between 0 and 1. (1 - m0) / (1 - m1) = odds(target) / odds(observed), and
    target m1 + (1 - target) m0 = missed. Source: estimator study, section 8.

    >>> pair = tipping_misses(0.3, 0.31, 0.10)
    >>> round(pair.with_event, 4), round(pair.without_event, 4), round(pair.least, 4)
    (0.129, 0.087, 0.0143)
    """
    if not (_is_share(observed) and _is_share(target)):
        return TippingMisses(math.nan, math.nan, math.nan)
    times = odds(target) / odds(observed)
    least = target * (1 - 1 / times) if times > 1 else (1 - target) * (1 - times)
    found_with = (1 - missed) / (target + (1 - target) * times)
    found_without = times * found_with
    if missed < least - _ROUNDING:
        return TippingMisses(math.nan, math.nan, least)
    return TippingMisses(max(1 - found_with, 0.0), max(1 - found_without, 0.0), least)
