"""The three regression families: start, mean, and each row's loss, slope and curvature in its linear predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from datalab.errors import InternalError
from datalab.table import Floats

FamilyName = Literal["logistic", "poisson", "linear"]


@dataclass(frozen=True)
class Family:
    """start: intercept that gives a mean. mean: mean from the linear predictor. parts: loss (-log-likelihood but for a
    constant), mean and curvature of rows, from linear predictor and outcome. low, high: the outcome's range.
    """

    start: Callable[[float], float]
    mean: Callable[[Floats], Floats]
    parts: Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
    low: float
    high: float
    quadratic: bool = False


def _logit(mean: float) -> float:
    return float(np.log(mean) - np.log1p(-mean))


def _logistic_mean(eta: Floats) -> Floats:
    small = np.exp(-np.abs(eta))
    mean: Floats = np.where(eta >= 0, 1.0, small) / (1.0 + small)
    return mean


def _logistic_parts(eta: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    small = np.exp(-np.abs(eta))
    whole = 1.0 + small
    loss = np.maximum(eta, 0.0) + np.log1p(small) - y * eta
    mean = np.where(eta >= 0, 1.0, small) / whole
    return loss, mean, small / (whole * whole)


def _poisson_parts(eta: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    mean = np.exp(eta)
    return mean - y * eta, mean, mean


def _linear_parts(eta: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    return 0.5 * (y - eta) ** 2, eta, np.ones_like(eta)


_FAMILIES = {
    "logistic": Family(_logit, _logistic_mean, _logistic_parts, 0.0, 1.0),
    "poisson": Family(lambda mean: float(np.log(mean)), np.exp, _poisson_parts, 0.0, np.inf),
    "linear": Family(lambda mean: mean, lambda eta: eta, _linear_parts, -np.inf, np.inf, quadratic=True),
}


def family_named(name: str) -> Family:
    """The family of that name; InternalError for any other name.

    >>> family_named("logistic").start(0.5)
    0.0
    """
    if name not in _FAMILIES:
        raise InternalError(f"family must be one of {', '.join(_FAMILIES)}, not {name}")
    return _FAMILIES[name]
