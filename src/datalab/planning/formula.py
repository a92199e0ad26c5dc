"""The algebra of planning (design 3.4), in one place: before any data, in a feasibility study and beside every result.

n = A / [ (effect / reach)^2 - V0 ]        A: spread of what a treated person adds, s^2 of y - m0;
effect = reach * sqrt(A / n + V0)          V0: variance of the comparison mean; reach: z(0.975) + z(power).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from datalab.constraints import Range, require

POWER = 0.80
LEVEL = 0.95


def normal_reach(power: float = POWER) -> float:
    """Standard errors between no effect and one found with this power, two-sided at 5 %.

    >>> round(normal_reach(0.8), 4)
    2.8016
    """
    normal = NormalDist()
    return normal.inv_cdf(0.5 + LEVEL / 2) + normal.inv_cdf(power)


def treated_needed(spread: float, v0: float, effect: float, reach: float) -> float:
    """Treated people analysed (not rounded) that find `effect` (absolute, > 0); infinite where the comparison group alone is
    too uncertain: then more comparison people, or more overlap, are needed instead.

    >>> round(treated_needed(0.25, 0.0, 0.10, normal_reach()), 1)
    196.2
    >>> treated_needed(0.25, 0.001, 0.05, normal_reach())
    inf
    """
    require({"stated effect": Range(0, open_low=True)}, {"stated effect": effect})
    room = (effect / reach) ** 2 - v0
    return spread / room if room > 0 else math.inf


def smallest_detectable(spread: float, v0: float, treated: float, reach: float) -> float:
    """The smallest effect (absolute) that `treated` people analysed find; infinite for nobody.

    >>> round(smallest_detectable(0.25, 0.0, 196.2, normal_reach()), 3)
    0.1
    """
    return reach * math.sqrt(spread / treated + v0) if treated > 0 else math.inf
