"""The front door `effects`, the classic way end to end, the boosted outcome model, and the bootstrap."""

from __future__ import annotations

import inspect
import json
import sys
from dataclasses import replace
from importlib import resources

import jsonschema
import numpy as np
import pandas as pd
import pytest
from tests.matching_tables import make_table

import datalab as dl
from datalab.analysis import AnalysisSettings, analyse
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.bootstrap import BootstrapSettings, bootstrap_outcomes
from datalab.effects.boosted import FOLDS, expect_boosted, fold_people
from datalab.effects.estimate import UnbalancedEstimates, estimate_outcome
from datalab.effects.front import effects
from datalab.errors import InputError, UsageError
from datalab.matching import MatchSettings
from datalab.table import AnalysisTable, Measure, Outcome, take_outcome, take_rows


def outcomes_of(table: AnalysisTable, seed: int = 1) -> tuple[Outcome, ...]:
    rng = np.random.default_rng(seed)
    age = np.asarray(table.covariates[0].values)
    back = (rng.random(table.n) < 1 / (1 + np.exp(-(age - 35) / 20))).astype(float)
    rate = Outcome(Measure("back", "binary", "Back"), back)
    return rate, Outcome(Measure("times", "count", "Times"), rng.poisson(1 + back).astype(float))


@pytest.fixture(scope="module")
def balanced() -> BalancedMatch:
    table = make_table(3000, seed=11, strength=0.2, share=0.15)
    table = replace(table, outcomes=outcomes_of(table))
    found = dl.gate(table, dl.match(table))
    assert isinstance(found, BalancedMatch)
    return found


def test_the_door_gives_what_the_estimator_gives(balanced):
    found = effects(balanced, headline="back")
    assert [result.role for result in found] == ["headline", "secondary"]
    alone = estimate_outcome(balanced, balanced.table.outcomes[0], role="headline")
    assert found[0] == alone
    assert repr(dl.effects(balanced, headline="back")) == repr(found)  # NaN is not NaN, but is written alike
    assert dl.effects is effects  # although the package of that name is loaded
    assert sys.modules["datalab.effects"] is not effects
    assert "ATT" in str(inspect.getdoc(dl.effects))


@pytest.mark.parametrize("given", ["match", 3, None])
def test_only_a_match_that_passed_gets_in(given):
    with pytest.raises(UsageError, match="must be given a match that passed the balance gate"):
        effects(given)


def test_a_match_that_was_not_gated_or_failed_is_told_what_to_do(balanced):
    with pytest.raises(UsageError, match=r"effects\(gate\(table, match\)\)"):
        effects(balanced.match)
    failed = UnbalancedMatch(balanced.table, balanced.match, balanced.balance)
    with pytest.raises(UsageError, match="research=True"):
        effects(failed)
    found = effects(failed, research=True)
    assert isinstance(found, UnbalancedEstimates)
    assert {result.verdict for result in found.outcomes} == {"withheld"}


def test_names_that_are_not_there_are_refused(balanced):
    with pytest.raises(UsageError, match="Did you mean back"):
        effects(balanced, headline="bak")
    with pytest.raises(UsageError, match="stated_effects"):
        effects(balanced, stated_effects={"nothing": 0.05})
    with pytest.raises(UsageError, match=r"stated_effects\.back must be greater than 0"):
        effects(balanced, stated_effects={"back": -0.05})
    with pytest.raises(UsageError, match="must be given an outcome"):
        effects(balanced, ())
    with pytest.raises(UsageError, match="outcome_model must be one of ridge, boosted"):
        effects(balanced, outcome_model="trees")


def test_classic_is_the_two_sample_test_from_end_to_end(balanced):
    table = replace(balanced.table, cluster=np.where(balanced.table.treated, np.arange(balanced.table.n) % 7, -1))
    found = analyse(table, AnalysisSettings("all", "back", match=MatchSettings("classic")))
    for result in found.outcomes:
        assert result.effect == result.classic
        assert result.effect is not None
        assert result.effect.method == "welch"
        assert result.comparison == pytest.approx(result.comparison_plain)
        assert "effects.notes.classic_sites" in result.notes
    radius = analyse(table, AnalysisSettings("all", "back"))
    assert [a.classic for a in radius.outcomes] == [a.classic for a in found.outcomes]
    with pytest.raises(UsageError, match="outcome_model must be left out with method classic"):
        AnalysisSettings("all", match=MatchSettings("classic"), outcome_model="boosted")


