"""Radius weights, slow and obvious, O(nN): what the fast way is held to. Only tests use it."""

from __future__ import annotations

import numpy as np

from datalab.table import Bools, Floats, Ints


def radius_weights_obvious(logit: Floats, treated: Bools, strata: Ints, caliper: float) -> tuple[Floats, Ints]:
    """The same as `radius.radius_weights`, written as its definition reads."""
    weights, reach = np.zeros(logit.size), np.zeros(logit.size, dtype=np.int64)
    for i in np.flatnonzero(treated):
        inside = [
            j for j in np.flatnonzero(~treated) if strata[j] == strata[i] and logit[i] - caliper <= logit[j] <= logit[i] + caliper
        ]
        reach[i] = len(inside)
        for j in inside:
            weights[j] += 1 / len(inside)
            weights[i] = 1.0
    return weights, reach
