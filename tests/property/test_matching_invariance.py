"""What must not change a match or its balance: the order of rows, units of a covariate, names and order of levels."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching_tables import make_table, permuted

from datalab.balance import measure_balance
from datalab.matching import MatchSettings, match

SEEDS = st.integers(0, 50)
SETTINGS = st.sampled_from([MatchSettings(), MatchSettings(terms="rich"), MatchSettings(caliper_sd_logit=0.05, terms="main")])


def lines(table, found):
    return np.array([[v for v in astuple(line) if not isinstance(v, str)] for line in measure_balance(table, found).covariates])


@settings(max_examples=20)
@given(SEEDS, SETTINGS, st.integers(0, 1000))
def test_order_of_rows_changes_no_bit(seed, how, shuffle):
    table = make_table(150, seed=seed, strata=2)
    order = np.random.default_rng(shuffle).permutation(table.n)
    other = permuted(table, order)
    one, two = match(table, how), match(other, how)
    assert one.logit[order].tobytes() == two.logit.tobytes()
    assert one.weights[order].tobytes() == two.weights.tobytes()
    assert one.reach[order].tolist() == two.reach.tolist()
    assert (one.caliper, one.effective_pool, one.terms) == (two.caliper, two.effective_pool, two.terms)
    assert lines(table, one).tobytes() == lines(other, two).tobytes()


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([1e-6, 0.1, 3.0, 365.25, 1e6, -2.0]), st.sampled_from([0.0, 1.0, -50.0]))
def test_units_of_a_number_change_nothing(seed, scale, shift):
    table = make_table(150, seed=seed)
    scaled = tuple(c if c.is_categorical else replace(c, values=c.values * scale + shift) for c in table.covariates)
    other = replace(table, covariates=scaled)
    one, two = match(table, MatchSettings()), match(other, MatchSettings())
    np.testing.assert_allclose(two.logit, one.logit, atol=1e-9)
    np.testing.assert_allclose(two.weights, one.weights, atol=1e-9)
    before, after = measure_balance(table, one), measure_balance(other, two)
    assert before.passed == after.passed
    np.testing.assert_allclose(
        [abs(line.smd) for line in after.covariates], [abs(line.smd) for line in before.covariates], atol=1e-9
    )


@settings(max_examples=20)
@given(SEEDS, st.permutations(range(4)))
def test_names_and_order_of_levels_change_nothing(seed, order):
    table = make_table(150, seed=seed)
    region = table.covariates[4]
    renamed = replace(
        region, values=np.argsort(np.array(order))[region.values], levels=tuple(f"new {region.levels[code]}" for code in order)
    )
    other = replace(table, covariates=(*table.covariates[:4], renamed))
    one, two = match(table, MatchSettings()), match(other, MatchSettings())
    np.testing.assert_allclose(two.logit, one.logit, atol=1e-8)
    np.testing.assert_allclose(two.weights, one.weights, atol=1e-12)
    found = {line.level: line.smd for line in measure_balance(other, two).covariates}
    for line in measure_balance(table, one).covariates:
        if line.covariate == "region":
            np.testing.assert_allclose(found[f"new {line.level}"], line.smd, atol=1e-9)


@settings(max_examples=20)
@given(SEEDS, st.permutations(range(5)))
def test_order_of_covariates_changes_nothing(seed, order):
    table = make_table(150, seed=seed)
    one = match(table, MatchSettings())
    two = match(replace(table, covariates=tuple(table.covariates[place] for place in order)), MatchSettings())
    np.testing.assert_allclose(two.weights, one.weights, atol=1e-12)
