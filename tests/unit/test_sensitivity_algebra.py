"""The algebra of sensitivity against brute force, simulated confounders, and published figures."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from datalab.effects.hidden_bias import (
    MOST_TIMES,
    Left,
    Strength,
    bias_of,
    columns_by_covariate,
    partial_f,
    robustness_value,
    times_as_strong,
    times_to_explain,
    weigh_moments,
)
from datalab.effects.results import Effect
from datalab.effects.tipping import (
    e_value,
    effect_bounds,
    nearest_end,
    odds,
    rate_without_misses,
    share_bounds,
    tipping_factor,
    tipping_misses,
    without_false_links,
)
from datalab.numerics.design import build_design
from datalab.table import Covariate

RNG_SEED = 3_050


def weighted_rate(weights: np.ndarray, factors: tuple[float, ...], y: np.ndarray) -> float:
    moved = weights * np.array(factors)
    return float(moved @ y / moved.sum())


@pytest.mark.parametrize("factor", [1.0, 1.1, 1.5, 3.0])
def test_bounds_of_a_rate_are_those_of_every_choice_of_weights(factor: float) -> None:
    """The extremes lie where each weight is at an end, so all 2^10 choices of ends are tried."""
    rng = np.random.default_rng(RNG_SEED)
    weights, y = rng.dirichlet(np.ones(10)), (np.arange(10) < 4).astype(float)
    rates = [weighted_rate(weights, ends, y) for ends in itertools.product((1 / factor, factor), repeat=10)]
    assert share_bounds(float(weights @ y), factor) == pytest.approx((min(rates), max(rates)), abs=1e-10)


@pytest.mark.parametrize(("treated", "difference"), [(0.30, -0.05), (0.30, 0.05), (0.9, 0.2), (0.02, -0.03)])
def test_weights_wrong_by_the_tipping_factor_just_leave_no_difference(treated: float, difference: float) -> None:
    factor = tipping_factor(treated, difference)
    low, high = share_bounds(treated - difference, factor)
    assert factor > 1
    assert min(abs(low - treated), abs(high - treated)) < 1e-10
    effect = Effect(difference, difference - 0.02, difference + 0.03, 0.0125, 0.01, math.inf, "mover_wilson")
    bounds = effect_bounds(treated, effect, factor)
    assert min(abs(bounds.low), abs(bounds.high)) < 1e-10
    assert (bounds.low - bounds.interval_low, bounds.interval_high - bounds.high) == pytest.approx((0.02, 0.03))


def test_the_interval_is_told_by_its_end_nearest_no_effect() -> None:
    def effect(low: float, high: float) -> Effect:
        return Effect((low + high) / 2, low, high, 0.01, 0.5, math.inf, "influence_t")

    assert [nearest_end(effect(*ends)) for ends in ((-0.1, -0.02), (0.03, 0.1), (-0.1, 0.1))] == [-0.02, 0.03, 0.0]
    assert (tipping_factor(0.3, 0.0), e_value(0.3, 0.0), robustness_value(0.0)) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize("treated", [0.0, 1.0, 0.3])
def test_a_rate_at_its_end_has_no_tipping_factor(treated: float) -> None:
    difference = -0.7 if treated == 0.3 else -0.05  # 0.3 - -0.7 = 1
    assert math.isnan(tipping_factor(treated, difference))
    assert math.isnan(e_value(treated, difference))
    assert math.isnan(tipping_misses(treated, treated - difference, 0.1).least)


def test_e_value_of_a_published_example() -> None:
    """VanderWeele and Ding 2017: a risk ratio of 3.9 has the E-value 7.26, and its limit of 1.8 has 3.0."""
    assert e_value(0.39, 0.29) == pytest.approx(7.263, abs=5e-4)
    assert e_value(0.18, 0.08) == pytest.approx(3.0, abs=1e-9)
    assert e_value(0.10, -0.29) == pytest.approx(7.263, abs=5e-4)


def simulate(rows: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Treatment, outcome, recorded numbers, an unrecorded trait, and weights of treated 1/k and uneven comparison."""
    rng = np.random.default_rng(RNG_SEED + 1)
    x, u = rng.normal(size=(rows, 3)), rng.normal(size=rows)
    d = (rng.random(rows) < 1 / (1 + np.exp(-(x @ [0.4, 0.2, 0.0] + 0.6 * u - 0.5)))).astype(float)
    y = x @ [0.3, 0.0, 0.2] + 0.5 * u + rng.normal(size=rows)
    w = np.where(d == 1, 1 / d.sum(), rng.gamma(2.0, size=rows))
    w[d == 0] /= w[d == 0].sum()
    return d, y, x, u, w


def weighted_fit(columns: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, float]:
    root = np.sqrt(w)
    full = np.column_stack([np.ones(y.size), columns])
    beta = np.linalg.lstsq(full * root[:, None], y * root, rcond=None)[0]
    return beta[1:], float(w @ (y - full @ beta) ** 2 / w.sum())


