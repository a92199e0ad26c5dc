"""What must not change a match, its balance, an estimate or its variance, whatever the method: rows copied with halved case
weights, the order of rows, names of levels, a constant added to a number; and that strata hold and weights add up."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table, permuted

from datalab.balance import gate, measure_balance
from datalab.effects.estimate import estimate_outcome, estimate_unbalanced
from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.table import AnalysisTable, Measure, Outcome, take_outcome, take_rows

METHODS = [
    MatchSettings(),
    MatchSettings(terms="rich"),
    MatchSettings(caliper_score=0.02),
    MatchSettings(trim="support", trim_above=0.6),
    MatchSettings("nearest"),
    MatchSettings("nearest", ratio=2, caliper_sd_logit=0.5),
    MatchSettings("nearest", ratio=3, replacement=True),
    MatchSettings("kernel"),
    MatchSettings("ipw"),
    MatchSettings("entropy"),
    MatchSettings("exact"),
    MatchSettings("cem", on=("age", "sex", "job")),
    MatchSettings("cem", on=("age", "region"), cutpoints={"age": (25, 35, 45)}),
    MatchSettings("subclass", subclasses=4),
    MatchSettings("classic"),
]
KINDS = ("binary", "count", "days", "number", "time")


def describe(how: MatchSettings) -> str:
    return "-".join(f"{name}={value}" for name, value in how.given.items())


def with_outcomes(table: AnalysisTable, seed: int = 0) -> AnalysisTable:
    rng = np.random.default_rng(seed)
    age = np.asarray(table.covariates[0].values)
    values = {
        "binary": (rng.random(table.n) < 0.4).astype(float),
        "count": rng.poisson(1.5, table.n).astype(float),
        "days": np.where(rng.random(table.n) < 0.5, 0.0, rng.integers(1, 366, table.n)),
        "number": age + rng.normal(size=table.n),
        "time": rng.exponential(300, table.n),
    }
    event = rng.random(table.n) < 0.8
    outcomes = tuple(
        Outcome(Measure(kind, kind, kind), values[kind], event if kind == "time" else None)  # type: ignore[arg-type]
        for kind in KINDS
    )
    return replace(table, outcomes=outcomes)


def estimates(table: AnalysisTable, how: MatchSettings) -> np.ndarray:
    """Estimate, se and limits of every outcome."""
    gated = gate(table, match(table, how))
    if hasattr(gated.balance, "passed") and gated.balance.passed:
        found = [estimate_outcome(gated, outcome) for outcome in table.outcomes]
    else:
        found = list(estimate_unbalanced(gated, table.outcomes).outcomes)
    effects = [(result.effect, result.classic, result.unadjusted) for result in found if result.effect]
    assert len(effects) >= 4
    return np.array([[e.estimate, e.se, e.low, e.high] for line in effects for e in line if e is not None])


def lines(table: AnalysisTable, how: MatchSettings) -> np.ndarray:
    balance = measure_balance(table, match(table, how))
    figures = [[v for v in dataclasses.astuple(line) if isinstance(v, float)] for line in balance.covariates]
    return np.array([*np.ravel(figures), balance.effective_pool, balance.largest_weight_share, balance.matched_share])


def copied(table: AnalysisTable, share: float, seed: int) -> AnalysisTable:
    """Some pool rows twice, each copy with half the case weight; the copies are of the same persons and have new ids."""
    rng = np.random.default_rng(seed)
    chosen = np.flatnonzero(~table.treated & (rng.random(table.n) < share))
    rows = np.concatenate([np.arange(table.n), chosen])
    weights = np.ones(rows.size)
    weights[chosen] = weights[table.n :] = 0.5
    outcomes = tuple(take_outcome(outcome, rows) for outcome in table.outcomes)
    return replace(take_rows(table, rows), row_id=np.arange(rows.size), outcomes=outcomes, case_weights=weights)


@pytest.mark.parametrize("share", [0.3, 1.0])
@pytest.mark.parametrize("how", METHODS, ids=describe)
def test_copies_with_halved_weights_change_nothing(how, share):
    table = with_outcomes(make_table(500, seed=2, strata=2))
    holed = np.array(table.covariates[1].values)
    holed[::11] = np.nan
    table = replace(table, covariates=(table.covariates[0], replace(table.covariates[1], values=holed), *table.covariates[2:]))
    twice = copied(table, share, 7)
    one, two = match(table, how), match(twice, how)
    people = np.bincount(table.person, one.weights), np.bincount(twice.person, two.weights, int(table.person.max()) + 1)
    np.testing.assert_allclose(*people, atol=1e-9)
    assert two.effective_pool == pytest.approx(one.effective_pool, rel=1e-9)
    np.testing.assert_allclose(lines(twice, how), lines(table, how), atol=1e-9, rtol=1e-9)
    np.testing.assert_allclose(estimates(twice, how), estimates(table, how), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("how", METHODS, ids=describe)
def test_weights_of_one_each_are_no_weights(how):
    table = with_outcomes(make_table(400, seed=4))
    weighted = replace(table, case_weights=np.ones(table.n))
    np.testing.assert_allclose(match(weighted, how).weights, match(table, how).weights, atol=1e-10)
    np.testing.assert_allclose(estimates(weighted, how), estimates(table, how), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("how", METHODS, ids=describe)
def test_rows_of_no_weight_are_as_good_as_gone(how):
    table = with_outcomes(make_table(400, seed=5))
    gone = np.arange(table.n) % 9 == 0
    kept = replace(take_rows(table, ~gone), outcomes=tuple(take_outcome(o, ~gone) for o in table.outcomes))
    marked = replace(table, case_weights=np.where(gone, 0.0, 1.0))
    np.testing.assert_allclose(match(marked, how).weights[~gone], match(kept, how).weights, atol=1e-9)
    assert not match(marked, how).matched[gone].any()
    np.testing.assert_allclose(estimates(marked, how), estimates(kept, how), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("how", METHODS, ids=describe)
@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_changes_no_bit(how, seed):
    table = make_table(300, seed=seed, strata=2)
    order = np.random.default_rng(seed).permutation(table.n)
    one, two = match(table, how), match(permuted(table, order), how)
    assert one.weights[order].tobytes() == two.weights.tobytes()
    assert one.reach[order].tolist() == two.reach.tolist()
    assert (one.caliper, one.effective_pool, one.terms, one.warnings) == (
        two.caliper,
        two.effective_pool,
        two.terms,
        two.warnings,
    )


@pytest.mark.parametrize("how", METHODS, ids=describe)
def test_names_of_levels_and_added_constants_change_nothing(how):
    table = with_outcomes(make_table(300, seed=6))
    region, age = table.covariates[4], table.covariates[0]
    renamed = replace(region, values=np.array([2, 0, 3, 1])[region.values], levels=("q", "r", "s", "t"))
    moved = replace(age, values=age.values + 40.0)
    shifted = how
    if how.cutpoints:
        shifted = replace(how, cutpoints={"age": tuple(cut + 40 for cut in dict(how.chosen["cutpoints"])["age"])})
    other = replace(table, covariates=(moved, *table.covariates[1:4], renamed))
    np.testing.assert_allclose(match(other, shifted).weights, match(table, how).weights, atol=1e-9)
    np.testing.assert_allclose(estimates(other, shifted), estimates(table, how), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("how", METHODS, ids=describe)
def test_weights_add_up_and_strata_hold(how):
    table = make_table(600, seed=8, strata=3)
    found = match(table, how)
    for group in (table.treated, ~table.treated):
        assert found.weights[group].sum() == pytest.approx(1, abs=1e-12)
    for code in range(3):
        inside = table.strata == code
        ours, pool = (found.weights[inside & group].sum() for group in (table.treated, ~table.treated))
        assert ours == pytest.approx(pool, abs=1e-9)


# With three partners each, two are others than the twin.
@pytest.mark.parametrize("how", [how for how in METHODS if not how.replacement], ids=describe)
def test_a_copy_of_the_treated_as_pool_has_no_effect(how):
    """A pool that is the treated people themselves over again: no difference, adjusted or not."""
    base = with_outcomes(make_table(300, seed=9, strength=0.0))
    rows = np.concatenate([np.arange(base.n), np.arange(base.n)])
    outcomes = tuple(take_outcome(outcome, rows) for outcome in base.outcomes)
    twins = replace(
        take_rows(base, rows),
        row_id=np.arange(rows.size),
        person=np.arange(rows.size),
        treated=np.arange(rows.size) < base.n,
        outcomes=outcomes,
    )
    found = estimates(twins, replace(how, terms="main"))
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-9)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0, -1.0], "0 or more"),
        ([1.0, np.nan], "known and finite"),
        ([1.0, np.inf], "known and finite"),
        ([1.0, 0.0], "0 for everybody"),
        ([1.0], "one for each row"),
    ],
)
def test_case_weights_that_cannot_be_used_are_refused(weights, words):
    table = make_table(60, seed=1)
    values = np.where(table.treated, weights[0], weights[-1])[: table.n if len(weights) > 1 else 5]
    with pytest.raises(InputError) as caught:
        match(replace(table, case_weights=values), MatchSettings())
    assert words in caught.value.faults[0]
