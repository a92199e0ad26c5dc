"""Small tables for the tests of matching and balance: made with a seed, with selection on what they hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datalab.table import AnalysisTable, Covariate, Ints

SEXES, REGIONS = ("f", "m"), ("a", "b", "c", "d")


def make_table(n: int = 400, seed: int = 0, strength: float = 0.5, share: float = 0.2, strata: int = 1) -> AnalysisTable:
    """n rows with two numbers, a yes/no number and two categories; some people hold two pool rows."""
    rng = np.random.default_rng(seed)
    age, priors = rng.normal(35, 10, n), rng.poisson(2, n).astype(float)
    job = (rng.random(n) < 0.4).astype(float)
    sex, region = rng.integers(0, 2, n), rng.integers(0, 4, n)
    eta = strength * ((age - 35) / 10 + (priors - 2) / 2 - job + 0.5 * sex) + np.log(share / (1 - share))
    treated = rng.random(n) < 1 / (1 + np.exp(-eta))
    person = np.arange(n)
    doubled = np.flatnonzero(~treated)[: n // 10]
    person[doubled[1::2]] = person[doubled[: doubled[1::2].size * 2 : 2]]
    covariates = (
        Covariate("age", "Age", age),
        Covariate("priors", "Previous offences", priors),
        Covariate("job", "In work", job),
        Covariate("sex", "Sex", sex, levels=SEXES),
        Covariate("region", "Region", region, levels=REGIONS),
    )
    codes = rng.integers(0, strata, n)
    return AnalysisTable(np.arange(n), person, treated, covariates, (), codes, np.full(n, -1))


def permuted(table: AnalysisTable, order: Ints) -> AnalysisTable:
    """The same rows in another order."""
    return replace(
        table,
        row_id=table.row_id[order],
        person=table.person[order],
        treated=table.treated[order],
        covariates=tuple(replace(c, values=c.values[order]) for c in table.covariates),
        strata=table.strata[order],
        cluster=table.cluster[order],
    )
