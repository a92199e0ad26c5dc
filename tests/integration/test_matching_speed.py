"""Loose guards on time and memory at a million rows; `make bench` prints the real figures."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from datalab.balance import measure_balance
from datalab.matching import MatchSettings, match
from datalab.matching.radius import radius_weights
from datalab.table import AnalysisTable, Covariate


def seconds(work):
    """Processor seconds, which a busy machine lengthens less than the clock's."""
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.slow
def test_matching_step_alone_at_a_million():
    rng = np.random.default_rng(1)
    treated = np.arange(1_005_000) < 5_000
    logit = rng.normal(-5, 1, treated.size) + treated
    strata = np.zeros(treated.size, dtype=np.int64)
    assert min(seconds(lambda: radius_weights(logit, treated, strata, 0.2)) for _ in range(3)) < 1.0


@pytest.mark.slow
def test_score_match_and_balance_at_a_million_rows_and_sixty_columns():
    rng = np.random.default_rng(2)
    n = 1_000_000
    covariates = [Covariate(f"x{i}", f"x{i}", rng.normal(size=n)) for i in range(8)]
    covariates += [Covariate(f"k{i}", f"k{i}", rng.poisson(1 + i, n).astype(float)) for i in range(10)]
    covariates += [
        Covariate(f"g{size}", f"g{size}", rng.integers(0, size, n), levels=tuple(map(str, range(size))))
        for size in (3, 4, 5, 10, 25)
    ]
    treated = rng.random(n) < 1 / (1 + np.exp(5 - 0.5 * covariates[0].values))
    rows = np.arange(n)
    table = AnalysisTable(rows, rows, treated, tuple(covariates), (), np.zeros(n, dtype=np.int64), rows * 0 - 1)

    def work():
        found = match(table, MatchSettings())
        assert measure_balance(table, found).passed

    tracemalloc.start()
    try:
        assert seconds(work) < 20
        assert tracemalloc.get_traced_memory()[1] < 1.2e9  # bytes on top of the table's own 0.2 GB
    finally:
        tracemalloc.stop()
