"""Planning, for all inputs: there and back, and never the wrong way round."""

from __future__ import annotations

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from datalab.planning import PowerSettings, make_plan
from datalab.planning.formula import normal_reach, smallest_detectable, treated_needed

spreads = st.floats(1e-3, 1e4)
variances = st.floats(0, 1e-2)
powers = st.floats(0.5, 0.99)
people = st.integers(1, 1_000_000)


@given(spreads, variances, st.floats(1e-3, 100), powers)
def test_the_people_needed_find_the_effect_they_are_needed_for(spread: float, v0: float, effect: float, power: float) -> None:
    reach = normal_reach(power)
    n = treated_needed(spread, v0, effect, reach)
    assume(math.isfinite(n) and spread / n > 1e-9 * v0)
    assert math.isclose(smallest_detectable(spread, v0, n, reach), effect, rel_tol=1e-6)


@given(spreads, variances, st.floats(1, 1e6), powers)
def test_the_smallest_effect_needs_the_people_it_came_from(spread: float, v0: float, n: float, power: float) -> None:
    reach = normal_reach(power)
    assume(spread / n > 1e-6 * v0)
    assert math.isclose(treated_needed(spread, v0, smallest_detectable(spread, v0, n, reach), reach), n, rel_tol=1e-6)


@given(people, people, st.floats(0.01, 0.99), st.floats(0.05, 1), st.sampled_from(["rate", "frequency", "days_to_first"]))
def test_more_people_find_no_less(one: int, other: int, base: float, kept: float, outcome: str) -> None:
    few, many = (make_plan(PowerSettings(n, outcome, base_rate=base, kept=kept)).reach for n in sorted((one, other)))
    assert many.smallest <= few.smallest
    assert many.analysed >= few.analysed


@given(people, st.floats(0.01, 0.99), powers)
def test_a_larger_change_needs_no_more_people_and_the_curve_falls(participants: int, base: float, power: float) -> None:
    plan = make_plan(PowerSettings(participants, base_rate=base, power=power))
    needed = [need.analysed for need in plan.by_effect]
    smallest = [reach.smallest for reach in plan.by_participants]
    assert needed == sorted(needed, reverse=True)
    assert smallest == sorted(smallest, reverse=True)
    assert all(reach.smallest_high <= reach.smallest <= reach.smallest_low for reach in plan.by_participants)


@given(people, st.floats(0.01, 0.99), st.floats(0, 0.9), st.floats(0, 0.9))
def test_a_model_that_explains_more_finds_no_less(participants: int, base: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    plans = [make_plan(PowerSettings(participants, base_rate=base, r_squared=r)).reach.smallest for r in (less, more)]
    assert plans[1] <= plans[0]