def test_the_bias_of_an_omitted_trait_is_exactly_that_of_the_formula() -> None:
    """tau(without u) - tau(with u) = sqrt(R2_Y R2_D / (1 - R2_D)) sd_w(Y left) / sd_w(D left), in the weighted sample."""
    d, y, x, u, w = simulate()
    covariates = tuple(Covariate(f"x{i}", "X", x[:, i]) for i in range(3))
    both = (*covariates, Covariate("u", "U", u))
    design = build_design(both)
    moments = weigh_moments(design, w, d, y[None, :])
    strength = moments.strength(columns_by_covariate(both, design)["u"])
    left = weigh_moments(build_design(covariates), w, d, y[None, :]).left()
    without, with_u = weighted_fit(np.column_stack([d, x]), y, w)[0][0], weighted_fit(np.column_stack([d, x, u]), y, w)[0][0]
    assert bias_of(strength, left) == pytest.approx(abs(without - with_u), rel=1e-7)
    assert abs(without - with_u) > 0.1
    # The partial R2 and what is left, by regressions of their own.
    _, rest_d = weighted_fit(x, d, w)
    _, rest_du = weighted_fit(np.column_stack([x, u]), d, w)
    _, rest_y = weighted_fit(np.column_stack([x, d]), y, w)
    _, rest_yu = weighted_fit(np.column_stack([x, d, u]), y, w)
    assert (strength.treatment, strength.outcome) == pytest.approx((1 - rest_du / rest_d, 1 - rest_yu / rest_y), rel=1e-6)
    assert (left.sd_treatment, left.sd_outcome) == pytest.approx((math.sqrt(rest_d), math.sqrt(rest_y)), rel=1e-7)


def test_moments_of_categories_are_those_of_a_regression_without_one_level() -> None:
    d, y, x, _, w = simulate(1_500)
    codes = np.random.default_rng(5).integers(0, 4, d.size)
    covariates = (Covariate("x", "X", x[:, 0]), Covariate("c", "C", codes, levels=("a", "b", "c", "d")))
    design = build_design(covariates)
    left = weigh_moments(design, w, d, np.vstack([x[:, 1], y])).left(outcome=1)
    dummies = np.column_stack([x[:, 0], *(codes == level for level in (1, 2, 3))])
    assert left.treatment == pytest.approx(weighted_fit(dummies, d, w)[1], rel=1e-7)
    assert left.outcome_after_treatment == pytest.approx(weighted_fit(np.column_stack([dummies, d]), y, w)[1], rel=1e-7)


def test_a_trait_at_the_robustness_value_leaves_no_effect() -> None:
    left = Left(treatment=0.21, outcome=0.19, together=0.004)
    value = robustness_value(partial_f(-0.05, left))
    assert bias_of(Strength(value, value), left) == pytest.approx(0.05, abs=1e-12)
    assert robustness_value(math.inf) == 1.0


def test_benchmarks_are_those_of_the_published_example() -> None:
    """Cinelli and Hazlett 2020, Darfur: estimate 0.0973, SE 0.0233, df 783; bounds at 1, 2 and 3 times "female".

    sensemakr 0.1.4: R2dz.x 0.0092, 0.0183, 0.0275; R2yz.dx 0.1246, 0.2493, 0.3741; adjusted 0.0752, 0.0529, 0.0304.
    """
    sd_ratio = 0.0233 * math.sqrt(783)
    left = Left(treatment=1.0, outcome=sd_ratio**2, together=0.0)
    assert robustness_value(partial_f(0.0973, left)) == pytest.approx(0.1388, abs=3e-4)
    female = Strength(treatment=0.0092 / 1.0092, outcome=0.1090)
    found = [times_as_strong(female, times) for times in (1, 2, 3)]
    assert [round(one.treatment, 4) for one in found] == pytest.approx([0.0092, 0.0183, 0.0275], abs=2e-4)
    assert [one.outcome for one in found] == pytest.approx([0.1246, 0.2493, 0.3741], abs=1.5e-3)
    assert [0.0973 - bias_of(one, left) for one in found] == pytest.approx([0.0752, 0.0529, 0.0304], abs=4e-4)


def test_times_to_explain_brings_the_bias_to_the_estimate() -> None:
    left, strength = Left(0.24, 0.2, 0.0), Strength(0.02, 0.03)
    times = times_to_explain(-0.05, strength, left)
    assert bias_of(times_as_strong(strength, times), left) == pytest.approx(0.05, abs=1e-7)
    assert times_to_explain(0.0, strength, left) == 0.0
    assert times_to_explain(-0.05, Strength(0.0, 0.3), left) == MOST_TIMES
    assert times_to_explain(-0.05, Strength(1.0, 0.3), left) < 1e-6


def test_false_links_dilute_and_are_taken_out() -> None:
    effect = Effect(-0.038, -0.076, -0.0001, 0.0194, 0.0498, 88.0, "mover_wilson")
    found = without_false_links(effect, 0.05)
    assert (found.estimate, found.se, found.low, found.high) == pytest.approx(
        tuple(x / 0.95 for x in (-0.038, 0.0194, -0.076, -0.0001))
    )
    assert (found.p, found.df) == (effect.p, effect.df)


def test_the_tipping_pair_of_misses_solves_the_study_s_algebra() -> None:
    """With the pair, the rate among those found is the one observed and the true rate is the comparison's."""
    for observed, target, missed in ((0.3, 0.34, 0.1), (0.34, 0.3, 0.15), (0.5, 0.52, 0.05)):
        pair = tipping_misses(observed, target, missed)
        assert rate_without_misses(observed, pair.with_event, pair.without_event) == pytest.approx(target, abs=1e-12)
        assert target * pair.with_event + (1 - target) * pair.without_event == pytest.approx(missed, abs=1e-12)
        assert min(pair.with_event, pair.without_event) >= 0
        edge = tipping_misses(observed, target, pair.least)
        assert min(edge.with_event, edge.without_event) == pytest.approx(0, abs=1e-12)
    never = tipping_misses(0.3, 0.34, 0.01)
    assert math.isnan(never.with_event) and never.least > 0.01
    # Estimator study, section 8: 6 % of reoffenders and 12.7 % of others missed raise an observed rate.
    assert rate_without_misses(0.3, 0.06, 0.127) == pytest.approx(0.2847, abs=1e-4)
    assert odds(0.5) == 1.0
