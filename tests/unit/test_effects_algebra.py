"""The formulas of design 3.2 and 3.4 against sums written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from datalab.effects.estimate import STATED_EFFECT
from datalab.effects.influence import (
    Variance,
    clustered_variance,
    difference,
    difference_variance,
    make_group,
    mean_variance,
    named_clusters,
    treated_variance,
)
from datalab.effects.intervals import influence_t, log_ratio_t, mover_wilson, welch
from datalab.effects.planning import people_needed, smallest_effect
from datalab.errors import UsageError


def ids(n: int, start: int = 0) -> np.ndarray:
    return np.arange(start, start + n)


def treated_of(y: list[float], m0: list[float] | None = None):
    values = np.array(y, float)
    return make_group(values, np.zeros(len(y)) if m0 is None else np.array(m0, float), np.ones(len(y)), ids(len(y)))


def test_estimate_and_variance_are_formulas_3_to_5():
    y1, m1 = [1.0, 0.0, 1.0, 1.0], [0.5, 0.25, 0.75, 0.5]
    y0, m0, w = [1.0, 0.0, 0.0], [0.5, 0.25, 0.125], np.array([0.5, 0.25, 0.25])
    treated = treated_of(y1, m1)
    comparison = make_group(np.array(y0), np.array(m0), w, ids(3, 10))
    r1, r0 = np.array(y1) - m1, np.array(y0) - m0
    assert difference(treated, comparison) == pytest.approx(r1.mean() - w @ r0)
    variance = difference_variance(r1, r0, treated, comparison)
    v1, v0 = r1.var(ddof=1) / 4, (w**2 @ (r0 - w @ r0) ** 2)
    effective = 1 / (w @ w)
    assert variance.v1 == pytest.approx(v1)
    assert variance.v0 == pytest.approx(v0)
    assert variance.df == pytest.approx((v1 + v0) ** 2 / (v1**2 / 3 + v0**2 / (effective - 1)))
    assert variance.se == pytest.approx(math.sqrt(v1 + v0))


def test_influence_is_summed_by_person_before_it_is_squared():
    w = np.array([0.4, 0.2, 0.4])
    group = make_group(np.array([1.0, 0.0, 0.0]), np.zeros(3), w, np.array([7, 7, 9]))
    mean = 0.4
    by_hand = (0.4 * (1 - mean) + 0.2 * (0 - mean)) ** 2 + (0.4 * (0 - mean)) ** 2
    assert mean_variance(group.y, group) == pytest.approx(by_hand)
    assert group.people == 2
    assert group.effective == pytest.approx(1 / (0.6**2 + 0.4**2))


def test_repeating_every_row_of_a_person_changes_nothing():
    rng = np.random.default_rng(4)
    y, w = rng.random(30), rng.random(30)
    once = make_group(y, np.zeros(30), w, ids(30))
    twice = make_group(np.repeat(y, 2), np.zeros(60), np.repeat(w, 2), np.repeat(ids(30), 2))
    assert mean_variance(twice.y, twice) == pytest.approx(mean_variance(once.y, once))
    assert twice.effective == pytest.approx(once.effective)


def test_cr3_is_the_printed_formula():
    r = np.array([1.0, 2.0, 4.0, 0.0, 3.0])
    site = np.array([0, 0, 1, 1, 2])
    group = treated_of(list(r))
    mean, k, sites = r.mean(), 5, 3
    by_hand = sum((sum(r[site == g] - mean) / (1 - (site == g).sum() / k)) ** 2 for g in range(3))
    by_hand *= (sites - 1) / sites / k**2
    assert clustered_variance(r, group, site, 3) == pytest.approx(by_hand)


def test_cr3_with_a_site_a_person_is_the_usual_variance_but_for_k():
    r = np.random.default_rng(5).normal(size=40)
    group = treated_of(list(r))
    # (k-1)/k * sum (r - mean)^2 / (1 - 1/k)^2 / k^2 = sum (r - mean)^2 / (k (k - 1))
    assert clustered_variance(r, group, ids(40), 40) == pytest.approx(r.var(ddof=1) / 40)


@pytest.mark.parametrize(("sites", "used"), [(4, 0), (5, 5)])
def test_five_named_sites_switch_clusters_on(sites: int, used: int):
    y = np.arange(20.0)
    group = make_group(y, np.zeros(20), np.ones(20), ids(20), ids(20) % sites)
    assert treated_variance(y, group)[2] == used


def test_people_without_a_site_count_as_one_more():
    y = np.arange(24.0)
    site = np.where(ids(24) < 4, -1, ids(24) % 5)
    group = make_group(y, np.zeros(24), np.ones(24), ids(24), site)
    assert named_clusters(group) == 5
    _, df, clusters = treated_variance(y, group)
    assert (df, clusters) == (5.0, 6)


def test_sites_of_both_groups_are_left_out_together():
    """The jackknife by hand: a site at a time leaves both means; comparison people without a site stand for themselves."""
    rng = np.random.default_rng(8)
    a, b, w = rng.normal(size=40), rng.normal(size=90), rng.uniform(0.5, 2.0, 90)
    one, other = ids(40) % 6, np.where(ids(90) < 10, -1, ids(90) % 8)
    treated = make_group(a, np.zeros(40), np.ones(40), ids(40), one)
    comparison = make_group(b, np.zeros(90), w, ids(90, 100), other)
    named = other >= 0
    shares, mean = w / w.sum(), np.average(b, weights=w)
    moved = []
    for site in range(8):
        first = a.mean() - a[one != site].mean()
        here = other == site
        second = (shares[here] @ (b[here] - mean)) / (1 - shares[here].sum())
        moved.append(first - second)
    alone = ((shares * (b - mean))[~named] ** 2).sum()
    variance = difference_variance(a, b, treated, comparison)
    assert variance.total == pytest.approx(7 / 8 * sum(move**2 for move in moved) + alone)
    assert variance.clusters == 8
    assert variance.df <= 7
    assert variance.covariance != 0


def test_few_sites_in_the_comparison_group_leave_it_to_people():
    a, b = np.arange(40.0), np.arange(60.0)
    treated = make_group(a, np.zeros(40), np.ones(40), ids(40), ids(40) % 6)
    variance = difference_variance(a, b, treated, make_group(b, np.zeros(60), np.ones(60), ids(60, 100), ids(60) % 4))
    without = difference_variance(a, b, treated, make_group(b, np.zeros(60), np.ones(60), ids(60, 100)))
    assert variance == without
    assert variance.covariance == 0


def test_unweighted_welch_is_scipys():
    rng = np.random.default_rng(6)
    a, b = rng.normal(1, 2, 25), rng.normal(0, 1, 40)
    effect = welch(treated_of(list(a)), treated_of(list(b)))
    assert effect is not None
    ours = stats.ttest_ind(a, b, equal_var=False)
    interval = ours.confidence_interval()
    assert effect.p == pytest.approx(ours.pvalue)
    assert (effect.low, effect.high, effect.df) == pytest.approx((interval.low, interval.high, ours.df))


def test_welch_of_a_constant_says_nothing():
    assert welch(treated_of([1, 1, 1]), treated_of([1, 1])) is None


def test_log_ratio_is_written_out():
    rng = np.random.default_rng(7)
    y1, m1 = rng.poisson(1.0, 50).astype(float), rng.random(50) + 0.5
    y0, m0, w = rng.poisson(1.5, 80).astype(float), rng.random(80) + 0.5, rng.random(80)
    treated, comparison = treated_of(list(y1), list(m1)), make_group(y0, m0, w, ids(80, 100))
    w = w / w.sum()
    tau = (y1 - m1).mean() - w @ (y0 - m0)
    p1, p0 = y1.mean(), y1.mean() - tau
    a, b = y1 / p1 - m1 / p0, (y0 - m0) / p0
    v1, v0 = a.var(ddof=1) / 50, w**2 @ (b - w @ b) ** 2
    df = (v1 + v0) ** 2 / (v1**2 / 49 + v0**2 / (1 / (w @ w) - 1))
    reach = stats.t.ppf(0.975, df) * math.sqrt(v1 + v0)
    theta = math.log(p1 / p0)
    effect = log_ratio_t(treated, comparison)
    assert effect.estimate == pytest.approx(tau)
    assert effect.low == pytest.approx(p0 * (math.exp(theta - reach) - 1))
    assert effect.high == pytest.approx(p0 * (math.exp(theta + reach) - 1))
    assert effect.p == pytest.approx(2 * stats.t.sf(abs(theta) / math.sqrt(v1 + v0), df))
    assert (effect.ratio, effect.ratio_low) == pytest.approx((p1 / p0, math.exp(theta - reach)))


def test_mover_uses_t_where_people_are_clustered():
    plain = mover_wilson(0.3, -0.05, Variance(0.002, 0.0001, 80.0), 100, 900)
    clustered = mover_wilson(0.3, -0.05, Variance(0.002, 0.0001, 6.0, clusters=7), 100, 900)
    assert math.isinf(plain.df)
    assert clustered.df == 6
    assert clustered.high - clustered.low > plain.high - plain.low


@pytest.mark.parametrize(("p1", "estimate"), [(0.0, -0.4), (1.0, 0.6), (0.0, 0.0), (1.0, 0.0), (0.02, 0.05)])
def test_mover_keeps_an_interval_at_the_ends(p1: float, estimate: float):
    effect = mover_wilson(p1, estimate, Variance(0.0, 0.0, 40.0), 40, 500)
    assert -1 <= effect.low < effect.estimate < effect.high <= 1
    assert 0 < effect.p <= 1


def test_p_of_an_overwhelming_effect_is_tiny_and_not_zero():
    effect = mover_wilson(0.9, 0.85, Variance(1e-7, 1e-7, math.inf), 10**6, 10**6)
    assert 0 < effect.p < 1e-200
    far = influence_t(50.0, Variance(1.0, 0.0, 5.0))
    assert far.low > 0


def test_people_needed_is_the_formula():
    variance = Variance(0.22 / 200, 0.00005, 150.0)
    room = (0.05 / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))) ** 2 - 0.00005
    assert people_needed(variance, 200, 0.05) == math.ceil(0.22 / room) - 200
    assert people_needed(variance, 5000, 0.2) == 0


def test_more_participants_cannot_help_a_poor_comparison_group():
    assert math.isinf(people_needed(Variance(0.001, 0.01, 50.0), 200, 0.05))


def test_planned_for_its_own_smallest_effect_a_study_needs_nobody():
    variance = Variance(0.0011, 0.0002, 150.0)
    assert people_needed(variance, 200, smallest_effect(variance) + 1e-9) == 0
    assert people_needed(variance, 200, smallest_effect(variance) * 0.99) > 0


def test_the_effect_must_be_stated_and_positive():
    with pytest.raises(UsageError, match="stated effect"):
        people_needed(Variance(0.001, 0.0, 50.0), 200, 0.0)
    assert STATED_EFFECT == {"binary": 0.05}
