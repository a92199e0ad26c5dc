"""The interval of a hidden rate, rounded outward: which counts could have given it, to one who knows the method and all else?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from datalab.disclosure import load_thresholds
from datalab.disclosure.outcomes import interval_step
from datalab.disclosure.values import outward
from datalab.effects.influence import Variance
from datalab.effects.intervals import mover_wilson

LIMITS = load_thresholds()
RATES = np.linspace(0.001, 0.999, 3000)


def published(events: int, people: int, rate: float, effective: float) -> tuple[float, float]:
    """The interval as it is printed. rate: of the comparison group, which is hidden beside it."""
    share = events / people
    inside = min(max(share, 0.5 / people), 1 - 0.5 / people)
    variance = Variance(inside * (1 - inside) / people, rate * (1 - rate) / effective, math.inf)
    found = mover_wilson(share, share - rate, variance, people, effective)
    return outward(found.low, found.high, interval_step(people, effective, LIMITS))


def possible(people: int, events: int, printed: tuple[float, float], effective: float) -> bool:
    """Whether so many events could have given what is printed, with some comparison rate."""
    rates = (*RATES[::10].tolist(), *RATES.tolist())
    return any(published(events, people, rate, effective) == printed for rate in rates)


@pytest.mark.parametrize(("people", "effective"), [(30, 4000.0), (75, 40.0), (300, 4000.0)])
@pytest.mark.parametrize("many", [False, True], ids=["few with", "few without"])
def test_the_width_leaves_every_count_within_five(people: int, many: bool, effective: float) -> None:
    """(Where the comparison rate is next to 0 or 1, that it lies between them tells more, as it would of any interval.)"""
    rng = np.random.default_rng(people)
    ends = (0.4, 0.95) if many else (0.05, 0.6)
    for few in range(LIMITS.whole_group_minimum):
        printed = published(people - few if many else few, people, float(rng.uniform(*ends)), effective)
        for other in range(max(0, few - LIMITS.width), few + LIMITS.width + 1):
            assert possible(people, people - other if many else other, printed, effective), (few, other, printed)


def test_without_the_coarse_step_the_width_would_tell() -> None:
    """The attack finds what it is after where the step is the plain grid: 0 and 9 of 60 give two widths."""
    widths = set()
    for few in (0, 9):
        share = few / 60
        variance = Variance(max(share, 0.5 / 60) * (1 - share) / 60, 0.2 * 0.8 / 4000, math.inf)
        found = mover_wilson(share, share - 0.2, variance, 60, 4000)
        low, high = outward(found.low, found.high, LIMITS.interval_grid)
        widths.add(round(high - low, 2))
    assert len(widths) == 2
