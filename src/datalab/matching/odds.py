"""Inverse probability weights for the treated: the odds of the score."""

from __future__ import annotations

import numpy as np

from datalab.matching.radius import stratum_rows
from datalab.matching.task import Task, Weighed, blank


def weigh_odds(task: Task) -> Weighed:
    """Weights of the odds e / (1 - e) times the case weight, for the whole pool, made to sum to the treated mass (Hajek).

    Within strata where there are any: the weight in each is its treated mass. Every treated row whose stratum has a pool
    is matched. Source: Hirano, Imbens and Ridder 2003; Hajek 1971.
    """
    weights, reach = blank(task)
    mass = task.mass
    for ours, pool in stratum_rows(task.treated, task.strata):
        odds = mass[pool] * np.exp(task.logit[pool] - task.logit[pool].max())
        weights[pool] = odds * (mass[ours].sum() / odds.sum())
        weights[ours], reach[ours] = mass[ours], pool.size
    return Weighed(weights, reach)
