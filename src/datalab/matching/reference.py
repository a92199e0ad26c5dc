"""Each method's weights, slow and obvious: what the fast ways are held to. Only tests use it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from datalab.table import Bools, Floats, Ints

Found = tuple[Floats, Ints]


def radius_weights_obvious(logit: Floats, treated: Bools, strata: Ints, caliper: float) -> Found:
    """The same as `radius.radius_weights`, written as its definition reads."""
    weights, reach = _nobody(logit.size)
    for i in np.flatnonzero(treated):
        inside = [
            j for j in np.flatnonzero(~treated) if strata[j] == strata[i] and logit[i] - caliper <= logit[j] <= logit[i] + caliper
        ]
        reach[i] = len(inside)
        for j in inside:
            weights[j] += 1 / len(inside)
            weights[i] = 1.0
    return weights, reach


def kernel_weights_obvious(logit: Floats, treated: Bools, strata: Ints, bandwidth: float) -> Found:
    """Epanechnikov's kernel, a treated row at a time."""
    weights, reach = _nobody(logit.size)
    for i in np.flatnonzero(treated):
        near = {
            j: 1 - ((logit[j] - logit[i]) / bandwidth) ** 2
            for j in np.flatnonzero(~treated)
            if strata[j] == strata[i] and abs(logit[j] - logit[i]) < bandwidth
        }
        near = {j: value for j, value in near.items() if value > 0}
        reach[i] = len(near)
        for j, value in near.items():
            weights[j] += value / sum(near.values())
            weights[i] = 1.0
    return weights, reach


def nearest_weights_obvious(
    logit: Floats, treated: Bools, strata: Ints, *, caliper: float, ratio: int, replacement: bool
) -> Found:
    """Nearest neighbours in rounds, the largest score first, ties to the first row."""
    partners: dict[int, list[int]] = {int(i): [] for i in np.flatnonzero(treated)}
    free = {int(j) for j in np.flatnonzero(~treated)}
    for _ in range(ratio):
        for i in sorted(partners, key=lambda i: (-logit[i], i)):
            near = [
                (abs(logit[i] - logit[j]), j)
                for j in free
                if strata[j] == strata[i] and abs(logit[i] - logit[j]) <= caliper and j not in partners[i]
            ]
            if near:
                _, j = min(near)
                partners[i].append(j)
                free -= set() if replacement else {j}
    weights, reach = _nobody(logit.size)
    for i, chosen in partners.items():
        reach[i] = len(chosen)
        for j in chosen:
            weights[j] += 1 / len(chosen)
            weights[i] = 1.0
    return weights, reach


def odds_weights_obvious(logit: Floats, treated: Bools, strata: Ints) -> Found:
    """Odds of the score, stratum by stratum, made to sum to the stratum's treated."""
    weights, reach = _nobody(logit.size)
    for stratum in set(strata.tolist()):
        ours = [i for i in np.flatnonzero(treated) if strata[i] == stratum]
        pool = [j for j in np.flatnonzero(~treated) if strata[j] == stratum]
        if not ours or not pool:
            continue
        score = {j: 1 / (1 + math.exp(-logit[j])) for j in pool}
        odds = {j: score[j] / (1 - score[j]) for j in pool}
        for j in pool:
            weights[j] = len(ours) * odds[j] / sum(odds.values())
        for i in ours:
            weights[i], reach[i] = 1.0, len(pool)
    return weights, reach


def cell_weights_obvious(columns: Sequence[Ints], treated: Bools) -> Found:
    """Within each combination of the columns' values, the treated shared equally among the comparison rows."""
    weights, reach = _nobody(treated.size)
    cells = list(zip(*(column.tolist() for column in columns), strict=True))
    for cell in set(cells):
        ours = [i for i, other in enumerate(cells) if other == cell and treated[i]]
        pool = [j for j, other in enumerate(cells) if other == cell and not treated[j]]
        for i in ours:
            weights[i], reach[i] = float(bool(pool)), len(pool)
        for j in pool:
            weights[j] = len(ours) / len(pool)
    return weights, reach


def entropy_weights_obvious(columns: Floats, target: Floats) -> Floats:
    """Weights (N,) of least -entropy with column means (N, p) equal to the target (p,): the primal, by a general solver."""
    n = columns.shape[0]
    held = [
        {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        {"type": "eq", "fun": lambda w: columns.T @ w - target, "jac": lambda w: columns.T},
    ]
    found = minimize(  # type: ignore[call-overload]
        lambda w: float(w @ np.log(w)),
        np.full(n, 1 / n),
        jac=lambda w: np.log(w) + 1,
        bounds=[(1e-14, 1.0)] * n,
        constraints=held,
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-15},
    )
    weights: Floats = found.x
    return weights


def _nobody(rows: int) -> Found:
    return np.zeros(rows), np.zeros(rows, dtype=np.int64)
