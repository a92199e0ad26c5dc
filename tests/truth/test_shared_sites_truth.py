"""Sites named in both groups: the errors are those that repeated sampling of sites shows, and false alarms are 5 in 100."""

from __future__ import annotations

import numpy as np
import pytest

from datalab.effects.influence import Group, difference, difference_variance, make_group
from datalab.effects.intervals import influence_t, mover_wilson

TREATED, POOL, DRAWS = 240, 600, 600


def drawn(rng: np.random.Generator, sites: tuple[int, int], *, shared: bool, binary: bool) -> tuple[Group, Group]:
    """Both groups of one draw: people at a site share a site effect, and there is no effect of treatment."""
    level = rng.normal(0.0, 0.6, sum(sites))
    places = (rng.integers(0, sites[0], TREATED), rng.integers(0, sites[1], POOL) + (0 if shared else sites[0]))
    values = [level[place] + rng.normal(size=place.size) for place in places]
    outcomes = [(one > 0.5).astype(float) for one in values] if binary else values
    weights = (np.ones(TREATED), rng.uniform(0.5, 1.5, POOL))
    people = (np.arange(TREATED), np.arange(POOL) + TREATED)
    one, other = (
        make_group(y, np.full(y.size, outcomes[1].mean()), w, person, place)
        for y, w, person, place in zip(outcomes, weights, people, places, strict=True)
    )
    return one, other


@pytest.mark.parametrize("binary", [False, True], ids=["number", "rate"])
@pytest.mark.parametrize(
    ("sites", "shared"), [((12, 12), True), ((15, 6), False), ((15, 15), False)], ids=["the same 12", "15 and 6", "15 and 15"]
)
def test_errors_allow_for_sites_on_both_sides(sites: tuple[int, int], shared: bool, binary: bool) -> None:
    rng = np.random.default_rng(20)
    estimates, errors, alarms = np.empty(DRAWS), np.empty(DRAWS), 0
    for draw in range(DRAWS):
        treated, comparison = drawn(rng, sites, shared=shared, binary=binary)
        variance = difference_variance(treated.residual, comparison.residual, treated, comparison)
        estimates[draw], errors[draw] = difference(treated, comparison), variance.se
        if binary:
            effect = mover_wilson(treated.mean, estimates[draw], variance, treated.people, comparison.effective)
        else:
            effect = influence_t(estimates[draw], variance)
        alarms += not effect.low <= 0 <= effect.high
    # Two standard errors of the simulation: 3 % of the ratio, 1.8 points of the false alarms.
    assert 0.92 < errors.mean() / estimates.std() < 1.10
    assert 0.025 < alarms / DRAWS < 0.075
