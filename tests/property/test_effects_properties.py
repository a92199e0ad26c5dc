"""What must hold of every interval, verdict and adjustment, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from datalab.effects.influence import Variance, clustered_variance, difference, difference_variance, make_group, mean_variance
from datalab.effects.intervals import influence_t, log_ratio_t, mover_limits, mover_wilson, quantile, welch
from datalab.effects.multiplicity import adjust_holm
from datalab.effects.results import Effect
from datalab.effects.verdict import give_verdict

shares = st.floats(0, 1)
variances = st.floats(1e-9, 0.05)
sizes = st.floats(10, 1e5)


def require_agreement(effect: Effect) -> None:
    """p, interval and verdict say the same; the edge itself (p = 0.05 to 9 digits) may fall on either side."""
    assume(abs(effect.p - 0.05) > 1e-9)
    outside = effect.low > 0 or effect.high < 0
    assert outside == (effect.p < 0.05)
    assert (give_verdict(effect) in ("lower", "higher")) == outside
    assert effect.low <= effect.estimate <= effect.high
    assert 0 <= effect.p <= 1


@given(shares, shares, variances, variances, sizes, sizes, st.sampled_from([0, 5, 20]))
def test_rates(p1, p0, v1, v0, k, effective, clusters):
    variance = Variance(v1, v0, clusters - 1.0 if clusters else 50.0, clusters)
    effect = mover_wilson(p1, p1 - p0, variance, k, effective)
    assert -1 <= effect.low <= effect.high <= 1
    require_agreement(effect)


@given(st.floats(-0.2, 1.2), shares, variances, variances)
def test_rates_where_the_model_leaves_the_unit_interval(p0, p1, v1, v0):
    assume(abs(p1 - p0) <= 1)
    require_agreement(mover_wilson(p1, p1 - p0, Variance(v1, v0, 50.0), 80.0, 400.0))


@given(st.floats(-100, 100), st.floats(1e-6, 1e4), st.floats(1, 1e6))
def test_numbers(estimate, v, df):
    require_agreement(influence_t(estimate, Variance(v, v / 3, df)))


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 3))
def test_counts_and_classic(seed, rate):
    rng = np.random.default_rng(seed)
    treated = make_group(rng.poisson(rate, 40).astype(float), rng.random(40), np.ones(40), np.arange(40))
    comparison = make_group(rng.poisson(1.0, 90).astype(float), rng.random(90), rng.random(90) + 0.1, np.arange(100, 190))
    assume(treated.mean > max(0.0, difference(treated, comparison)))
    effect = log_ratio_t(treated, comparison)
    require_agreement(effect)
    assert math.isclose(effect.ratio_low < 1 < effect.ratio_high, effect.low < 0 < effect.high)
    classic = welch(treated, comparison)
    assert classic is not None
    require_agreement(classic)


@given(shares, shares, sizes, sizes)
def test_wider_confidence_reaches_further(p1, p0, n1, n0):
    inner, outer = mover_limits(p1, p0, n1, n0, 1.0), mover_limits(p1, p0, n1, n0, quantile(math.inf))
    assert all(a <= b + 1e-12 for a, b in zip(inner, outer, strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm(p):
    adjusted = adjust_holm(p)
    assert all(raw <= a <= 1 for raw, a in zip(p, adjusted, strict=True))
    order = np.argsort(p, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(np.array(adjusted)[order])
    assert min(adjusted) == min(1.0, len(p) * min(p))
    # Holm rejects at least what Bonferroni rejects, and nothing that the raw test does not.
    assert all(a <= min(1.0, len(p) * raw) + 1e-15 for raw, a in zip(p, adjusted, strict=True))


@given(st.integers(0, 2**32 - 1), st.integers(5, 60))
def test_one_person_a_site_is_no_clustering(seed, k):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=k)
    group = make_group(y, np.zeros(k), np.ones(k), np.arange(k), np.arange(k))
    assert np.isclose(clustered_variance(y, group, np.arange(k), k), mean_variance(y, group) * k / (k - 1))


@given(st.integers(0, 2**32 - 1))
def test_row_order_and_weight_scale_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    y1, y0, w, person = rng.random(12), rng.random(30), rng.random(30) + 0.01, rng.integers(0, 15, 30)
    treated = make_group(y1, np.zeros(12), np.ones(12), np.arange(12))
    order = rng.permutation(30)
    first = difference_variance(y1, y0, treated, make_group(y0, np.zeros(30), w, person))
    again = difference_variance(y1, y0[order], treated, make_group(y0[order], np.zeros(30), 7 * w[order], person[order]))
    assert np.allclose((first.v1, first.v0, first.df), (again.v1, again.v0, again.df), rtol=1e-10)
