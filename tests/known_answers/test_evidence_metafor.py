"""Meta-analysis against R's metafor on five published data sets.

`evidence_metafor.R` beside this file holds the commands and versions (R 4.2.2, metafor 3.8-1) and wrote
`evidence_metafor.json`; R's iterations were run to 1e-14. Tolerance 1e-6 throughout, 1e-9 for effect sizes.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from datalab.evidence import (
    EffectSize,
    Settings,
    compare_kinds,
    draw_funnel,
    hedges_g,
    leave_one_out,
    log_odds_ratio,
    log_rate_ratio,
    pool_effects,
    risk_difference,
)

R = json.loads(Path(__file__).with_name("evidence_metafor.json").read_text(encoding="utf-8"))
MAKERS = {
    "bcg": log_odds_ratio,
    "landenberger2005": log_odds_ratio,
    "normand1999": hedges_g,
    "hine1989": risk_difference,
    "hart1999": log_rate_ratio,
}
PLAIN = Settings(guard="none")
CLOSE = {"rel": 1e-6, "abs": 1e-6}


def effects_of(name: str) -> list[EffectSize]:
    columns = R[name]["counts"].values()
    return [MAKERS[name](*row) for row in zip(*columns, strict=True)]


def figures(pooled) -> list[float]:
    return [pooled.estimate, pooled.se, pooled.statistic, pooled.p, pooled.low, pooled.high]


def spread(found) -> list[float]:
    return [found.tau2, found.tau2_low, found.tau2_high, found.i2, found.h2, found.q, found.p]


@pytest.mark.parametrize("name", MAKERS)
def test_effect_sizes_are_escalcs(name: str) -> None:
    found = effects_of(name)
    assert [effect.estimate for effect in found] == pytest.approx(R[name]["yi"], rel=1e-9, abs=1e-12)
    assert [effect.variance for effect in found] == pytest.approx(R[name]["vi"], rel=1e-9)


def test_empty_cells_are_escalcs() -> None:
    """metafor adds a half to every cell of a table with an empty one; its risk difference does so too."""
    made = {
        "or": log_odds_ratio(0, 20, 3, 30),
        "rd": risk_difference(0, 20, 3, 30),
        "irr": log_rate_ratio(0, 50, 4, 70),
    }
    for name, effect in made.items():
        assert [effect.estimate, effect.variance] == pytest.approx(R["empty_cell"][name], rel=1e-9), name


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("test", "settings"), [("knha", PLAIN), ("adhoc", Settings()), ("z", Settings(test="normal"))])
def test_mean_effect_is_rmas(name: str, test: str, settings: Settings) -> None:
    pool = pool_effects(effects_of(name), settings)
    assert figures(pool.random) == pytest.approx(R[name][test], **CLOSE)
    assert figures(pool.fixed) == pytest.approx(R[name]["fixed"], **CLOSE)


@pytest.mark.parametrize("name", MAKERS)
def test_spread_prediction_and_weights_are_rmas(name: str) -> None:
    """confint() for tau2, I2, H2 and Q; predict() for the interval of a new study, with t(k - 1); weights()."""
    pool = pool_effects(effects_of(name), PLAIN)
    assert pool.heterogeneity is not None
    assert spread(pool.heterogeneity) == pytest.approx(R[name]["spread"], **CLOSE)
    assert pool.prediction == pytest.approx(R[name]["prediction"], **CLOSE)
    assert pool.weights == pytest.approx(R[name]["weights"], **CLOSE)


@pytest.mark.parametrize("name", MAKERS)
def test_without_each_study_it_is_leave1out(name: str) -> None:
    effects = effects_of(name)
    found = leave_one_out(effects, [str(i) for i in range(len(effects))], PLAIN)
    for one, expected in zip(found, R[name]["leave1out"], strict=True):
        ours = [one.random.estimate, one.random.se, one.random.p, one.random.low, one.random.high]
        rest = one.heterogeneity
        ours += [rest.q, rest.p, rest.tau2, rest.i2, rest.h2]
        assert ours == pytest.approx(expected, **CLOSE), one.name


@pytest.mark.parametrize("name", MAKERS)
def test_asymmetry_is_regtests(name: str) -> None:
    """regtest(model = "lm"): slope, its error, t, p, and the estimate at an error of 0."""
    found = draw_funnel(effects_of(name))
    assert found.egger is not None
    ours = [found.egger.estimate, found.egger.se, found.egger.statistic, found.egger.p, found.limit]
    assert ours == pytest.approx(R[name]["egger"], **CLOSE)


@pytest.mark.parametrize("name", [name for name in MAKERS if "kinds" in R[name]])
def test_kinds_are_those_of_a_mixed_effects_model(name: str) -> None:
    """rma(mods = ~ kind) for the test, mods = ~ kind - 1 for the means. Where tau2 is 0 R calls R2 0; ours is undefined."""
    found = compare_kinds(effects_of(name), R[name]["kinds"], PLAIN)
    normal = compare_kinds(effects_of(name), R[name]["kinds"], Settings(test="normal"))
    qm, p, qm_normal, p_normal, tau2, i2, h2, q, q_p, r2 = R[name]["moderators"]
    assert [level.name for level in found.levels] == R[name]["levels"]
    for field, key in (("estimate", "means"), ("se", "errors"), ("low", "lows"), ("high", "highs")):
        assert [getattr(level.mean, field) for level in found.levels] == pytest.approx(R[name][key], **CLOSE), key
    assert [found.q_moderators, found.p] == pytest.approx([qm, p], **CLOSE)
    assert [normal.q_moderators, normal.p] == pytest.approx([qm_normal, p_normal], **CLOSE)
    left = found.residual
    assert [left.tau2, left.i2, left.h2, left.q, left.p] == pytest.approx([tau2, i2, h2, q, q_p], **CLOSE)
    assert math.isnan(found.r2) if name == "hart1999" else found.r2 == pytest.approx(r2, **CLOSE)


def test_two_studies_are_rmas() -> None:
    effects = effects_of("bcg")
    pool = pool_effects([effects[3], effects[6]], PLAIN)
    assert figures(pool.random) == pytest.approx(R["two_studies"]["knha"], **CLOSE)
    assert pool.heterogeneity is not None
    assert [pool.heterogeneity.tau2] == pytest.approx(R["two_studies"]["tau2"], **CLOSE)


@pytest.mark.parametrize("name", MAKERS)
def test_fixed_effect_and_q_are_statsmodels(name: str) -> None:
    """statsmodels has no REML, but the fixed-effect mean and Cochran's Q are the same sums."""
    effects = effects_of(name)
    theirs = combine_effects(np.array([e.estimate for e in effects]), np.array([e.variance for e in effects]))
    pool = pool_effects(effects)
    assert pool.fixed.estimate == pytest.approx(theirs.mean_effect_fe, rel=1e-10)
    assert pool.fixed.se == pytest.approx(math.sqrt(theirs.var_eff_w_fe), rel=1e-10)
    assert pool.heterogeneity is not None
    assert pool.heterogeneity.q == pytest.approx(theirs.q, rel=1e-10)
