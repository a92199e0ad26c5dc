"""Rules of every method as data, trimming, calipers, entropy balancing's refusals, and the checker's eye for each method."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

from datalab.errors import InputError, InternalError, UsageError
from datalab.matching import MatchSettings, match, named_settings, require_valid_match
from datalab.matching.matcher import SOME_UNMATCHED, TRIMMED, WEIGH, WIDE_CALIPER
from datalab.matching.results import Pairs
from datalab.matching.settings import METHODS, RULES
from datalab.matching.validity import _CHECKS
from datalab.table import AnalysisTable, Covariate
from datalab.wording import say

GOOD = {
    "caliper_sd_logit": 0.1,
    "caliper_score": 0.01,
    "penalty": 2.0,
    "terms": "main",
    "ratio": 2,
    "replacement": True,
    "bandwidth_sd_logit": 0.2,
    "on": ("sex",),
    "bins": 4,
    "cutpoints": {"age": (30, 40)},
    "subclasses": 5,
    "trim": "support",
    "trim_above": 0.9,
}


def test_every_method_has_rules_weights_and_a_check():
    assert set(METHODS) == set(WEIGH) == set(_CHECKS)
    fields = {item.name for item in dataclasses.fields(MatchSettings)}
    assert fields == set(RULES) == {*GOOD, "method"}
    assert {name for used in METHODS.values() for name in used} == set(GOOD)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("setting", GOOD)
def test_what_a_method_does_not_use_is_refused_by_name(method, setting):
    if setting in METHODS[method]:
        chosen = MatchSettings(method, **{setting: GOOD[setting]}).chosen
        assert chosen[setting] is not None
        return
    with pytest.raises(UsageError) as caught:
        MatchSettings(method, **{setting: GOOD[setting]})
    assert f"{setting} must be left out with method {method}, which does not use it." in caught.value.faults[0]
    assert "It belongs to" in caught.value.faults[0]


def test_a_caliper_is_on_one_scale():
    with pytest.raises(UsageError, match="Only one of caliper_score and caliper_sd_logit"):
        MatchSettings(caliper_score=0.01, caliper_sd_logit=0.2)
    assert MatchSettings(caliper_score=0.01).chosen["caliper_sd_logit"] is None


def test_settings_of_another_method_are_its_own_defaults():
    assert replace(MatchSettings(), method="kernel").chosen["bandwidth_sd_logit"] == 0.3
    assert named_settings("cem", {"cutpoints": {"b": [2, 3], "a": [1]}}).settings()["cutpoints"] == {"a": [1.0], "b": [2.0, 3.0]}
    with pytest.raises(UsageError, match="Did you mean ratio"):
        named_settings("nearest", {"rato": 2})


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "nearest", "ratio": 1.5},
        {"method": "nearest", "replacement": "yes"},
        {"method": "exact", "on": "sex"},
        {"method": "exact", "on": ()},
        {"method": "cem", "cutpoints": {"age": (40, 30)}},
        {"method": "cem", "cutpoints": {"age": ()}},
        {"method": "cem", "cutpoints": (3, 4)},
        {"method": "cem", "cutpoints": {"age": (1, float("nan"))}},
        {"trim_above": 1.0},
    ],
)
def test_values_out_of_their_rules_are_refused(wrong):
    with pytest.raises(UsageError) as caught:
        MatchSettings(**wrong)
    assert list(wrong)[-1] in caught.value.faults[0]


def test_a_score_that_is_known_is_used_as_it_is():
    table = make_table(200)
    logit = np.random.default_rng(1).normal(size=table.n)
    found = match(table, MatchSettings("nearest", terms="main"), logit=logit)
    assert found.logit.tobytes() == logit.tobytes()
    with pytest.raises(InputError, match="one finite number for each row"):
        match(table, logit=logit[:-1])


def test_trimming_is_told_and_nobody_trimmed_has_weight():
    table = make_table(400, strength=1.6, share=0.4)
    plain = match(table, MatchSettings("ipw", terms="main"))
    found = match(table, MatchSettings("ipw", terms="main", trim="support", trim_above=0.7))
    assert plain.trimmed is None
    assert found.trimmed is not None
    score = 1 / (1 + np.exp(-found.logit))
    treated, pool = found.logit[table.treated], found.logit[~table.treated]
    expected = (score > 0.7) | np.where(
        table.treated,
        (found.logit < pool.min()) | (found.logit > pool.max()),
        (found.logit < treated.min()) | (found.logit > treated.max()),
    )
    assert found.trimmed.tolist() == expected.tolist()
    assert found.trimmed[table.treated].any()
    assert not found.matched[found.trimmed].any()
    assert {TRIMMED, SOME_UNMATCHED} <= set(found.warnings)
    assert TRIMMED not in plain.warnings
    assert say(TRIMMED).endswith(".")


def test_trimming_everybody_is_refused():
    with pytest.raises(InputError, match="No participant has"):
        match(make_table(200), MatchSettings("ipw", trim_above=1e-6))


def test_a_wide_caliper_on_the_score_is_warned_of():
    table = make_table(1000, share=0.1)
    mean = table.treated.mean()
    assert WIDE_CALIPER in match(table, MatchSettings(caliper_score=0.11 * mean)).warnings
    narrow = match(table, MatchSettings(caliper_score=0.09 * mean))
    assert WIDE_CALIPER not in narrow.warnings
    assert (narrow.scale, narrow.caliper) == ("score", pytest.approx(0.09 * mean))


def test_entropy_gives_the_means_and_drops_levels_that_no_treated_row_has():
    table = make_table(800, seed=3)
    region = table.covariates[4]
    odd = replace(region, values=np.where(table.treated & (region.values == 3), 0, region.values))
    table = replace(table, covariates=(*table.covariates[:4], odd))
    found = match(table, MatchSettings("entropy"))
    pool = ~table.treated
    assert not found.weights[pool & (odd.values == 3)].any()
    for covariate in table.covariates[:3]:
        ours, theirs = (found.weights[rows] @ covariate.values[rows] for rows in (table.treated, pool))
        assert ours == pytest.approx(theirs, abs=1e-8)


def test_entropy_names_what_cannot_be_balanced():
    n = 200
    treated = np.arange(n) < 40
    x = np.where(treated, 10.0, 0.0) + np.arange(n) / n
    ids = np.arange(n)
    table = AnalysisTable(ids, ids, treated, (Covariate("far", "Far", x),), (), ids * 0, ids * 0)
    with pytest.raises(InputError, match="Furthest apart: far"):
        match(table, MatchSettings("entropy"))


def test_entropy_that_only_just_has_no_answer_is_refused_too():
    """Means within the pool's ends, but not within reach of any weights: x and y of the treated on the far side of a line."""
    rng = np.random.default_rng(2)
    pool = rng.random((300, 2))
    pool = pool[pool.sum(axis=1) < 1]
    ours = np.full((40, 2), 0.7) + rng.normal(scale=0.01, size=(40, 2))
    xy = np.concatenate([ours, pool])
    ids = np.arange(len(xy))
    covariates = tuple(Covariate(name, name, xy[:, place]) for place, name in enumerate("xy"))
    table = AnalysisTable(ids, ids, ids < 40, covariates, (), ids * 0, ids * 0)
    with pytest.raises(InputError, match="No weights give"):
        match(table, MatchSettings("entropy"))