def test_boosted_is_crossfitted_and_does_not_depend_on_the_order_of_rows(balanced):
    table = take_rows(balanced.table, np.arange(balanced.table.n) < 700)
    y = outcomes_of(table)[0].values
    expected = expect_boosted(table, table.covariates, y, "binary")
    order = np.random.default_rng(5).permutation(table.n)
    shuffled = take_rows(replace(table, outcomes=()), order)
    again = expect_boosted(shuffled, shuffled.covariates, y[order], "binary")
    assert again.tobytes() == expected[order].tobytes()
    assert ((expected >= 0) & (expected <= 1)).all()
    # Nobody's own outcome, nor that of another row of theirs, is in the model that predicts them.
    person = table.person[np.flatnonzero(~table.treated)[0]]
    own = (table.person == person) & ~table.treated
    changed = expect_boosted(table, table.covariates, np.where(own, 1 - y, y), "binary")
    assert changed[own].tolist() == expected[own].tolist()
    assert changed.tolist() != expected.tolist()
    assert changed[table.treated].tolist() != expected[table.treated].tolist()


def test_boosted_learns_what_a_line_cannot():
    table = make_table(1500, seed=2, share=0.1)
    age = np.asarray(table.covariates[0].values)
    y = np.abs(age - 35) + np.random.default_rng(1).normal(size=table.n)
    found = expect_boosted(table, table.covariates, y, "number")
    pool = ~table.treated
    assert ((y - found)[pool] ** 2).mean() < 0.2 * y[pool].var()


def test_folds_hold_a_person_together_whatever_the_codes():
    row_id, person = np.array([5, 3, 9, 1, 7, 8]), np.array([40, 40, 2, 2, 9, 11])
    folds = fold_people(row_id, person)
    assert folds.tolist() == [1, 1, 0, 0, 2, 3]
    assert fold_people(row_id, -person).tolist() == folds.tolist()
    assert fold_people(np.arange(11), np.arange(11)).max() == FOLDS - 1


def test_boosted_with_a_constant_pool_is_that_constant():
    table = make_table(200, seed=3)
    y = np.where(table.treated, 1.0, 0.0)
    assert not expect_boosted(table, table.covariates, y, "binary").any()


def bootstrapped(table, results, how, **more):
    return bootstrap_outcomes(table, MatchSettings(terms="main"), table.outcomes, results, how, **more)


def test_bootstrap_is_seeded_close_to_the_default_and_deaf_to_the_order_of_rows(balanced):
    table, how = take_rows(balanced.table, np.arange(balanced.table.n) < 1200), BootstrapSettings(100, seed=4)
    table = replace(table, outcomes=outcomes_of(table))
    found = dl.gate(table, dl.match(table))
    results = effects(found, headline="back", research=True)
    results = results if isinstance(results, tuple) else results.outcomes
    one = bootstrapped(table, results, how)
    for before, after in zip(results, one, strict=True):
        assert replace(after, bootstrap=None, percentile=None) == before
        assert after.bootstrap is not None
        assert after.percentile is not None
        assert after.bootstrap.estimate == before.effect.estimate
        assert 0.75 < after.bootstrap.se / before.effect.se < 1.3
        assert after.percentile.low < before.effect.estimate < after.percentile.high
        assert (after.percentile.p < 0.05) == (after.percentile.low > 0 or after.percentile.high < 0)
    order = np.random.default_rng(1).permutation(table.n)
    moved = take_rows(table, order)
    again = bootstrapped(moved, results, how)
    assert [a.bootstrap for a in again] == [a.bootstrap for a in one]
    assert bootstrapped(table, results, replace(how, seed=5))[0].bootstrap != one[0].bootstrap


def test_bootstrap_draws_sites_where_there_are_five():
    table = make_table(1000, seed=7, strength=0.2)
    site = np.where(table.treated, np.arange(table.n) % 6, -1)
    shift = np.random.default_rng(1).normal(scale=2.0, size=7)[site]  # -1 takes the last
    number = Outcome(
        Measure("y", "number", "Y"), np.where(table.treated, shift, 0.0) + np.random.default_rng(2).normal(size=table.n)
    )
    table = replace(table, cluster=site, outcomes=(number,))
    gated = dl.gate(table, dl.match(table))
    found = effects(gated, research=True)
    results = found if isinstance(found, tuple) else found.outcomes
    (with_sites,) = bootstrapped(table, results, BootstrapSettings(100))
    (without,) = bootstrapped(replace(table, cluster=table.cluster * 0 - 1), results, BootstrapSettings(100))
    assert with_sites.bootstrap.df == 5.0
    assert with_sites.bootstrap.se > 2 * without.bootstrap.se


