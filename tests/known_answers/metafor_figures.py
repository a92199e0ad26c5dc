"""Meta-analysis beside R's metafor 3.8-1 (`evidence_metafor.R` and `.json`, R's iterations run to 1e-14)."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects
from tests.known_answers.answers import Answer, Makers

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
METAFOR = "R 4.2.2, metafor 3.8-1"
MAKERS = {
    "bcg": log_odds_ratio,
    "landenberger2005": log_odds_ratio,
    "normand1999": hedges_g,
    "hine1989": risk_difference,
    "hart1999": log_rate_ratio,
}
PLAIN = Settings(guard="none")
TESTS = {"knha": PLAIN, "adhoc": Settings(), "z": Settings(test="normal")}
CALLS = {
    "knha": 'rma(test = "knha"), our guard "none"',
    "adhoc": 'rma(test = "adhoc"), our default',
    "z": 'rma(test = "z"), our test "normal"',
}


def effects_of(name: str) -> list[EffectSize]:
    return [MAKERS[name](*row) for row in zip(*R[name]["counts"].values(), strict=True)]


def answer(name: str, what: str, ours, theirs, tolerance: float = 1e-6, why: str = "") -> Answer:
    return Answer(f"Meta-analysis, dat.{name}", what, METAFOR, tuple(ours), tuple(theirs), tolerance, why)


def figures(pooled) -> list[float]:
    return [pooled.estimate, pooled.se, pooled.statistic, pooled.p, pooled.low, pooled.high]


def _pooled(name: str, effects: list[EffectSize]) -> list[Answer]:
    plain = pool_effects(effects, PLAIN)
    spread, fixed = plain.heterogeneity, R[name]["fixed"]
    ours = [spread.tau2, spread.tau2_low, spread.tau2_high, spread.i2, spread.h2, spread.q, spread.p]
    return [
        *(answer(name, f"mean, error, t, p, interval: {CALLS[key]}", figures(pool_effects(effects, way).random), R[name][key])
          for key, way in TESTS.items()),
        answer(name, 'fixed-effect mean: rma(method = "FE")', figures(plain.fixed), fixed),
        answer(name, "tau2 by REML, its Q-profile interval, I2, H2, Q, p: rma(), confint()", ours, R[name]["spread"]),
        answer(name, "prediction interval: predict()", plain.prediction, R[name]["prediction"]),
        answer(name, "weights: weights()", plain.weights, R[name]["weights"]),
    ]  # fmt: skip


def _left_out(name: str, effects: list[EffectSize]) -> Answer:
    ours: list[float] = []
    for one in leave_one_out(effects, [str(i) for i in range(len(effects))], PLAIN):
        mean, rest = one.random, one.heterogeneity
        ours += [mean.estimate, mean.se, mean.p, mean.low, mean.high, rest.q, rest.p, rest.tau2, rest.i2, rest.h2]
    return answer(name, "ten figures without each study: leave1out()", ours, np.ravel(R[name]["leave1out"]))


def _egger(name: str, effects: list[EffectSize]) -> Answer:
    found = draw_funnel(effects)
    ours = [found.egger.estimate, found.egger.se, found.egger.statistic, found.egger.p, found.limit]
    return answer(name, 'asymmetry: regtest(model = "lm")', ours, R[name]["egger"])


def _kinds(name: str, effects: list[EffectSize]) -> list[Answer]:
    found = compare_kinds(effects, R[name]["kinds"], PLAIN)
    normal = compare_kinds(effects, R[name]["kinds"], Settings(test="normal"))
    left, means = found.residual, [level.mean for level in found.levels]
    ours = [found.q_moderators, found.p, normal.q_moderators, normal.p, left.tau2, left.i2, left.h2, left.q, left.p]
    columns = {"means": "estimate", "errors": "se", "lows": "low", "highs": "high"}
    by_kind = [getattr(mean, field) for field in columns.values() for mean in means]
    share = [] if np.isnan(found.r2) else [found.r2]
    why = "" if share else "where tau2 is 0, R calls the share accounted for 0; ours is undefined and left out"
    theirs = R[name]["moderators"]
    return [
        answer(name, "mean of each kind: rma(mods = ~ kind - 1)", by_kind, [x for key in columns for x in R[name][key]]),
        answer(name, "test of kinds, residual tau2, I2, H2, Q, R2: rma(mods = ~ kind)", ours + share,
               theirs if share else theirs[:-1], why=why),
    ]  # fmt: skip


def _statsmodels(name: str, effects: list[EffectSize]) -> Answer:
    theirs = combine_effects(np.array([e.estimate for e in effects]), np.array([e.variance for e in effects]))
    pool = pool_effects(effects)
    ours = (pool.fixed.estimate, pool.fixed.se, pool.heterogeneity.q)
    expected = (theirs.mean_effect_fe, float(theirs.var_eff_w_fe) ** 0.5, theirs.q)
    return Answer(f"Meta-analysis, dat.{name}", "fixed-effect mean, error, Q", "statsmodels 0.15", ours, expected, 1e-10)


def _of(name: str) -> list[Answer]:
    effects = effects_of(name)
    sizes = [e.estimate for e in effects] + [e.variance for e in effects]
    found = [answer(name, "effect sizes and variances: escalc()", sizes, R[name]["yi"] + R[name]["vi"], 1e-9)]
    found += [*_pooled(name, effects), _left_out(name, effects), _egger(name, effects), _statsmodels(name, effects)]
    return found + (_kinds(name, effects) if "kinds" in R[name] else [])


def _special() -> list[Answer]:
    effects = effects_of("bcg")
    pair = pool_effects([effects[3], effects[6]], PLAIN)
    made = {"or": log_odds_ratio(0, 20, 3, 30), "rd": risk_difference(0, 20, 3, 30), "irr": log_rate_ratio(0, 50, 4, 70)}
    empty = [x for effect in made.values() for x in (effect.estimate, effect.variance)]
    return [
        answer("bcg", "two studies alone", [*figures(pair.random), pair.heterogeneity.tau2],
               R["two_studies"]["knha"] + R["two_studies"]["tau2"]),
        answer("bcg", "an empty cell: escalc() of OR, RD and IRR", empty,
               [x for key in made for x in R["empty_cell"][key]], 1e-9),
    ]  # fmt: skip


PARTS: Makers = {name: partial(_of, name) for name in MAKERS} | {"special": _special}
