"""A research run: no estimate of a table whose match failed the gate is a verdict, subgroups among them."""

from __future__ import annotations

import numpy as np

from datalab.analysis import AnalysisSettings, analyse
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

RATE = Measure("rate", "binary", "Rate")
DAYS = Measure("days", "number", "Days", among="reoffenders")


def table_balanced_among_reoffenders_only() -> AnalysisTable:
    rng = np.random.default_rng(0)
    n = 320
    who, again = np.arange(n) < 120, rng.random(n) < 0.5
    x = rng.normal(size=n) + np.where(who & ~again, 2.0, 0.0)
    days = np.where(again, 200 + 20 * rng.normal(size=n) - 60 * who, np.nan)
    outcomes = (Outcome(RATE, again.astype(float)), Outcome(DAYS, days))
    ids, none = np.arange(n), np.zeros(n, dtype=np.int64)
    covariates = (Covariate("x", "X", x), Covariate("z", "Z", rng.normal(size=n)))
    return AnalysisTable(ids, ids, who, covariates, outcomes, none, none - 1)


def test_a_balanced_subgroup_of_an_unbalanced_table_has_no_verdict_either() -> None:
    found = analyse(table_balanced_among_reoffenders_only(), AnalysisSettings("all", "rate", minimum_treated=2, research=True))
    assert found.status == "balance_failed"
    assert [result.measure.name for result in found.outcomes] == ["rate", "days"]
    for result in found.outcomes:
        assert result.effect is not None
        assert result.verdict == "withheld"
        assert result.people_needed is None
        assert result.notes.count("effects.notes.not_evidence") == 1