def test_bootstrap_that_cannot_be_matched_says_so_and_nothing_else(balanced):
    table = take_rows(balanced.table, np.arange(balanced.table.n) < 600)
    table = replace(table, outcomes=outcomes_of(table))
    found = effects(dl.gate(table, dl.match(table)), research=True)
    results = found if isinstance(found, tuple) else found.outcomes
    impossible = replace(table, strata=table.treated.astype(np.int64))
    after = bootstrapped(impossible, results, BootstrapSettings(100))
    assert all(result.bootstrap is None and "effects.notes.bootstrap_failed" in result.notes for result in after)


def frame(n: int = 1500) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    age = rng.normal(40, 9, n)
    part = (rng.random(n) < 0.2).astype(int)
    return pd.DataFrame({"part": part, "age": age, "sex": rng.choice(["f", "m"], n), "back": (rng.random(n) < 0.4).astype(int)})


def test_evaluate_carries_method_model_and_bootstrap_to_the_results(tmp_path):
    found = dl.evaluate(
        frame(), treatment="part", outcomes="back:binary", method="nearest", ratio=3, replacement=True, bootstrap=100, seed=2
    )
    settings = found.analysis.match_settings
    assert (settings["method"], settings["ratio"], settings["replacement"], settings["bootstrap"]) == (
        "nearest",
        "3",
        "yes",
        "100",
    )
    found.write(tmp_path / "out")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    schema = json.loads(resources.files("datalab.report").joinpath("results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, schema)
    (outcome,) = results["analyses"][0]["outcomes"]
    assert outcome["bootstrap"]["method"] == "bootstrap_t"
    assert outcome["percentile"]["low"] < outcome["percentile"]["high"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Bootstrap of the whole procedure" in page
    assert "whose scores are nearest" in page


def test_evaluate_counts_people_for_the_effects_that_are_stated(tmp_path):
    table = frame().assign(times=lambda data: data["back"] * 2)
    asked = {"treatment": "part", "outcomes": ["back:binary", "times:count"], "sensitivity": False}
    table.to_csv(tmp_path / "t.csv", index=False)
    plain = dl.evaluate(table, **asked)
    found = dl.evaluate(tmp_path / "t.csv", **asked, stated_effects={"back": 0.02, "times": 0.1})
    assert [plain.outcome(name).stated_effect for name in ("back", "times")] == [0.05, pytest.approx(np.nan, nan_ok=True)]
    assert [found.outcome(name).stated_effect for name in ("back", "times")] == [0.02, 0.1]
    assert found.outcome("back").people_needed > plain.outcome("back").people_needed
    assert found.outcome("times").people_needed > 0
    found.write(tmp_path / "out")
    assert not dl.rerun(tmp_path / "out", table=tmp_path / "t.csv").different


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"stated_effects": {"bak": 0.1}}, "Did you mean back"),
        ({"stated_effects": {"back": 1.5}}, "stated_effects.back must be greater than 0 and at most 1"),
        ({"method": "ipw", "caliper_sd_logit": 0.2}, "caliper_sd_logit must be left out with method ipw"),
        ({"method": "classic", "outcome_model": "boosted"}, "outcome_model must be left out"),
        ({"seed": 1}, "seed must be left out without a bootstrap"),
        ({"bootstrap": 5}, "bootstrap must be a whole number at least 100"),
        ({"calliper_sd_logit": 0.2}, "Did you mean caliper_sd_logit"),
    ],
)
def test_evaluate_refuses_what_is_not_used(wrong, words):
    with pytest.raises(UsageError, match=words):
        dl.evaluate(frame(), treatment="part", outcomes="back:binary", **wrong)


def test_an_outcome_with_gaps_is_refused_at_the_door(balanced):
    holed = take_outcome(balanced.table.outcomes[0], np.arange(balanced.table.n))
    values = holed.values.copy()
    values[0] = np.nan
    with pytest.raises(InputError, match="missing"):
        effects(balanced, (replace(holed, values=values),))
