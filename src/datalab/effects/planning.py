"""How many more people a stated effect needs, and what this study could have seen (design 3.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from datalab.constraints import Range, unknown
from datalab.effects.influence import Variance
from datalab.effects.intervals import quantile, t_quantile
from datalab.planning.formula import POWER, smallest_detectable, treated_needed
from datalab.table import Kind

# How large an effect of each kind a plan may state: above 0, and no further than the measure itself can move.
_MOST_STATED: dict[Kind, float] = {"binary": 1.0, "days": 365.0}


def stated_faults(kinds: Mapping[str, Kind], stated: Mapping[str, object], what: str = "stated_effects") -> list[str]:
    """A sentence for every stated effect of a measure that is not among `kinds` (name to kind), or whose size cannot be.

    stated: measure to the effect's size, absolute, in the measure's units (a rate: 0.05 is 5 points).

    >>> stated_faults({"rate": "binary"}, {"rate": 0.08})
    []
    """
    faults = [unknown(what, name, kinds) for name in stated if name not in kinds]
    sizes = {name: Range(0, _MOST_STATED.get(kind, math.inf), open_low=True) for name, kind in kinds.items()}
    told = (sizes[name].fault(f"{what}.{name}", size) for name, size in stated.items() if name in kinds)
    return faults + [fault for fault in told if fault]


def _reach(df: float) -> float:
    """Standard errors between no effect and one that is found with 80 % power at the two-sided 5 % level."""
    return quantile(df) + t_quantile(POWER, df)


def _planning_df(variance: Variance) -> float:
    return variance.df if variance.clusters else math.inf


def _parts(variance: Variance) -> tuple[float, float]:
    """v1 and v0; what the groups share at their sites leaves both in proportion."""
    both = variance.v1 + variance.v0
    share = variance.total / both if both > 0 else 1.0
    return variance.v1 * share, variance.v0 * share


def people_needed(variance: Variance, k: int, stated_effect: float) -> float:
    """More treated people, beyond the k analysed, that find `stated_effect` (absolute, > 0) with 80 % power.

    n = A / [(effect / (z.975 + z.80))^2 - V0] with A = k V1; 0 where k suffice; infinite where the bracket is not
    positive: then more comparison people, or more overlap, are needed instead. The effect is stated beforehand; the
    estimate must never be plugged in.

    >>> people_needed(Variance(0.22 / 100, 0.0001, 90.0), 100, 0.05)
    907.0
    """
    v1, v0 = _parts(variance)
    needed = treated_needed(k * v1, v0, stated_effect, _reach(_planning_df(variance)))
    return float(max(0, math.ceil(needed) - k)) if math.isfinite(needed) else needed


def smallest_effect(variance: Variance) -> float:
    """The smallest effect (absolute) that a study with this variance finds with 80 % power.

    >>> round(smallest_effect(Variance(0.0003, 0.0001, 90.0)), 3)
    0.056
    """
    v1, v0 = _parts(variance)
    return smallest_detectable(v1, v0, 1, _reach(_planning_df(variance)))
