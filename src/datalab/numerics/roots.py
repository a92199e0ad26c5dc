"""Where a rising function passes 0."""

from __future__ import annotations

from collections.abc import Callable


def crossing(rising: Callable[[float], float], low: float, high: float) -> float:
    """The place in [low, high] where a function that never falls, at most 0 at `low` and above 0 at `high`, passes 0.

    By halving until no number lies between the two ends, so that the answer is as close as floats allow.

    >>> crossing(lambda x: x * x - 2.0, 0.0, 2.0) == 2**0.5
    True
    """
    while low < (middle := low + (high - low) / 2) < high:
        if rising(middle) > 0:
            high = middle
        else:
            low = middle
    return high
