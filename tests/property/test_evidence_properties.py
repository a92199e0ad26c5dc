"""What must hold for any studies: order, units and direction change nothing but what they name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalab.evidence import EffectSize, Settings, pool_effects

STUDIES = st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.005, 0.3)), min_size=3, max_size=12)


def make(studies, scale=1.0, shift=0.0):
    return [EffectSize("mean_difference", scale * y + shift, abs(scale) * se) for y, se in studies]


def main_figures(pool):
    spread = pool.heterogeneity
    return [
        pool.random.estimate,
        pool.random.low,
        pool.random.high,
        spread.tau,
        spread.tau2_high**0.5,
        spread.i2,
        *pool.prediction,
    ]


@settings(max_examples=60, deadline=None)
@given(STUDIES, st.randoms(use_true_random=False))
def test_order_changes_nothing(studies, random) -> None:
    shuffled = list(studies)
    random.shuffle(shuffled)
    one, other = pool_effects(make(studies)), pool_effects(make(shuffled))
    assert main_figures(one) == pytest.approx(main_figures(other), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(STUDIES, st.sampled_from([-1.0, 0.01, 100.0]))
def test_another_unit_scales_everything_and_leaves_shares_and_p(studies, scale: float) -> None:
    one, other = pool_effects(make(studies)), pool_effects(make(studies, scale))
    assert other.random.estimate == pytest.approx(scale * one.random.estimate, abs=1e-9 * abs(scale))
    assert other.heterogeneity.tau == pytest.approx(abs(scale) * one.heterogeneity.tau, rel=1e-5, abs=1e-9 * abs(scale))
    assert (other.random.p, other.heterogeneity.i2) == pytest.approx((one.random.p, one.heterogeneity.i2), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(STUDIES, st.floats(-2, 2))
def test_a_constant_added_to_every_effect_moves_the_mean_alone(studies, shift: float) -> None:
    one, other = pool_effects(make(studies)), pool_effects(make(studies, shift=shift))
    assert other.random.estimate - one.random.estimate == pytest.approx(shift, abs=1e-8)
    assert other.random.se == pytest.approx(one.random.se, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(STUDIES)
def test_intervals_nest_and_the_mean_lies_within(studies) -> None:
    pool = pool_effects(make(studies))
    guarded, plain = pool.random, pool_effects(make(studies), Settings(guard="none")).random
    assert pool.prediction[0] <= guarded.low <= guarded.estimate <= guarded.high <= pool.prediction[1]
    assert guarded.high - guarded.low >= plain.high - plain.low - 1e-12
    assert pool.heterogeneity.tau2_low <= pool.heterogeneity.tau2_high
    assert 0 <= pool.heterogeneity.i2 < 1
    assert sum(pool.weights) == pytest.approx(1)
    values = np.array([y for y, _ in studies])
    assert values.min() - 1e-12 <= guarded.estimate <= values.max() + 1e-12
