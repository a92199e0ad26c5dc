"""Effect sizes and their standard errors from counts or means, and conversions between scales.

The formulas are those of `escalc()` in R's metafor (Viechtbauer 2010), to which tests hold them.
"""

from __future__ import annotations

import math

from scipy.special import expit, gammaln, logit

from datalab.constraints import Range, require
from datalab.errors import UsageError
from datalab.evidence.results import EffectSize, Scale
from datalab.wording import say

_COUNT = Range(0)
_SIZE = Range(0, open_low=True)
_SHARE = Range(0, 1)
_LOGISTIC_SD = math.pi / math.sqrt(3)  # standard deviation of the logistic distribution


def _two_by_two(events1: float, n1: float, events0: float, n0: float) -> tuple[float, float, float, float]:
    """Events and people without, treated then comparison; a half is added to every cell where any is empty."""
    given: dict[str, object] = {"events1": events1, "n1": n1, "events0": events0, "n0": n0}
    require({"events1": Range(0, n1), "n1": _SIZE, "events0": Range(0, n0), "n0": _SIZE}, given)
    cells = (events1, n1 - events1, events0, n0 - events0)
    added = 0.5 if min(cells) == 0 else 0.0
    return cells[0] + added, cells[1] + added, cells[2] + added, cells[3] + added


def risk_difference(events1: float, n1: float, events0: float, n0: float) -> EffectSize:
    """Difference of two shares, treated (events1 of n1) less comparison (events0 of n0), with the binomial error.

    Half a person is added to each cell where any cell is empty. Raises UsageError for counts outside their group.

    >>> risk_difference(20, 100, 30, 100).estimate.__round__(3)
    -0.1
    """
    a, b, c, d = _two_by_two(events1, n1, events0, n0)
    variance = a * b / (a + b) ** 3 + c * d / (c + d) ** 3
    return EffectSize("risk_difference", a / (a + b) - c / (c + d), math.sqrt(variance))


