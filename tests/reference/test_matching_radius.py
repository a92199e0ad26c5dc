"""The fast radius weights are those of the slow and obvious way, whatever the scores, ties, windows and strata."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datalab.matching.radius import radius_weights
from datalab.matching.reference import radius_weights_obvious
from datalab.matching.validity_parts import ranked

# Few distinct scores make ties and window ends that fall exactly on a score; wide floats make empty windows.
SCORES = st.one_of(st.integers(-6, 6).map(lambda v: v / 4), st.floats(-8, 8, allow_nan=False))
ROWS = st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 2)), min_size=1, max_size=40)
CALIPERS = st.sampled_from([1e-9, 0.25, 0.3, 1.0, 5.0])


def arrays(rows):
    logit, treated, strata = (np.array(column) for column in zip(*rows, strict=True))
    return logit.astype(float), treated.astype(bool), strata.astype(np.int64)


@given(ROWS, CALIPERS)
def test_fast_equals_obvious_within_strata(rows, caliper):
    logit, treated, strata = arrays(rows)
    weights, reach = radius_weights(logit, treated, strata, caliper)
    slow_weights, slow_reach = radius_weights_obvious(logit, treated, strata, caliper)
    assert reach.tolist() == slow_reach.tolist()
    assert (weights > 0).tolist() == (slow_weights > 0).tolist()
    np.testing.assert_allclose(weights, slow_weights, atol=1e-12)
    np.testing.assert_allclose(weights[~treated].sum(), np.count_nonzero(reach), atol=1e-9)


@given(ROWS, CALIPERS)
def test_without_strata_it_is_one_stratum(rows, caliper):
    logit, treated, strata = arrays(rows)
    one = np.zeros_like(strata)
    weights, reach = radius_weights(logit, treated, one, caliper)
    slow_weights, slow_reach = radius_weights_obvious(logit, treated, one, caliper)
    assert reach.tolist() == slow_reach.tolist()
    np.testing.assert_allclose(weights, slow_weights, atol=1e-12)


@given(ROWS, CALIPERS)
def test_the_checker_finds_the_same_by_its_own_way(rows, caliper):
    logit, treated, strata = arrays(rows)
    if treated.all() or not treated.any():
        return
    weights, reach = ranked(logit[treated], logit[~treated], caliper)
    slow_weights, slow_reach = radius_weights_obvious(logit, treated, np.zeros_like(strata), caliper)
    assert reach.tolist() == slow_reach[treated].tolist()
    np.testing.assert_allclose(weights, slow_weights[~treated], atol=1e-12)


@given(ROWS, CALIPERS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_bit(rows, caliper, random):
    logit, treated, strata = arrays(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    weights, reach = radius_weights(logit, treated, strata, caliper)
    again, reach_again = radius_weights(logit[order], treated[order], strata[order], caliper)
    assert again.tolist() == weights[order].tolist()
    assert reach_again.tolist() == reach[order].tolist()
