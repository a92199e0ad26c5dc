"""Weights and balance figures of R's MatchIt 4.5.1 (R 4.2, Debian r-cran-matchit) on the Rossi data of lifelines.

432 people; being married (53) stands in for a treatment. The commands (the CSV is `lifelines.datasets.load_rossi()`):

    library(MatchIt); options(digits = 12); d <- read.csv("rossi.csv"); t <- d$mar == 1
    d$agegroup <- cut(d$age, c(0, 20, 25, 30, 99), labels = c("a", "b", "c", "d"))
    f <- mar ~ age + race + wexp + fin + paro + prio + agegroup
    l <- as.numeric(predict(glm(f, d, family = binomial(), control = list(epsilon = 1e-14)), type = "link"))
    cal <- 0.2 * sqrt((var(l[t]) + var(l[!t])) / 2); D <- abs(outer(l, l, "-"))
    radius <- matchit(f, d, distance = D, method = "nearest", replace = TRUE, ratio = 379, caliper = cal, std.caliper = FALSE)
    strata <- update of the same with exact = ~ race + wexp
    exact  <- matchit(mar ~ race + wexp + agegroup, d, method = "exact")
    s <- summary(radius, pair.dist = FALSE); s$sum.all[, 3:6]; s$sum.matched[, 3:6]
    w0 <- radius$weights[!t]; w0 <- w0 / sum(w0); c(sum(w0 > 0), 1 / sum(w0^2), sum(w0 * seq_along(w0)))

The distance goes in as a matrix: given as a vector, this version repeats the nearest neighbour `ratio` times.
"""

from __future__ import annotations

import numpy as np
import pytest
from lifelines.datasets import load_rossi

from datalab.balance import measure_balance
from datalab.matching import MatchSettings, match
from datalab.table import AnalysisTable, Covariate

CALIPER = 0.246693272497
LOGITS = [-2.43973270235, -4.22604071247, -1.35567532083, -1.54216978810, -2.22344617790]
# Standardised mean difference, variance ratio, mean and largest eCDF difference.
BEFORE = {
    "age": (0.535622705, 1.003538313, 0.1154798057, 0.3499775975),
    "race": (-0.1430654093, None, 0.05371633395, 0.05371633395),
    "wexp": (1.302064982, None, 0.3805944143, 0.3805944143),
    "fin": (-0.1080139693, None, 0.05376611739, 0.05376611739),
    "paro": (0.3045407515, None, 0.1342659431, 0.1342659431),
    "prio": (-0.09791336672, 0.8292173339, 0.02164408353, 0.05028127645),
    "agegroup=a": (-1.170886258, None, 0.2705730074, 0.2705730074),
    "agegroup=b": (0.06639535605, None, 0.03290685518, 0.03290685518),
    "agegroup=c": (0.3702230492, None, 0.1699606711, 0.1699606711),
    "agegroup=d": (0.1669470351, None, 0.06770548116, 0.06770548116),
}
AFTER_RADIUS = {
    "age": (0.01367184568, 0.8984005558, 0.02134610822, 0.0595718652),
    "race": (0.02741060894, None, 0.01029177794, 0.01029177794),
    "wexp": (0.01783974358, None, 0.005214568285, 0.005214568285),
    "fin": (-0.003098678504, None, 0.001542429311, 0.001542429311),
    "paro": (0.01256725071, None, 0.005540650177, 0.005540650177),
    "prio": (0.05139239315, 1.111216291, 0.0244510123, 0.06483212914),
    "agegroup=a": (-0.004076818061, None, 0.0009420871721, 0.0009420871721),
    "agegroup=b": (-0.006016447936, None, 0.002981870913, 0.002981870913),
    "agegroup=c": (-0.01565285161, None, 0.00718585504, 0.00718585504),
    "agegroup=d": (0.02739439009, None, 0.01110981312, 0.01110981312),
}
AFTER_STRATA = {
    "age": (0.03719480235, 0.9032904287, 0.02413590201, 0.07714780088),
    "race": (0, None, 0, 0),
    "wexp": (0, None, 0, 0),
    "fin": (-0.05147366111, None, 0.02562204615, 0.02562204615),
    "paro": (-0.02527322276, None, 0.01114245983, 0.01114245983),
    "prio": (0.1198331448, 1.568822209, 0.02799198463, 0.07138055285),
    "agegroup=a": (-0.01632993162, None, 0.003773584906, 0.003773584906),
    "agegroup=b": (-0.007696393702, None, 0.00381448535, 0.00381448535),
    "agegroup=c": (-0.03539641389, None, 0.01624965888, 0.01624965888),
    "agegroup=d": (0.05877867102, None, 0.02383772913, 0.02383772913),
}
# Pool rows with weight, effective size, sum of weight x place in the pool, and the first four positive weights.
WEIGHTS_RADIUS = (265, 146.369308897, 185.179203960, (6.50618087183e-04, 5.06535725971e-03, 4.08174007145e-03, 3.83518826463e-03))
WEIGHTS_STRATA = (219, 133.246939336, 181.742873018, (3.77358490566e-03, 4.59049767596e-03, 4.32684181852e-03, 5.71755288736e-04))
WEIGHTS_EXACT = (359, 182.342967223, 192.220455999, (1.34770889488e-03, 2.62054507338e-04, 4.45492662474e-03, 4.45492662474e-03))
# The score without a penalty, as R fits it; 1e-7 only settles the columns that depend on each other.
SETTINGS = {"penalty": 1e-7, "terms": "main"}


