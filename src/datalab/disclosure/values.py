"""Turns a found number into one that may stand in a release, or into the symbol that says why it does not."""

from __future__ import annotations

import math

from datalab.disclosure.number import Number, Suppressed
from datalab.errors import InternalError

CONFIDENTIAL = Suppressed("c")
NOT_AVAILABLE = Suppressed("x")
NOT_APPLICABLE = Suppressed("z")
LOW = Suppressed("low")
_LEVEL = 0.05
_LOWEST_SHOWN = 0.0005  # a model's estimate of a share below this prints as 0 at any precision we use


def shown(value: float | None) -> Number:
    """The number itself; NaN and None are not applicable, an infinite number not available.

    >>> shown(0.5), str(shown(float("nan"))), str(shown(float("inf")))
    (0.5, '[z]', '[x]')
    """
    if value is None or math.isnan(value):
        return NOT_APPLICABLE
    return value if math.isfinite(value) else NOT_AVAILABLE


def modelled_share(value: float) -> Number:
    """A share that a model expects (no count of people): shown, or `[low]` where it is next to nothing."""
    return LOW if 0 <= value < _LOWEST_SHOWN else shown(value)


def coarse(value: Number, unit: str) -> Number:
    """A value whose denominator is hidden, rounded so that the denominator cannot be found from it.

    unit "share": 2 decimals; else 2 significant figures below 10, whole numbers above.
    """
    if isinstance(value, Suppressed):
        return value
    if unit == "share":
        return round(value, 2) + 0.0  # never -0.0
    return float(round(value)) if abs(value) >= 10 else float(f"{value:.2g}")


def coarse_p(value: Number) -> Number:
    """A p-value to 2 significant figures, or as many more as keep it on its side of 0.05; exact it would tell a spread.

    >>> coarse_p(0.04996), coarse_p(0.123456), coarse_p(0.05004)
    (0.04996, 0.12, 0.05004)
    """
    if isinstance(value, Suppressed):
        return value
    rounded = (float(f"{value:.{figures}g}") for figures in range(2, 10))
    return next((p for p in rounded if p != _LEVEL and (p < _LEVEL) == (value < _LEVEL)), value)


def grid_share(value: float, size: float, base: int) -> float:
    """A share of `size` people to the nearest multiple of `base` people, half a multiple inside 0 and 1 at the ends.

    >>> round(grid_share(0.7654848166, 967, 5), 4), grid_share(0.001, 100, 5)
    (0.7653, 0.025)
    """
    step = base / size
    return min(max(round(value / step) * step, step / 2), 1 - step / 2)


def outward(low: float, high: float, grid: float) -> tuple[float, float]:
    """An interval rounded outward to the grid, so that neither end nor width gives its values away; ends stay in [-1, 1].

    An end on one side of 0 stays there (at 0 at most), so that the direction is kept.

    >>> outward(-0.12, -0.01, 0.05)
    (-0.15, 0.0)
    """
    if grid <= 0:
        raise InternalError("The grid of an interval must be greater than 0.")
    wide = math.floor(low / grid) * grid, math.ceil(high / grid) * grid
    return round(max(-1.0, wide[0]), 10) + 0.0, round(min(1.0, wide[1]), 10) + 0.0
