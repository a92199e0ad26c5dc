"""Effect sizes, conversions, and standard errors recovered from print: what is exact, and what is refused."""

from __future__ import annotations

import math

import pytest

from datalab.errors import UsageError
from datalab.evidence import (
    EffectSize,
    from_printed_interval,
    from_printed_rates,
    g_to_odds_ratio,
    hedges_g,
    log_odds_ratio,
    log_rate_ratio,
    odds_ratio_at,
    odds_ratio_to_g,
    risk_difference,
    risk_difference_at,
    se_from_interval,
)


def test_a_risk_difference_becomes_the_odds_ratio_of_the_same_counts_exactly() -> None:
    difference, odds = risk_difference(40, 200, 300, 1000), log_odds_ratio(40, 200, 300, 1000)
    made = odds_ratio_at(difference, 0.2, n_treated=200, n_comparison=1000)
    assert made.estimate == pytest.approx(odds.estimate, rel=1e-12)
    assert made.se == pytest.approx(odds.se, rel=1e-12)


def test_a_known_comparison_share_leaves_the_treated_groups_error_alone() -> None:
    made = odds_ratio_at(EffectSize("risk_difference", -0.1, math.sqrt(0.2 * 0.8 / 200)), 0.2)
    assert made.se == pytest.approx(1 / math.sqrt(200 * 0.2 * 0.8))


def test_odds_ratio_and_risk_difference_are_each_others_inverse_in_the_estimate() -> None:
    odds = EffectSize("log_odds_ratio", -0.5, 0.1)
    difference = risk_difference_at(odds, 0.3)
    back = odds_ratio_at(difference, 0.3 + difference.estimate)
    assert (back.estimate, back.se) == pytest.approx((odds.estimate, odds.se))


def test_odds_ratio_and_g_are_each_others_inverse() -> None:
    g = EffectSize("hedges_g", 0.3, 0.1)
    back = odds_ratio_to_g(g_to_odds_ratio(g))
    assert (back.scale, back.estimate, back.se) == ("hedges_g", pytest.approx(0.3), pytest.approx(0.1))
    assert g_to_odds_ratio(g).estimate == pytest.approx(0.3 * math.pi / math.sqrt(3))


@pytest.mark.parametrize("convert", [odds_ratio_to_g, lambda e: risk_difference_at(e, 0.3), lambda e: odds_ratio_at(e, 0.2)])
def test_a_conversion_refuses_another_scale_by_name(convert) -> None:
    with pytest.raises(UsageError, match="You gave hedges_g"):
        convert(EffectSize("hedges_g", 0.3, 0.1))


@pytest.mark.parametrize("treated", [0.0, 0.05, 1.2])
def test_shares_without_odds_are_refused(treated: float) -> None:
    with pytest.raises(UsageError):
        odds_ratio_at(EffectSize("risk_difference", 0.05, 0.02), treated)


@pytest.mark.parametrize(
    "make",
    [
        lambda: risk_difference(11, 10, 1, 10),
        lambda: log_odds_ratio(-1, 10, 1, 10),
        lambda: log_rate_ratio(1, 0.0, 1, 10.0),
        lambda: hedges_g(1.0, 0.0, 10, 1.0, 1.0, 10),
        lambda: hedges_g(math.nan, 1.0, 10, 1.0, 1.0, 10),
    ],
)
def test_impossible_counts_are_refused(make) -> None:
    with pytest.raises(UsageError, match="must be"):
        make()


def test_an_interval_gives_its_standard_error_at_its_own_level_and_df() -> None:
    assert se_from_interval(-1.96, 1.96) == pytest.approx(1.0, abs=1e-4)
    assert se_from_interval(-1.645, 1.645, level=0.90) == pytest.approx(1.0, abs=1e-3)
    assert se_from_interval(-2.228, 2.228, df=10) == pytest.approx(1.0, abs=1e-4)
    with pytest.raises(UsageError, match="upper limit must be greater"):
        se_from_interval(0.1, 0.1)


def test_a_printed_interval_carries_the_rounding_of_its_middle() -> None:
    exact, rounded = (from_printed_interval("risk_difference", -0.08, -0.05, unit=unit) for unit in (0.0, 0.01))
    assert isinstance(exact, EffectSize)
    assert isinstance(rounded, EffectSize)
    assert exact.se == pytest.approx(0.03 / 3.919928, rel=1e-6)
    assert rounded.variance - exact.variance == pytest.approx(0.01**2 / 24)


def test_an_interval_that_rounding_could_halve_gives_nothing() -> None:
    assert from_printed_interval("risk_difference", -0.02, -0.01, unit=0.01) == "evidence.reasons.interval_too_round"
    assert isinstance(from_printed_interval("risk_difference", -0.08, -0.06, unit=0.01), EffectSize)


def test_printed_rates_use_the_comparison_group_where_it_is_printed() -> None:
    alone, both = (from_printed_rates(0.2, 0.3, 100, n0, unit=0.0) for n0 in (None, 400))
    assert isinstance(alone, EffectSize)
    assert isinstance(both, EffectSize)
    assert alone.variance == pytest.approx(0.2 * 0.8 / 100)
    assert both.variance == pytest.approx(0.2 * 0.8 / 100 + 0.3 * 0.7 / 400)


def test_a_tenfold_comparison_group_adds_a_twentieth_to_the_error_as_the_rule_says() -> None:
    alone, both = (from_printed_rates(0.3, 0.3, 100, n0, unit=0.0) for n0 in (None, 1000))
    assert isinstance(alone, EffectSize)
    assert isinstance(both, EffectSize)
    assert both.se / alone.se == pytest.approx(math.sqrt(1.1))


def test_a_printed_difference_is_taken_before_the_difference_of_rounded_rates() -> None:
    found = from_printed_rates(0.25, 0.28, 114, unit=0.01, difference=-0.04)
    assert isinstance(found, EffectSize)
    assert found.estimate == -0.04
    assert from_printed_rates(0.25, 0.28, 114, unit=0.01, difference=-0.06) == "evidence.reasons.contradicts"
    assert from_printed_rates(0.0, 0.28, 114, unit=0.01) == "evidence.reasons.rate_at_end"
