"""Variance between studies: restricted maximum likelihood, its Q-profile interval, and the shares made from it.

A model has k estimates y with known variances v and a design x (k, p): a column of ones, or one column a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from datalab.evidence.results import Heterogeneity
from datalab.table import Floats

_GRID = 24
_CLOSE = 1e-14


@dataclass(frozen=True)
class Model:
    """k estimates (k,), their variances (k,), and the design (k, p) of full column rank, k > p."""

    y: Floats
    v: Floats
    x: Floats

    @property
    def df(self) -> int:
        """Estimates beyond those that the design needs."""
        return int(self.x.shape[0] - self.x.shape[1])


@dataclass(frozen=True)
class Fit:
    """Weighted least squares at one tau2: coefficients (p,), their covariance (p, p), weights, residuals, Q."""

    beta: Floats
    covariance: Floats
    weights: Floats
    residuals: Floats
    q: float


def fit_at(model: Model, tau2: float) -> Fit:
    """The model with weights 1 / (v + tau2)."""
    weights = 1.0 / (model.v + tau2)
    covariance = np.asarray(np.linalg.inv((model.x.T * weights) @ model.x), dtype=np.float64)
    beta = covariance @ (model.x.T @ (weights * model.y))
    residuals = model.y - model.x @ beta
    return Fit(beta, covariance, weights, residuals, float(weights @ residuals**2))


def _trace(model: Model, fit: Fit) -> float:
    """Trace of the matrix that takes y to its weighted residuals."""
    return float(fit.weights.sum() - np.trace(fit.covariance @ ((model.x.T * fit.weights**2) @ model.x)))


def _likelihood(model: Model, tau2: float) -> float:
    """Restricted log-likelihood, but for a constant."""
    fit = fit_at(model, tau2)
    return float(0.5 * (np.log(fit.weights).sum() + np.linalg.slogdet(fit.covariance)[1] - fit.q))


def _slope(model: Model, tau2: float) -> float:
    """Its derivative in tau2."""
    fit = fit_at(model, tau2)
    return 0.5 * (float(fit.weights**2 @ fit.residuals**2) - _trace(model, fit))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=_CLOSE * high, rtol=_CLOSE))


def _far(falls: Callable[[float], float], model: Model) -> float:
    """A tau2 so large that `falls` is negative there."""
    far = float(np.var(model.y) + model.v.max())
    while falls(far) > 0:
        far *= 2
    return far


def estimate_tau2(model: Model) -> float:
    """Restricted maximum likelihood estimate of the variance between studies, at least 0 (Viechtbauer 2005).

    The likelihood may have several maxima: the slope's changes of sign over a wide grid are each followed to their root,
    and the highest is taken.
    """

    def slope(tau2: float) -> float:
        return _slope(model, tau2)

    far = _far(slope, model)
    grid = np.concatenate(([0.0], np.geomspace(far * 1e-6, far, _GRID)))
    slopes = np.array([slope(float(tau2)) for tau2 in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    found = [0.0, *(_root(slope, float(grid[i]), float(grid[i + 1])) for i in turns)]
    return max(found, key=lambda tau2: _likelihood(model, tau2))


def profile_tau2(model: Model, level: float = 0.95) -> tuple[float, float]:
    """Q-profile interval of tau2: all values at which Q lies between its chi-squared quantiles (Viechtbauer 2007).

    Both ends are 0 where Q is below the lower quantile even at 0: the studies differ less than chance would have it.
    """

    def bound(share: float) -> float:
        limit = float(chdtri(model.df, share))

        def above(tau2: float) -> float:
            return fit_at(model, tau2).q - limit

        return 0.0 if above(0.0) <= 0 else _root(above, 0.0, _far(above, model))

    tail = (1 - level) / 2
    return bound(tail), bound(1 - tail)


def describe_heterogeneity(model: Model, tau2: float, level: float = 0.95) -> Heterogeneity:
    """tau2 with its interval, I2 and H2 (Higgins and Thompson 2002, from tau2 and the typical variance), and Cochran's Q."""
    fixed = fit_at(model, 0.0)
    typical = model.df / _trace(model, fixed)
    low, high = profile_tau2(model, level)
    return Heterogeneity(
        tau2=tau2,
        tau2_low=low,
        tau2_high=high,
        i2=tau2 / (tau2 + typical),
        h2=tau2 / typical + 1,
        q=fixed.q,
        df=model.df,
        p=float(chdtrc(model.df, fixed.q)),
    )
