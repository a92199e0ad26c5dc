"""Limits of a share, which the estimators and disclosure control both go by."""

from __future__ import annotations

import math


def wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score limits of a share p of n (n need not be whole; Wilson 1927).

    >>> tuple(round(x, 4) for x in wilson(0.0, 10, 1.96))
    (0.0, 0.2775)
    """
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(max(p * (1 - p) / n + z * z / (4 * n * n), 0.0))
    below = 1 + z * z / n
    return max(0.0, (centre - half) / below), min(1.0, (centre + half) / below)
