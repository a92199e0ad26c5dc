"""A released number: itself, the symbol that stands for it, or the band that it is in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Suppressed:
    """A number that may not be shown. symbol: c confidential, x not available, z not applicable, low below display."""

    symbol: Literal["c", "x", "z", "low"] = "c"

    def __str__(self) -> str:
        return f"[{self.symbol}]"


Number = float | int | Suppressed
Band = Literal["<=5", "<=10", ">10", "[z]", "[c]"]
# The largest standardised difference of each band (design 2.8); the last two have none.
BAND_ENDS: dict[Band, float] = {"<=5": 0.05, "<=10": 0.10, ">10": math.inf, "[z]": math.inf}


def band(smd: float) -> Band:
    """The band of a standardised difference (design 2.8), "[z]" where there is none.

    >>> band(-0.04), band(0.07), band(0.3), band(float("nan"))
    ('<=5', '<=10', '>10', '[z]')
    """
    if math.isnan(smd):
        return "[z]"
    return next(name for name, end in BAND_ENDS.items() if abs(smd) <= end)
