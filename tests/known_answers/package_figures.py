"""Regressions, intervals, clustered errors and adjusted p-values beside statsmodels and a leave-one-cluster-out jackknife."""

from __future__ import annotations

import numpy as np
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from tests.known_answers.answers import Answer, Makers
from tests.known_answers.survival_figures import rows_of
from tests.known_answers.textbook_figures import columns_of, recid_table

from datalab.effects.influence import Variance, clustered_variance, difference_variance, make_group
from datalab.effects.intervals import mover_wilson, welch, wilson
from datalab.effects.multiplicity import adjust_holm
from datalab.numerics import build_design, fit_ridge

STATSMODELS = "statsmodels 0.15"
TABLES = ((56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (48, 216, 66, 216), (12, 250, 1500, 20_000))
Z = 1.959963984540054


def _regression(family: str, kind: sm.families.Family, y: np.ndarray, weights: np.ndarray, what: str) -> Answer:
    """Linear predictors on recid's thirteen covariates; ours with a penalty of 1e-9, which settles nothing that is settled."""
    covariates = columns_of(recid_table())
    design = build_design(covariates)
    matrix = sm.add_constant(np.column_stack([c.values for c in covariates]))
    theirs = sm.GLM(y, matrix, family=kind, freq_weights=weights).fit(tol=1e-14, maxiter=200)
    ours = fit_ridge(design, y, family, penalty=1e-9, case_weights=weights).linear(design)
    return Answer("Regression, recid", what, STATSMODELS, tuple(ours), tuple(matrix @ theirs.params), 1e-6)


def _regressions() -> list[Answer]:
    table = recid_table()
    ones, some = np.ones(len(table)), 1.0 + np.arange(len(table)) % 3
    binary, count = table["workprg"].to_numpy(float), table["durat"].to_numpy(float) // 12
    fraction = np.minimum(table["durat"].to_numpy(float), 24) / 24
    return [
        _regression("logistic", sm.families.Binomial(), binary, ones, "logistic, linear predictors of 1,445 people"),
        _regression("logistic", sm.families.Binomial(), binary, some, "logistic with case weights"),
        _regression("logistic", sm.families.Binomial(), fraction, ones, "fractional logit"),
        _regression("poisson", sm.families.Poisson(), count, ones, "Poisson, whole years out of prison"),
        _regression("linear", sm.families.Gaussian(), fraction, some, "linear with case weights"),
    ]


def _newcombe(n1: int, n0: int, p1: float, p0: float, treated: float, comparison: float, what: str) -> Answer:
    """Ours from variances p (1 - p) / n against Newcombe's with `treated` and `comparison` people."""
    effect = mover_wilson(p1, p1 - p0, Variance(p1 * (1 - p1) / treated, p0 * (1 - p0) / comparison, 1e9), n1, n0)
    theirs = confint_proportions_2indep(p1 * treated, treated, p0 * comparison, comparison, method="newcomb")
    return Answer("Rates", what, STATSMODELS, (effect.low, effect.high), theirs, 1e-9)


def _rates() -> list[Answer]:
    found = [
        _newcombe(m, n, a / m, b / n, m, n, f"MOVER-Wilson of {a}/{m} - {b}/{n} (Newcombe 1998, method 10)")
        for a, m, b, n in TABLES
        if 0 < a < m and 0 < b < n
    ]
    ours = [limit for a, m, _, _ in TABLES for limit in wilson(a / m, m, Z)]
    theirs = [limit for a, m, _, _ in TABLES for limit in proportion_confint(a, m, method="wilson")]
    return [*found, Answer("Rates", "Wilson's limits of six shares", STATSMODELS, tuple(ours), tuple(theirs), 1e-9)]


def _unmatched() -> list[Answer]:
    """The whole way from rows with equal weights and no outcome model, on Rossi's experiment."""
    _, arrested, aid, *_ = rows_of("rossi")
    rows = np.arange(arrested.size)
    sides = [make_group(arrested[g].astype(float), np.zeros(g.sum()), np.ones(g.sum()), rows[g]) for g in (aid, ~aid)]
    variance = difference_variance(sides[0].y, sides[1].y, *sides)
    means = [side.mean for side in sides]
    effect = mover_wilson(means[0], means[0] - means[1], variance, *(float(side.people) for side in sides))
    # V1 has the divisor k - 1, so that n* is k - 1; V0 that of the effective size.
    k, ess = sides[0].people - 1, sides[1].people
    same = confint_proportions_2indep(means[0] * k, k, means[1] * ess, ess, method="newcomb")
    plain = confint_proportions_2indep(48, 216, 66, 216, method="newcomb")
    hc2 = sm.OLS(arrested.astype(float), sm.add_constant(aid.astype(float))).fit(cov_type="HC2")
    found = welch(*sides)
    why = "our variance of the treated mean has the divisor k - 1, so its Wilson interval is that of 215 people, not 216"
    return [
        Answer("Rates", "Rossi, equal weights, no model: MOVER-Wilson at n* = 215 and 216", STATSMODELS,
               (effect.low, effect.high), same, 1e-9),
        Answer("Rates", "the same against Newcombe's at 216 and 216", STATSMODELS, (effect.low, effect.high), plain, 2e-4, why),
        Answer("Rates", "Rossi, classic difference and error: two-sample t, which is HC2 of a regression", STATSMODELS,
               (found.estimate, found.se), (hc2.params[1], hc2.bse[1]), 1e-10),
    ]  # fmt: skip


def _jackknife(weights: np.ndarray, what: str, tolerance: float, why: str = "") -> Answer:
    """CR3 is the jackknife that leaves out one cluster after another, about the whole sample's mean."""
    _, _, _, _, person = rows_of("recid")
    y, cluster = recid_table()["durat"].to_numpy(float), person % 17
    group = make_group(y, np.zeros(y.size), weights, np.arange(y.size))
    ours = clustered_variance(y, group, cluster, 17)
    whole = np.average(y, weights=weights)
    left = [np.average(y[cluster != g], weights=weights[cluster != g]) for g in range(17)]
    theirs = 16 / 17 * np.sum((np.array(left) - whole) ** 2)
    return Answer("Clusters", what, "leaving each cluster out", (ours**0.5,), (theirs**0.5,), tolerance, why)


def _cr1() -> Answer:
    """statsmodels has CR1, not CR3."""
    y, cluster = recid_table()["durat"].to_numpy(float), rows_of("recid")[4] % 17
    group = make_group(y, np.zeros(y.size), np.ones(y.size), np.arange(y.size))
    theirs = sm.OLS(y, np.ones(y.size)).fit(cov_type="cluster", cov_kwds={"groups": cluster}).bse[0]
    why = "CR1, not CR3: they are the same where all clusters are of one size, which these are not quite"
    ours = clustered_variance(y, group, cluster, 17) ** 0.5
    return Answer("Clusters", "error of a mean, 17 clusters, against CR1", STATSMODELS, (ours,), (theirs,), 1e-3, why)


def _holm() -> Answer:
    p = (0.001, 0.2, 0.011, 0.04, 0.04, 0.9, 0.0301, 0.5)
    return Answer(
        "Many tests", "Holm's p-values of eight tests", STATSMODELS, adjust_holm(p), multipletests(p, method="holm")[1], 1e-12
    )


def _clusters() -> list[Answer]:
    return [
        _jackknife(np.ones(1445), "CR3 error of a mean, 17 clusters", 1e-10),
        _jackknife(0.5 + (7 * np.arange(1445)) % 11 / 10, "the same, weighted", 1e-10),
        _cr1(),
    ]


PARTS: Makers = {
    "regressions": _regressions,
    "rates": _rates,
    "unmatched": _unmatched,
    "clusters": _clusters,
    "holm": lambda: [_holm()],
}