def test_exact_needs_something_to_be_equal_on():
    table = make_table(100)
    with pytest.raises(InputError, match="Exact matching needs"):
        match(replace(table, covariates=table.covariates[:3]), MatchSettings("exact"))
    with pytest.raises(UsageError) as caught:
        match(table, MatchSettings("exact", on=("sexx",)))
    assert "Did you mean sex?" in caught.value.faults[0]
    with pytest.raises(UsageError) as caught:
        match(table, MatchSettings("cem", cutpoints={"sex": (1, 2)}))
    assert "cutpoints must be one of age, priors, job" in caught.value.faults[0]


def test_nearest_serves_the_largest_score_first_and_ties_by_id():
    logit = np.array([0.0, 1.0, 0.9, 0.9, -5.0])
    ids = np.arange(5)
    table = AnalysisTable(ids, ids, ids < 2, (Covariate("x", "X", logit),), (), ids * 0, ids * 0)
    found = match(table, MatchSettings("nearest", terms="main"), logit=logit)
    assert found.pairs is not None
    assert dict(zip(found.pairs.treated.tolist(), found.pairs.comparison.tolist(), strict=True)) == {1: 2, 0: 3}


CHECKED = [
    MatchSettings("nearest", ratio=2, caliper_sd_logit=1.0),
    MatchSettings("nearest", ratio=2, replacement=True),
    MatchSettings("kernel"),
    MatchSettings("ipw"),
    MatchSettings("entropy"),
    MatchSettings("exact"),
    MatchSettings("cem", on=("age", "sex")),
    MatchSettings("subclass"),
    MatchSettings("classic"),
    MatchSettings(caliper_score=0.05),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("how", CHECKED, ids=lambda how: how.method)
def test_the_checker_finds_moved_weight_reach_and_strata(how, weighted):
    table = make_table(400, strata=2)
    if weighted:
        table = replace(table, case_weights=np.random.default_rng(3).uniform(0.5, 2, table.n))
    found = match(table, replace(how, terms="main"))
    require_valid_match(found, table)
    treated, pool = np.flatnonzero(found.reach > 0), np.flatnonzero(~table.treated & found.matched)
    moved = found.weights.copy()
    moved[pool[0]], moved[pool[1]] = moved[pool[0]] * 0.5, moved[pool[1]] + moved[pool[0]] * 0.5
    reach = found.reach.copy()
    reach[treated[0]] += 1
    for changes in ({"weights": moved}, {"reach": reach}, {"effective_pool": found.effective_pool + 1}):
        if how.method == "kernel" and "reach" in changes:  # whom a kernel reaches at its very edge is a matter of rounding
            continue
        with pytest.raises(InternalError, match="not valid"):
            require_valid_match(replace(found, **changes), table)
    with pytest.raises(InternalError, match="not valid"):
        require_valid_match(found, replace(table, strata=table.strata[::-1].copy()))


def test_the_checker_finds_a_partner_who_is_not_the_nearest():
    table = make_table(400)
    found = match(table, MatchSettings("nearest", terms="main"))
    pairs = found.pairs
    assert pairs is not None
    unused = np.flatnonzero(~table.treated & ~found.matched)
    far = unused[np.argmin(found.logit[unused])]
    comparison = pairs.comparison.copy()
    was, comparison[0] = comparison[0], far
    weights, matched = found.weights.copy(), found.matched.copy()
    weights[far], weights[was], matched[far], matched[was] = weights[was], 0.0, True, False
    other = replace(found, pairs=Pairs(pairs.treated, comparison, pairs.amount), weights=weights, matched=matched)
    with pytest.raises(InternalError, match="nearer"):
        require_valid_match(replace(other, effective_pool=found.effective_pool), table)
