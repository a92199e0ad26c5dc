"""Ridge regressions against an independent minimisation of the same objective (scipy, dense, general purpose)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from tests.matching_tables import make_table

from datalab.numerics import build_design, fit_ridge


def dense_columns(covariates):
    """The standardised columns, written out by hand: every level has its own, constants are 0."""
    columns = []
    for covariate in covariates:
        if covariate.is_categorical:
            columns += [(covariate.values == code).astype(float) for code in range(len(covariate.levels))]
        else:
            columns.append(covariate.values.astype(float))
    matrix = np.column_stack(columns)
    sd = matrix.std(axis=0)
    return np.where(sd > 0, (matrix - matrix.mean(axis=0)) / np.where(sd > 0, sd, 1), 0.0)


def loss_of(family, eta, y):
    if family == "logistic":
        return np.logaddexp(0, eta) - y * eta
    return np.exp(eta) - y * eta if family == "poisson" else 0.5 * (y - eta) ** 2


def slope_of(family, eta, y):
    return {"logistic": 1 / (1 + np.exp(-eta)), "poisson": np.exp(eta), "linear": eta}[family] - y


def independent_fit(family, matrix, y, weights, penalty):
    def objective(beta):
        eta = beta[0] + matrix @ beta[1:]
        slope = weights * slope_of(family, eta, y)
        value = weights @ loss_of(family, eta, y) + penalty / 2 * beta[1:] @ beta[1:]
        return value, np.concatenate([[slope.sum()], matrix.T @ slope + penalty * beta[1:]])

    start = np.zeros(matrix.shape[1] + 1)
    return minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x


OUTCOMES = {
    "binary": ("logistic", lambda rng, x: (rng.random(x.size) < 1 / (1 + np.exp(-x))).astype(float)),
    "fraction": ("logistic", lambda rng, x: np.clip(rng.random(x.size) * np.exp(x) / 2, 0, 1)),
    "count": ("poisson", lambda rng, x: rng.poisson(np.exp(0.5 * x)).astype(float)),
    "number": ("linear", lambda rng, x: 3 * x + rng.normal(size=x.size)),
}


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("penalty", [1.0, 7.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_fit_is_the_minimum_of_its_objective(kind, penalty, weighted):
    table = make_table(500, seed=3)
    family, draw = OUTCOMES[kind]
    rng = np.random.default_rng(4)
    matrix = dense_columns(table.covariates)
    y = draw(rng, matrix[:, 0] - 0.5 * matrix[:, 1])
    weights = rng.gamma(2, 1, table.n) if weighted else np.ones(table.n)
    design = build_design(table.covariates)
    fit = fit_ridge(design, y, family, penalty=penalty, case_weights=weights if weighted else None)
    beta = independent_fit(family, matrix, y, weights, penalty)
    np.testing.assert_allclose(fit.coefficients, beta[1:], atol=2e-6)
    np.testing.assert_allclose(fit.linear(design), beta[0] + matrix @ beta[1:], atol=5e-6)


def test_rows_are_a_fit_on_those_rows_alone():
    table = make_table(600, seed=5)
    rng = np.random.default_rng(6)
    rows = rng.random(table.n) < 0.6
    y = np.where(rows, (rng.random(table.n) < 0.4).astype(float), np.nan)
    design = build_design(table.covariates)
    fit = fit_ridge(design, y, "logistic", rows=rows)
    same = fit_ridge(design, np.nan_to_num(y), "logistic", case_weights=rows.astype(float))
    np.testing.assert_allclose(fit.coefficients, same.coefficients, atol=1e-8)
    np.testing.assert_array_equal(fit.linear(design, rows), fit.linear(design)[rows])


def test_rich_terms_are_squares_and_products_of_standardised_numbers():
    table = make_table(300, seed=7)
    design = build_design(table.covariates, terms="rich")
    assert design.names[3:6] == ("age*age", "age*priors", "priors*priors")
    main = dense_columns(table.covariates)
    products = np.column_stack([main[:, 0] ** 2, main[:, 0] * main[:, 1], main[:, 1] ** 2])
    products = (products - products.mean(axis=0)) / products.std(axis=0)
    expected = np.column_stack([main[:, :3], products, main[:, 3:]])
    np.testing.assert_allclose(design.matrix(), expected, atol=1e-12)
    y = table.treated.astype(float)
    beta = independent_fit("logistic", expected, y, np.ones(table.n), 1.0)
    np.testing.assert_allclose(fit_ridge(design, y, "logistic").coefficients, beta[1:], atol=2e-6)
