"""Every method's fast weights are those of the slow and obvious way, whatever the scores, ties and strata."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.matching_tables import make_table

from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.matching.cells import coarsened_columns, exact_columns, slice_scores
from datalab.matching.entropy import balance_design, column_means
from datalab.matching.kernel import kernel_shares
from datalab.matching.reference import (
    cell_weights_obvious,
    entropy_weights_obvious,
    kernel_weights_obvious,
    nearest_weights_obvious,
    odds_weights_obvious,
)
from datalab.matching.task import Task
from datalab.matching.validity_parts import kernel_weights
from datalab.table import AnalysisTable, Covariate

# Few distinct scores make ties and distances that tie; wide floats make lonely rows.
SCORES = st.one_of(st.integers(-6, 6).map(lambda v: v / 4), st.floats(-8, 8, allow_nan=False).map(lambda v: round(v, 6)))
ROWS = st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 2)), min_size=2, max_size=30)
TERMS = {"terms": "main"}


def scored(rows) -> tuple[AnalysisTable, np.ndarray]:
    logit, treated, strata = (np.array(column) for column in zip(*rows, strict=True))
    logit, treated, strata = logit.astype(float), treated.astype(bool), strata.astype(np.int64)
    both = set(strata[treated].tolist()) & set(strata[~treated].tolist())
    assume(both)
    ids = np.arange(logit.size)
    return AnalysisTable(ids, ids, treated, (Covariate("x", "X", logit),), (), strata, ids * 0 - 1), logit


def assert_same(found, slow):
    weights, reach = slow
    assert found.reach.tolist() == reach.tolist()
    np.testing.assert_allclose(found.weights, weights / np.count_nonzero(reach), atol=1e-12)


@given(ROWS, st.sampled_from([1, 2, 5]), st.booleans(), st.sampled_from([None, 0.02, 0.5]))
@settings(max_examples=80)
def test_nearest_is_the_obvious_way(rows, ratio, replacement, caliper):
    table, logit = scored(rows)
    how = MatchSettings("nearest", ratio=ratio, replacement=replacement, caliper_sd_logit=caliper, **TERMS)
    try:
        found = match(table, how, logit=logit)
    except InputError:
        assume(False)
    reach = float("inf") if caliper is None else found.caliper
    slow = nearest_weights_obvious(logit, table.treated, table.strata, caliper=reach, ratio=ratio, replacement=replacement)
    assert_same(found, slow)


@given(ROWS, st.sampled_from([0.01, 0.3, 2.0]))
@settings(max_examples=80)
def test_kernel_and_its_check_are_the_obvious_way(rows, width):
    table, logit = scored(rows)
    slow, reach = kernel_weights_obvious(logit, table.treated, table.strata, width)
    ones = np.ones(table.n)
    for stratum in set(table.strata.tolist()):
        ours, pool = (np.flatnonzero((table.strata == stratum) & rows) for rows in (table.treated, ~table.treated))
        if not ours.size or not pool.size:
            continue
        shares, count = kernel_shares(logit, ours, pool, ones, width)
        np.testing.assert_allclose(shares, slow[pool], atol=1e-10)
        assert count.tolist() == reach[ours].tolist()
        again, reached = kernel_weights(logit, ours, pool, ones, width)
        np.testing.assert_allclose(again, slow[pool], atol=1e-9)
        assert reached.tolist() == (count > 0).tolist()


@given(ROWS)
def test_odds_are_the_obvious_way(rows):
    table, logit = scored(rows)
    found = match(table, MatchSettings("ipw", **TERMS), logit=logit)
    assert_same(found, odds_weights_obvious(logit, table.treated, table.strata))


@given(ROWS, st.integers(2, 8))
def test_subclasses_are_the_obvious_way(rows, subclasses):
    table, logit = scored(rows)
    try:
        found = match(table, MatchSettings("subclass", subclasses=subclasses, **TERMS), logit=logit)
    except InputError:
        assume(False)
    slices = slice_scores(logit, logit[table.treated], subclasses)
    assert_same(found, cell_weights_obvious([table.strata, slices], table.treated))


@pytest.mark.parametrize(
    ("how", "columns"),
    [
        (MatchSettings("exact"), exact_columns),
        (MatchSettings("exact", on=("sex", "job")), exact_columns),
        (MatchSettings("cem", on=("age", "priors", "sex")), coarsened_columns),
        (MatchSettings("cem", bins=3), coarsened_columns),
        (MatchSettings("cem", bins=2, cutpoints={"age": [20, 30, 45]}), coarsened_columns),
    ],
)
def test_cells_are_the_obvious_way(how, columns):
    table = make_table(500, seed=3, strata=2)
    how = replace(how, terms="main")
    found = match(table, how)
    task = Task(table.treated, table.strata, table.covariates, found.logit, found.logit, np.inf, np.inf, None, how.chosen, "main")
    assert_same(found, cell_weights_obvious(columns(task), table.treated))


@pytest.mark.parametrize("seed", [1, 2])
def test_entropy_weights_are_those_of_a_general_solver(seed):
    """The primal problem solved by SLSQP of SciPy, on the columns left after dropping a level of each category."""
    table = make_table(160, seed=seed, strata=1)
    how = MatchSettings("entropy")
    found = match(table, how)
    task = Task(table.treated, table.strata, table.covariates, found.logit, found.logit, np.inf, np.inf, None, how.chosen, "main")
    design = balance_design(task)
    ours, pool = np.flatnonzero(table.treated), np.flatnonzero(~table.treated)
    kept = [place for place, name in enumerate(design.names) if name not in ("sex=m", "region=d")]
    target = column_means(design, ours, np.ones(table.n))
    slow = entropy_weights_obvious(design.matrix(pool)[:, kept], target[kept])
    np.testing.assert_allclose(found.weights[pool], slow, atol=2e-6)
    moments = found.weights[pool] @ design.matrix(pool)
    np.testing.assert_allclose(moments, target, atol=1e-10)


def test_entropy_weights_are_optimal_in_the_dual():
    """Log weights lie in the span of the columns: with the moments met, that is the optimum (Hainmueller 2012)."""
    table = make_table(600, seed=5, strata=3)
    how = MatchSettings("entropy")
    found = match(table, how)
    task = Task(table.treated, table.strata, table.covariates, found.logit, found.logit, np.inf, np.inf, None, how.chosen, "main")
    design, pool = balance_design(task), np.flatnonzero(~table.treated)
    columns = np.column_stack([np.ones(pool.size), design.matrix(pool)])
    logs = np.log(found.weights[pool])
    fitted = columns @ np.linalg.lstsq(columns, logs, rcond=None)[0]
    np.testing.assert_allclose(fitted, logs, atol=1e-8)