def rossi(exact=()):
    data = load_rossi()
    group = np.digitize(data["age"], [20.5, 25.5, 30.5])
    numbers = tuple(Covariate(n, n, data[n].to_numpy(float)) for n in ("age", "race", "wexp", "fin", "paro", "prio"))
    category = Covariate("agegroup", "agegroup", group, levels=("a", "b", "c", "d"))
    strata = np.zeros(len(data), dtype=np.int64)
    for name in exact:
        strata = strata * 10 + (group if name == "agegroup" else data[name].to_numpy())
    rows = np.arange(len(data))
    return AnalysisTable(rows, rows, data["mar"].to_numpy() == 1, (*numbers, category), (), strata, rows * 0 - 1)


def assert_weights(table, found, expected):
    pool, effective, moment, first = expected
    weights = found.weights[~table.treated]
    assert np.count_nonzero(weights) == pool
    assert found.effective_pool == pytest.approx(effective, rel=1e-9)
    assert weights @ np.arange(1, weights.size + 1) == pytest.approx(moment, rel=1e-9)
    assert weights[weights > 0][:4] == pytest.approx(first, rel=1e-6)


def assert_balance(table, found, before, after):
    lines = measure_balance(table, found).covariates
    names = [f"{line.covariate}={line.level}" if line.level else line.covariate for line in lines]
    assert names == list(before)
    for name, line in zip(names, lines, strict=True):
        for expected, figures in (
            (before[name], (line.smd_before, line.variance_ratio_before, line.ecdf_before, line.ks_before)),
            (after[name], (line.smd, line.variance_ratio, line.ecdf, line.ks)),
        ):
            for figure, wanted in zip(figures, expected, strict=True):
                assert np.isnan(figure) if wanted is None else figure == pytest.approx(wanted, abs=1e-8), name


def test_score_and_caliper_are_those_of_glm():
    found = match(rossi(), MatchSettings(**SETTINGS))
    assert found.logit[:5] == pytest.approx(LOGITS, abs=1e-5)
    assert found.caliper == pytest.approx(CALIPER, abs=1e-6)


def test_radius_weights_and_balance_are_those_of_matchit():
    table = rossi()
    found = match(table, MatchSettings(**SETTINGS))
    assert_weights(table, found, WEIGHTS_RADIUS)
    assert_balance(table, found, BEFORE, AFTER_RADIUS)


def test_radius_within_exact_strata_is_that_of_matchit():
    table = rossi(exact=("race", "wexp"))
    found = match(table, MatchSettings(**SETTINGS))
    assert_weights(table, found, WEIGHTS_STRATA)
    assert_balance(table, found, BEFORE, AFTER_STRATA)


def test_strata_with_a_wide_caliper_are_exact_matching():
    table = rossi(exact=("race", "wexp", "agegroup"))
    found = match(table, MatchSettings(caliper_sd_logit=5.0, penalty=10.0, terms="main"))
    assert_weights(table, found, WEIGHTS_EXACT)
