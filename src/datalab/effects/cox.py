"""Hazard ratio of treated to comparison: weighted Cox model of one covariate, robust variance by person."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from datalab.effects.influence import dense_codes
from datalab.effects.results import HazardRatio
from datalab.table import Bools, Floats, Ints

_STEPS = 50
_CLOSE = 1e-12


@dataclass(frozen=True)
class _Events:
    """One entry an event, ordered by time; ties by Efron: the l-th of d at a time sees l/d of the tied weight gone.

    step (e,): index of the distinct time. mean_weight (e,): of those tied. share_gone (e,): l/d. all0, all1: weight at
    risk of comparison and treated; tied0, tied1: of it, with the event at that time. count (m,): d of each time.
    """

    step: Ints
    mean_weight: Floats
    share_gone: Floats
    all0: Floats
    all1: Floats
    tied0: Floats
    tied1: Floats
    count: Ints
    times: Floats
    treated_weight: float


def _at_risk(times: Floats, duration: Floats, weights: Floats) -> Floats:
    seen = np.bincount(np.searchsorted(times, duration, side="right"), weights, times.size + 1)
    return np.asarray(np.cumsum(seen[::-1])[::-1][1:], dtype=np.float64)


def _gather(duration: Floats, event: Bools, treated: Bools, weights: Floats) -> _Events:
    times, place, count = np.unique(duration[event], return_inverse=True, return_counts=True)
    w1, w0 = np.where(treated, weights, 0.0), np.where(treated, 0.0, weights)
    tied1, tied0 = (np.bincount(place, w[event], times.size).astype(np.float64) for w in (w1, w0))
    step = np.repeat(np.arange(times.size), count)
    nth = np.arange(step.size) - np.repeat(np.cumsum(count) - count, count)
    return _Events(
        step=step,
        mean_weight=((tied0 + tied1) / count)[step],
        share_gone=nth / count[step],
        all0=_at_risk(times, duration, w0)[step],
        all1=_at_risk(times, duration, w1)[step],
        tied0=tied0[step],
        tied1=tied1[step],
        count=count.astype(np.int64),
        times=times,
        treated_weight=float(tied1.sum()),
    )


def _treated_share(events: _Events, beta: float) -> tuple[Floats, Floats]:
    """Risk-weighted share of treated at each event, and the risk-weighted total."""
    risk1 = math.exp(beta) * (events.all1 - events.share_gone * events.tied1)
    total = risk1 + events.all0 - events.share_gone * events.tied0
    return risk1 / total, total


def _solve(events: _Events) -> tuple[float, float] | None:
    """Log hazard ratio and the information there (Newton; the one-covariate likelihood is concave).

    None where the likelihood has no maximum: the events of the groups do not overlap in time.
    """
    beta = 0.0
    for _ in range(_STEPS):
        share, _total = _treated_share(events, beta)
        information = float(events.mean_weight @ (share * (1 - share)))
        if information <= _CLOSE * events.treated_weight:
            return None
        change = (events.treated_weight - float(events.mean_weight @ share)) / information
        beta += max(-1.0, min(1.0, change))
        if abs(change) < _CLOSE:
            return beta, information
    return None


def _scores(events: _Events, beta: float, duration: Floats, event: Bools, treated: Bools) -> Floats:
    """Score residual of each row, (n,), unweighted (Lin and Wei 1989, Efron's ties as in R's survival)."""
    share, total = _treated_share(events, beta)
    hazard = events.mean_weight / total
    size = events.times.size

    def by_time(values: Floats) -> Floats:
        return np.bincount(events.step, values, size).astype(np.float64)

    passed = np.searchsorted(events.times, duration, side="right")
    step = np.maximum(passed - 1, 0)
    x = treated.astype(np.float64)

    def run(values: Floats) -> Floats:
        return np.concatenate(([0.0], np.cumsum(by_time(values))))[passed]

    # Who has the event at a time counts there with what Efron leaves of them: 1 - l/d at the l-th tied event.
    spared = by_time(hazard * events.share_gone)[step] * x - by_time(hazard * events.share_gone * share)[step]
    at_risk = x * run(hazard) - run(hazard * share) - np.where(event, spared, 0.0)
    own = np.where(event, x - (by_time(share) / events.count)[step], 0.0)
    return np.asarray(own - np.where(treated, math.exp(beta), 1.0) * at_risk, dtype=np.float64)


def fit_hazard_ratio(duration: Floats, event: Bools, treated: Bools, weights: Floats, person: Ints) -> HazardRatio | None:
    """Cox model with the treatment alone, n rows with positive weights, Efron ties, 95 % interval from the robust variance.

    The model-based variance takes weights for people and is half as wide again as it should be, so it is not offered.
    None where the ratio has no maximum likelihood value: a group without events, or events that do not overlap in time.
    """
    if not (event & treated).any() or not (event & ~treated).any():
        return None
    events = _gather(duration, event, treated, weights)
    if (solution := _solve(events)) is None:
        return None
    beta, information = solution
    codes, people = dense_codes(person)
    by_person = np.bincount(codes, weights * _scores(events, beta, duration, event, treated), people)
    se = math.sqrt(float(by_person @ by_person)) / information
    reach = float(ndtri(0.975)) * se
    return HazardRatio(
        ratio=math.exp(beta),
        low=math.exp(beta - reach),
        high=math.exp(beta + reach),
        se_log=se,
        p=float(2 * ndtr(-abs(beta) / se)),
    )
