"""Few studies, no differences, refusals, and REML against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from datalab.errors import UsageError
from datalab.evidence import EffectSize, Settings, compare_kinds, draw_funnel, leave_one_out, pool_effects
from datalab.wording import say


def effects(*pairs: tuple[float, float], scale="risk_difference") -> list[EffectSize]:
    return [EffectSize(scale, estimate, se) for estimate, se in pairs]


FOUR = effects((-0.09, 0.02), (-0.04, 0.03), (-0.06, 0.01), (0.02, 0.04))


def test_one_study_is_its_own_result_and_says_so() -> None:
    pool = pool_effects(effects((-0.05, 0.02)))
    assert (pool.k, pool.random, pool.heterogeneity, pool.prediction) == (1, pool.fixed, None, None)
    assert pool.random.low == pytest.approx(-0.05 - 1.959964 * 0.02)
    assert pool.notes == ("evidence.notes.one_study",)
    assert say(pool.notes[0]).startswith("There is one study")


def test_two_studies_have_a_very_wide_interval_no_prediction_and_say_so() -> None:
    pool = pool_effects(effects((-0.08, 0.02), (-0.02, 0.02)))
    assert pool.random.df == 1
    assert pool.random.high - pool.random.low > 4 * (pool.fixed.high - pool.fixed.low)
    assert pool.prediction is None
    assert {"evidence.notes.two_studies", "evidence.notes.no_prediction"} <= set(pool.notes)
    assert all(say(note) for note in pool.notes)


def test_studies_that_agree_exactly_have_no_spread_and_the_guard_keeps_the_interval() -> None:
    alike = effects((-0.05, 0.02), (-0.05, 0.03), (-0.05, 0.04))
    guarded, plain = pool_effects(alike), pool_effects(alike, Settings(guard="none"))
    assert guarded.heterogeneity is not None
    assert (guarded.heterogeneity.tau2, guarded.heterogeneity.i2, guarded.heterogeneity.h2) == (0, 0, 1)
    assert (guarded.heterogeneity.tau2_low, guarded.heterogeneity.tau2_high) == (0, 0)
    assert guarded.guarded
    assert guarded.random.se == pytest.approx(guarded.fixed.se)
    assert plain.random.se == pytest.approx(0, abs=1e-12)
    assert not plain.guarded


def test_no_effect_at_all_has_p_one() -> None:
    pool = pool_effects(effects((0.0, 0.02), (0.0, 0.03), (0.0, 0.04)), Settings(guard="none"))
    assert (pool.random.estimate, pool.random.p) == (0, 1)


def test_notes_of_few_studies_are_gone_with_five() -> None:
    assert "evidence.notes.few_studies" in pool_effects(FOUR).notes
    assert "evidence.notes.few_studies" not in pool_effects([*FOUR, *FOUR[:1]]).notes


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([], "at least one study"),
        (effects((0.1, 0.0)), "1 study is not so"),
        (effects((math.nan, 0.1), (0.1, math.inf)), "2 studies are not so"),
        ([*FOUR, *effects((0.1, 0.1), scale="hedges_g")], "You gave hedges_g, risk_difference"),
    ],
)
def test_effects_that_cannot_be_put_together_are_refused(given, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        pool_effects(given)


@pytest.mark.parametrize("wrong", [{"test": "wald"}, {"guard": "wide"}, {"level": 1.0}])
def test_unknown_settings_are_refused(wrong) -> None:
    with pytest.raises(UsageError, match="must be"):
        Settings(**wrong)


@pytest.mark.parametrize(("k", "names"), [(2, ["a", "b"]), (3, ["a", "b"])])
def test_leaving_one_out_needs_three_studies_and_a_name_each(k: int, names: list[str]) -> None:
    with pytest.raises(UsageError, match="must be"):
        leave_one_out(FOUR[:k], names)


@pytest.mark.parametrize("kinds", [["a"] * 4, ["a", "b", "c", "d"], ["a", "b"]])
def test_kinds_need_two_groups_and_a_study_to_spare(kinds: list[str]) -> None:
    with pytest.raises(UsageError, match="kinds must name one kind a study"):
        compare_kinds(FOUR, kinds)


def test_two_kinds_are_tested_by_the_square_of_their_t() -> None:
    found = compare_kinds(FOUR, ["a", "a", "b", "b"], Settings(guard="none"))
    one, other = (level.mean for level in found.levels)
    gap = (one.estimate - other.estimate) / math.hypot(one.se, other.se)
    assert found.q_moderators == pytest.approx(gap**2)
    assert (found.df, found.df_error) == (1, 2)


@pytest.mark.parametrize("given", [FOUR[:2], effects((0.1, 0.02), (0.2, 0.02), (0.3, 0.02))])
def test_a_funnel_that_cannot_be_tested_says_so(given) -> None:
    funnel = draw_funnel(given)
    assert funnel.egger is None
    assert math.isnan(funnel.limit)
    assert funnel.notes == ("evidence.notes.funnel_none",)


def restricted_likelihood(y, v, tau2):
    """Written out for one mean: sums over studies, for each of many tau2 (m,)."""
    w = 1 / (v + tau2[:, None])
    mean = (w * y).sum(axis=1) / w.sum(axis=1)
    return 0.5 * (np.log(w).sum(axis=1) - np.log(w.sum(axis=1)) - (w * (y - mean[:, None]) ** 2).sum(axis=1))


@pytest.mark.parametrize("seed", range(12))
def test_tau2_is_the_highest_restricted_likelihood_of_two_hundred_thousand_tried(seed: int) -> None:
    """Very unequal errors, so that some likelihoods have more than one maximum."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 9))
    se = np.exp(rng.normal(-3, 1.5, k))
    y = rng.normal(0, np.sqrt(se**2 + 0.05**2 * (seed % 3)))
    pool = pool_effects([EffectSize("risk_difference", float(a), float(b)) for a, b in zip(y, se, strict=True)])
    assert pool.heterogeneity is not None
    tried = np.concatenate(([0.0], np.geomspace(1e-12, 1e3, 200_000)))
    likelihoods = restricted_likelihood(y, se**2, tried)
    ours = restricted_likelihood(y, se**2, np.array([pool.heterogeneity.tau2]))[0]
    assert ours >= likelihoods.max() - 1e-9
