"""What is known of each outcome before any data: its level and spread from published figures, and what a model explains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

YEAR_DAYS = 365.0
_STEEPEST = 0.2  # of the truncated exponential, per day: a mean of 5 days, or 360


@dataclass(frozen=True)
class Typical:
    """One outcome as published. share: of people who have the event (NaN: must be given, or does not apply). mean_with: mean
    among those who have it (binary: 1). among: True where the denominator is only those who have the event.
    r_squared: share of the spread that the outcome model explains (width of the interval against classic in simulation:
    1 - width^2; 0 where nobody measured it). stated: the effect planned for where none is given.
    """

    name: str
    kind: Literal["binary", "count", "days", "number"]
    share: float = math.nan
    mean_with: float = 1.0
    among: bool = False
    r_squared: float = 0.0
    stated: float | None = None


OUTCOMES = (
    # All offenders, April 2013 to March 2014, four quarterly cohorts: 31.1 %, 3.56 reoffences per reoffender (published).
    # Widths 0.90 (rate), 0.90 to 0.91 (count), 0.79 (days employed) of the classic interval, in simulation.
    Typical("rate", "binary", 0.311, r_squared=0.19, stated=0.05),
    Typical("frequency", "count", 0.311, 3.56, r_squared=0.18),
    # City and Guilds 2017: 122 days in the comparison group.
    Typical("days_to_first", "days", 0.311, 122.0, among=True),
    # Prisoners' Education Trust 2018, comparison group: 31 % employed in the year, 72 days on average.
    Typical("employed_any", "binary", 0.31),
    Typical("days_employed", "days", 0.31, 72 / 0.31, r_squared=0.37),
    Typical("binary", "binary"),
    Typical("number", "number"),
)
BY_NAME = {outcome.name: outcome for outcome in OUTCOMES}


def raw_variance(outcome: Typical, share: float) -> float:
    """Variance of the outcome from person to person within its denominator, before any model.

    binary: p(1 - p). count: nobody without the event has any, and those with it a geometric number with mean `mean_with`.
    days: within 0 to 365 those with the event are spread as a truncated exponential with that mean, the widest-open shape
    that has it. number: NaN, since nothing is published.

    >>> round(raw_variance(BY_NAME["rate"], 0.311), 4), round(raw_variance(BY_NAME["frequency"], 0.311), 1)
    (0.2143, 5.6)
    """
    if outcome.kind == "binary":
        return share * (1 - share)
    if outcome.kind == "number":
        return math.nan
    mean = outcome.mean_with
    within = mean * (mean - 1) if outcome.kind == "count" else truncated_variance(mean)
    return within if outcome.among else share * (within + mean**2) - (share * mean) ** 2


def truncated_variance(mean: float, top: float = YEAR_DAYS) -> float:
    """Variance of an exponential cut to 0 to `top` (rising where the mean is above the middle) that has this mean.

    >>> round(truncated_variance(182.5) ** 0.5, 1), round(truncated_variance(122) ** 0.5, 1)
    (105.4, 94.7)
    """
    low, high = -_STEEPEST, _STEEPEST
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _truncated_mean(middle, top) > mean else (low, middle)
    rate = (low + high) / 2
    if abs(rate * top) < 1e-4:
        return top**2 / 12
    return 1 / rate**2 - top**2 * math.exp(rate * top) / math.expm1(rate * top) ** 2


def _truncated_mean(rate: float, top: float) -> float:
    return top / 2 - rate * top**2 / 12 if abs(rate * top) < 1e-4 else 1 / rate - top / math.expm1(rate * top)
