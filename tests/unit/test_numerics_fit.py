"""Designs, fits and imputation at their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

from datalab.errors import InputError, InternalError
from datalab.numerics import blocks, build_design, fit_ridge, glm, impute_covariates
from datalab.table import Covariate


def number(name, values):
    return Covariate(name, name.title(), np.array(values, dtype=float))


def test_constant_columns_have_no_influence_and_no_division_by_zero():
    constant = number("c", [0.1] * 6)
    level = Covariate("g", "G", np.zeros(6, dtype=np.int64), levels=("only", "never"))
    x = number("x", [1, 2, 3, 4, 5, 9])
    y = np.array([0.0, 0, 1, 0, 1, 1])
    with_them = fit_ridge(build_design((constant, x, level)), y, "logistic")
    alone = fit_ridge(build_design((x,)), y, "logistic")
    assert with_them.coefficients[[0, 2, 3]].tolist() == [0, 0, 0]
    assert with_them.coefficients[1] == pytest.approx(alone.coefficients[0], abs=1e-12)


def test_design_keeps_codes_not_columns():
    n = 1000
    wide = Covariate("w", "W", np.arange(n) % 200, levels=tuple(map(str, range(200))))
    design = build_design((number("x", np.arange(n)), wide))
    assert design.p == 201
    held = (*design.numbers.columns, *(category.codes for category in design.categories))
    assert sum(column.size for column in held) == 2 * n


def test_fit_rows_choose_who_standardises():
    covariate = number("x", [0, 2, 100])
    design = build_design((covariate,), np.array([True, True, False]))
    assert design.numbers.block(slice(0, 3)).tolist() == [[-1, 1, 99]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_or_infinite_numbers_are_refused_by_name_all_at_once(bad):
    with pytest.raises(InputError) as caught:
        build_design((number("age", [1, bad]), number("fine", [1, 2]), number("priors", [bad, 0])))
    assert len(caught.value.faults) == 2
    assert "age" in caught.value.faults[0]
    assert "priors" in caught.value.faults[1]


def test_perfect_separation_stays_finite():
    x = number("x", [0, 1, 2, 3, 10, 11, 12, 13])
    design = build_design((x,))
    fit = fit_ridge(design, np.repeat([0.0, 1.0], 4), "logistic")
    assert np.isfinite(fit.linear(design)).all()
    assert 0 < fit.coefficients[0] < 10


def test_more_columns_than_rows_stays_finite():
    rng = np.random.default_rng(1)
    design = build_design(tuple(number(f"x{i}", rng.normal(size=30)) for i in range(80)))
    fit = fit_ridge(design, (np.arange(30) % 3 == 0).astype(float), "logistic")
    assert np.isfinite(fit.coefficients).all()


@pytest.mark.parametrize(("family", "value", "mean"), [("logistic", 0, 0), ("logistic", 1, 1), ("poisson", 0, 0)])
def test_an_outcome_at_its_limit_everywhere_is_the_limit_everywhere(family, value, mean):
    design = build_design((number("x", [1, 2, 3]),))
    fit = fit_ridge(design, np.full(3, float(value)), family)
    assert fit.mean(design).tolist() == [mean] * 3
    assert fit.coefficients.tolist() == [0]


@pytest.mark.parametrize(("family", "y"), [("logistic", [0, 2]), ("poisson", [-1, 1]), ("linear", [np.nan, 1])])
def test_an_impossible_outcome_is_an_error(family, y):
    with pytest.raises(InternalError):
        fit_ridge(build_design((number("x", [1, 2]),)), np.array(y, dtype=float), family)


@pytest.mark.parametrize("penalty", [0.0, -1.0, np.nan])
def test_a_penalty_must_be_above_zero(penalty):
    with pytest.raises(InternalError):
        fit_ridge(build_design((number("x", [1, 2]),)), np.array([0.0, 1]), "logistic", penalty=penalty)


def test_an_unknown_family_or_other_terms_are_errors():
    design = build_design((number("x", [1, 2]),))
    with pytest.raises(InternalError):
        fit_ridge(design, np.array([0.0, 1]), "probit")
    with pytest.raises(InternalError):
        build_design((number("x", [1, 2]),), terms="richest")


def test_a_fit_predicts_only_from_its_own_columns():
    fit = fit_ridge(build_design((number("x", [1, 2]),)), np.array([0.0, 1]), "linear")
    with pytest.raises(InternalError):
        fit.mean(build_design((number("z", [1, 2]),)))


def test_steep_poisson_halves_its_steps_and_converges():
    x = number("x", np.linspace(0, 1, 50) ** 20)
    y = np.where(np.arange(50) == 49, 1e6, 0.0)
    design = build_design((x,))
    fit = fit_ridge(design, y, "poisson")
    assert fit.mean(design).sum() == pytest.approx(1e6, rel=1e-6)


def test_without_convergence_there_is_no_answer(monkeypatch):
    table = make_table(300)
    monkeypatch.setattr(glm, "MOST_STEPS", 2)
    with pytest.raises(InternalError, match="converge"):
        fit_ridge(build_design(table.covariates), table.treated.astype(float), "logistic")


def test_number_of_threads_changes_no_bit(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 300)
    monkeypatch.setattr(blocks.os, "cpu_count", lambda: 2)
    table = make_table(2000)
    design = build_design(table.covariates, terms="rich")
    fits = []
    for workers in (1, 2, 7):
        monkeypatch.setattr(blocks, "MOST_WORKERS", workers)
        monkeypatch.setattr(blocks.os, "cpu_count", lambda workers=workers: workers)
        fit = fit_ridge(design, table.treated.astype(float), "logistic")
        fits.append((fit.intercept, *fit.coefficients, *fit.linear(design)))
    assert fits[0] == fits[1] == fits[2]


def test_start_from_a_thinned_sample_ends_where_a_plain_start_does(monkeypatch):
    table = make_table(4000, share=0.05)
    design = build_design(table.covariates)
    y, weights = table.treated.astype(float), np.random.default_rng(2).gamma(1, 1, table.n)
    plain = fit_ridge(design, y, "logistic", case_weights=weights)
    monkeypatch.setattr(glm, "MANY_ROWS", 1000)
    monkeypatch.setattr(glm, "THINNED_ROWS", 500)
    thinned = fit_ridge(design, y, "logistic", case_weights=weights)
    np.testing.assert_allclose(thinned.coefficients, plain.coefficients, atol=1e-8)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_start_from_a_sample_with_next_to_no_rows_of_a_column_is_dropped(monkeypatch, family, seed):
    """Two columns that are nearly always 0 and nearly always alike: the sample alone would send the search dozens of steps away
    (logistic, 22 to 50 passes), or where no equation can be solved (Poisson)."""
    rng = np.random.default_rng(seed)
    n = 60_000
    x, one = rng.normal(size=n), (rng.random(n) < 0.004).astype(float)
    three = one * np.where(rng.random(n) < 0.02, rng.integers(2, 4, n), 1)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - x - 0.1 * three))).astype(float)
    design = build_design((number("x", x), number("three", three), number("one", one)))
    plain = fit_ridge(design, y, family)
    monkeypatch.setattr(glm, "MANY_ROWS", 1000)
    monkeypatch.setattr(glm, "THINNED_ROWS", 1000)
    passes, evaluate = [], glm._evaluate
    monkeypatch.setattr(glm, "_evaluate", lambda problem, *of: passes.append(problem.y.size) or evaluate(problem, *of))
    thinned = fit_ridge(design, y, family)
    np.testing.assert_allclose(thinned.coefficients, plain.coefficients, atol=1e-6)
    assert passes.count(n) <= 8


def test_imputation_learns_from_the_pool_alone():
    rng = np.random.default_rng(0)
    n = 400
    x = rng.normal(size=n)
    pool = np.arange(n) < 300
    y = np.where(pool, 2 * x + 1, -50.0)
    gap = rng.random(n) < 0.3
    covariates = (number("x", x), number("y", np.where(gap, np.nan, y)))
    filled = impute_covariates(covariates, pool, penalty=1e-9)[1].values
    expected = np.clip(2 * x + 1, y[pool & ~gap].min(), y[pool & ~gap].max())
    np.testing.assert_allclose(filled[gap], expected[gap], atol=1e-6)
    assert filled[~gap].tolist() == y[~gap].tolist()


def test_imputation_does_not_depend_on_order_of_rows_or_covariates():
    table = make_table(500, seed=9)
    rng = np.random.default_rng(1)
    holed = tuple(
        c if c.is_categorical else replace(c, values=np.where(rng.random(table.n) < 0.2, np.nan, c.values))
        for c in table.covariates
    )
    pool = ~table.treated
    plain = impute_covariates(holed, pool)
    order = rng.permutation(table.n)
    shuffled = impute_covariates(tuple(replace(c, values=c.values[order]) for c in holed), pool[order])
    backwards = impute_covariates(holed[::-1], pool)[::-1]
    for one, other, third in zip(plain, shuffled, backwards, strict=True):
        assert not np.isnan(one.values.astype(float)).any()
        np.testing.assert_allclose(other.values, one.values[order], atol=1e-9)
        np.testing.assert_allclose(third.values, one.values, atol=1e-9)


def test_nothing_missing_hands_on_the_same_values_and_a_lone_number_gets_its_mean():
    table = make_table(50)
    assert impute_covariates(table.covariates, ~table.treated) is table.covariates
    lone = impute_covariates((number("x", [1, 3, np.nan]),), np.array([True, True, False]))
    assert lone[0].values.tolist() == [1, 3, 2]


def test_a_number_known_for_nobody_in_the_pool_is_refused_by_name():
    covariates = (number("age", [1, np.nan, np.nan]), number("x", [1, 2, 3]))
    with pytest.raises(InputError) as caught:
        impute_covariates(covariates, np.array([False, True, True]))
    assert "age" in caught.value.faults[0]
