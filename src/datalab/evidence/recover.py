"""Standard errors recovered from what was printed: an interval, or group size and rates. What cannot be is not guessed.

Printed figures are rounded. A rounded figure is off by up to half a unit either way, evenly, so by unit/sqrt(12) on
average (Sheppard 1898); that error is added to the sampling error, and a figure whose rounding could change the
standard error by more than half gives none.
"""

from __future__ import annotations

import math

from scipy.special import stdtrit

from datalab.constraints import Range, require
from datalab.errors import UsageError
from datalab.evidence.results import EffectSize, Scale
from datalab.wording import say


def se_from_interval(low: float, high: float, *, level: float = 0.95, df: float = math.inf) -> float:
    """Standard error of an estimate whose interval is low to high: width / (2 t), t the quantile at `level`.

    For a ratio, give the logarithms of the limits. df infinite: the normal (Cochrane Handbook 6, 6.3.1 and 6.3.2).
    Raises UsageError where high is not above low, or level is not between 0 and 1.

    >>> round(se_from_interval(-0.08, -0.05), 5)
    0.00765
    """
    require({"level": Range(0.5, 0.999), "low": Range(), "high": Range()}, {"level": level, "low": low, "high": high})
    if high <= low:
        raise UsageError(say("evidence.errors.interval"))
    reach = float(stdtrit(df if math.isfinite(df) else 1e300, 0.5 + level / 2))
    return (high - low) / (2 * reach)


def _rounding(unit: float, figures: int, divisor: float = 1.0) -> float:
    """Variance of the rounding of a sum or difference of so many printed figures, divided by `divisor`."""
    return figures * unit**2 / 12 / divisor**2


def from_printed_interval(scale: Scale, low: float, high: float, *, unit: float, level: float = 0.95) -> EffectSize | str:
    """The effect behind a printed symmetrical interval: its middle, and its width's standard error.

    unit: to what the limits are rounded (0.01: whole percentage points), 0 for exact. Where the width is under two units,
    rounding alone could change it by more than half: the wording key of the reason is returned instead.

    >>> round(from_printed_interval("risk_difference", -0.23, -0.01, unit=0.01).estimate, 2)
    -0.12
    >>> from_printed_interval("risk_difference", -0.02, -0.01, unit=0.01)
    'evidence.reasons.interval_too_round'
    """
    require({"unit": Range(0)}, {"unit": unit})
    # A hair is allowed for, since 0.08 - 0.06 is not quite 0.02.
    if high - low < 2 * unit * (1 - 1e-9):
        return "evidence.reasons.interval_too_round"
    se = se_from_interval(low, high, level=level)
    return EffectSize(scale, (low + high) / 2, math.sqrt(se**2 + _rounding(unit, 2, divisor=2.0)))


def from_printed_rates(
    treated: float,
    comparison: float,
    n_treated: int,
    n_comparison: float | None = None,
    *,
    unit: float,
    difference: float | None = None,
) -> EffectSize | str:
    """The risk difference behind two printed rates and the treated group's size.

    V = p1 (1 - p1) / n1 + p0 (1 - p0) / n0. Rule: where n0 is not printed, the comparison group is taken as large and its
    part as 0, because the real service compares with thousands; a group ten times the treated one would add a tenth to V,
    a twentieth to the error.
    unit: to what the rates are rounded. difference: as printed, which was rounded once and not twice, so that it is taken
    where it is there. The wording key of the reason is returned where a rate is 0 or 1, or where the printed difference
    is further from the rates' than rounding can take it.

    >>> round(from_printed_rates(0.17, 0.29, 89, unit=0.01).se, 4)
    0.04
    """
    share, size = Range(0, 1), Range(1)
    n0 = math.inf if n_comparison is None else n_comparison
    given: dict[str, object] = {"treated": treated, "comparison": comparison, "n_treated": n_treated, "unit": unit}
    require({"treated": share, "comparison": share, "n_treated": size, "unit": Range(0)}, given)
    spread1, spread0 = treated * (1 - treated), comparison * (1 - comparison)
    if min(spread1, spread0) <= 0:
        return "evidence.reasons.rate_at_end"
    sampling, apart = spread1 / n_treated + spread0 / n0, treated - comparison
    if difference is None:
        return EffectSize("risk_difference", apart, math.sqrt(sampling + _rounding(unit, 2)))
    # Each rate is off by half a unit at most, the difference too.
    if abs(difference - apart) > 1.5 * unit * (1 + 1e-9):
        return "evidence.reasons.contradicts"
    return EffectSize("risk_difference", difference, math.sqrt(sampling + _rounding(unit, 1)))