def log_odds_ratio(events1: float, n1: float, events0: float, n0: float) -> EffectSize:
    """Log odds ratio of a 2 x 2 table with Woolf's error (1955); empty cells as in `risk_difference`.

    >>> round(math.exp(log_odds_ratio(20, 100, 30, 100).estimate), 3)
    0.583
    """
    a, b, c, d = _two_by_two(events1, n1, events0, n0)
    return EffectSize("log_odds_ratio", math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def log_rate_ratio(events1: float, time1: float, events0: float, time0: float) -> EffectSize:
    """Log ratio of two event rates (events over time at risk), with the Poisson error; a half is added where one is 0.

    The error takes events for independent. Reoffences are not (a few people have many), so results of this project carry
    the error of their own released interval instead.

    >>> round(log_rate_ratio(10, 100.0, 20, 100.0).estimate, 3)
    -0.693
    """
    given: dict[str, object] = {"events1": events1, "time1": time1, "events0": events0, "time0": time0}
    require({"events1": _COUNT, "time1": _SIZE, "events0": _COUNT, "time0": _SIZE}, given)
    added = 0.5 if min(events1, events0) == 0 else 0.0
    x1, x0 = events1 + added, events0 + added
    return EffectSize("log_rate_ratio", math.log(x1 / time1) - math.log(x0 / time0), math.sqrt(1 / x1 + 1 / x0))


def hedges_g(mean1: float, sd1: float, n1: float, mean0: float, sd0: float, n0: float) -> EffectSize:
    """Standardised mean difference without small-sample bias: the difference over the pooled SD, times Hedges' exact J.

    J = G(m/2) / (sqrt(m/2) G((m-1)/2)), m = n1 + n0 - 2; variance 1/n1 + 1/n0 + g^2 / (2 (n1 + n0)) (Hedges 1981).

    >>> round(hedges_g(10.0, 2.0, 20, 9.0, 2.0, 20).estimate, 4)
    0.4901
    """
    given: dict[str, object] = {"mean1": mean1, "sd1": sd1, "n1": n1, "mean0": mean0, "sd0": sd0, "n0": n0}
    require({"mean1": Range(), "sd1": _SIZE, "n1": Range(2), "mean0": Range(), "sd0": _SIZE, "n0": Range(2)}, given)
    m = n1 + n0 - 2
    pooled = math.sqrt(((n1 - 1) * sd1**2 + (n0 - 1) * sd0**2) / m)
    correction = math.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / math.sqrt(m / 2)
    g = float(correction) * (mean1 - mean0) / pooled
    return EffectSize("hedges_g", g, math.sqrt(1 / n1 + 1 / n0 + g**2 / (2 * (n1 + n0))))


def _require_scale(effect: EffectSize, scale: Scale) -> None:
    if effect.scale != scale:
        raise UsageError(say("evidence.errors.wrong_scale", scale=scale, given=effect.scale))


def odds_ratio_to_g(effect: EffectSize) -> EffectSize:
    """A log odds ratio as a standardised difference: times sqrt(3)/pi, exact where what lies behind is logistic
    (Hasselblad and Hedges 1995; Chinn 2000).

    >>> round(odds_ratio_to_g(EffectSize("log_odds_ratio", 1.0, 0.2)).estimate, 4)
    0.5513
    """
    _require_scale(effect, "log_odds_ratio")
    return EffectSize("hedges_g", effect.estimate / _LOGISTIC_SD, effect.se / _LOGISTIC_SD)


def g_to_odds_ratio(effect: EffectSize) -> EffectSize:
    """A standardised difference as a log odds ratio: times pi/sqrt(3) (Hasselblad and Hedges 1995; Chinn 2000)."""
    _require_scale(effect, "hedges_g")
    return EffectSize("log_odds_ratio", effect.estimate * _LOGISTIC_SD, effect.se * _LOGISTIC_SD)


def odds_ratio_at(effect: EffectSize, treated: float, *, n_treated: float = 1.0, n_comparison: float = math.inf) -> EffectSize:
    """A risk difference as a log odds ratio, given the treated share (comparison share: treated less the difference).

    The variance is shared between the groups as p (1 - p) / n would be, and each part divided by (p (1 - p))^2 (delta
    method): exact for plain counts, near for adjusted differences. n_comparison infinite: the comparison share taken as
    known. Raises UsageError where either share is not between 0 and 1.

    >>> round(odds_ratio_at(EffectSize("risk_difference", -0.1, 0.05), 0.2).estimate, 4)
    -0.539
    """
    _require_scale(effect, "risk_difference")
    shares = {"treated share": treated, "comparison share": treated - effect.estimate}
    require(dict.fromkeys(shares, _SHARE), dict(shares))
    spread1, spread0 = (share * (1 - share) for share in shares.values())
    if min(spread1, spread0) <= 0:
        raise UsageError(say("evidence.errors.no_odds"))
    part1, part0 = spread1 / n_treated, spread0 / n_comparison
    own = part1 / (part1 + part0)
    variance = effect.variance * (own / spread1**2 + (1 - own) / spread0**2)
    return EffectSize("log_odds_ratio", float(logit(treated) - logit(treated - effect.estimate)), math.sqrt(variance))


def risk_difference_at(effect: EffectSize, comparison: float) -> EffectSize:
    """A log odds ratio as a risk difference where the comparison share is `comparison`, taken as known (Cochrane
    Handbook 6, 15.4.4.4; the error by the delta method).

    >>> round(risk_difference_at(EffectSize("log_odds_ratio", -0.5, 0.1), 0.3).estimate, 3)
    -0.094
    """
    _require_scale(effect, "log_odds_ratio")
    require({"comparison share": _SHARE}, {"comparison share": comparison})
    treated = float(expit(logit(comparison) + effect.estimate))
    return EffectSize("risk_difference", treated - comparison, treated * (1 - treated) * effect.se)
