"""Weighted Kaplan-Meier tables and the pseudo-values of the mean time without the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.numerics.weighting import mass_of
from datalab.table import Bools, Floats


@dataclass(frozen=True)
class LifeTable:
    """Kaplan-Meier at the m distinct event times (ascending): weight at risk, hazard, share surviving just after."""

    times: Floats
    at_risk: Floats
    hazard: Floats
    surviving: Floats

    def surviving_at(self, days: Floats) -> Floats:
        """Share without the event by each of `days`; 1 before the first event."""
        return np.concatenate(([1.0], self.surviving))[self.passed(days)]

    def passed(self, days: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """How many event times are not after each of `days`."""
        return np.searchsorted(self.times, days, side="right")

    @property
    def increments(self) -> Floats:
        """1 / (at risk (1 - hazard)): what an event adds to the log of surviving; 0 where nobody survives it."""
        left = self.at_risk * (1.0 - self.hazard)
        return np.divide(1.0, left, out=np.zeros_like(left), where=self.hazard < 1)


def end_at_horizon(duration: Floats, event: Bools, horizon: float) -> tuple[Floats, Bools]:
    """Durations cut at the horizon; an event after it is censored there, one on the day itself counts."""
    return np.minimum(duration, horizon), event & (duration <= horizon)


def make_life_table(duration: Floats, event: Bools, weights: Floats) -> LifeTable:
    """Kaplan-Meier of n rows with positive weights (any scale); who is censored on a day was at risk on it.

    >>> make_life_table(np.array([1.0, 2.0, 2.0]), np.array([True, True, False]), np.ones(3)).surviving.round(3)
    array([0.667, 0.333])
    """
    times, place = np.unique(duration[event], return_inverse=True)
    events = np.bincount(place, weights[event], times.size).astype(np.float64)
    seen = np.bincount(np.searchsorted(times, duration, side="right"), weights, times.size + 1)
    # Summed from the end, so that no small remainder is a difference of large sums.
    at_risk = np.maximum(np.cumsum(seen[::-1])[::-1][1:], events)
    hazard = np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    surviving = np.asarray(np.cumprod(1.0 - hazard), dtype=np.float64)
    return LifeTable(times, at_risk, hazard, surviving)


def can_reach(duration: Floats, event: Bools, horizon: float) -> bool:
    """True where the curve is known up to the horizon: somebody is followed that far, or everybody has had the event."""
    last = float(duration.max())
    return last >= horizon or bool(event[duration == last].all())


def mean_time(table: LifeTable, horizon: float) -> float:
    """Restricted mean: the area under the curve from 0 to the horizon."""
    return float(_area_from_each(table, horizon)[0])


def _area_from_each(table: LifeTable, horizon: float) -> Floats:
    """Area under the curve from 0, and from each event time, to the horizon (m + 1,)."""
    bounds = np.concatenate(([0.0], table.times, [horizon]))
    levels = np.concatenate(([1.0], table.surviving))
    return np.asarray(np.cumsum((levels * np.diff(bounds))[::-1])[::-1], dtype=np.float64)


def pseudo_mean_time(duration: Floats, event: Bools, horizon: float, case_weights: Floats | None = None) -> Floats:
    """Infinitesimal-jackknife pseudo-values (n,) of the restricted mean time of one group; case_weights: positive.

    Their mean is the group's restricted mean; without censoring each is min(duration, horizon). Censoring must not
    depend on the covariates (Andersen, Hansen and Klein 2004; Parner, Andersen and Overgaard 2023).

    >>> pseudo_mean_time(np.array([1.0, 3.0, 9.0]), np.array([True, True, True]), 5.0).round(6)
    array([1., 3., 5.])
    """
    duration, event = end_at_horizon(duration, event, horizon)
    mass = mass_of(case_weights, duration.size)
    table = make_life_table(duration, event, mass)
    area = _area_from_each(table, horizon)
    jumps = area[1:] * table.increments
    drift = np.concatenate(([0.0], np.cumsum(jumps * table.hazard)))
    passed = table.passed(duration)
    own = np.where(event, np.concatenate(([0.0], jumps))[passed], 0.0)
    return np.asarray(area[0] - mass.sum() * (own - drift[passed]), dtype=np.float64)
