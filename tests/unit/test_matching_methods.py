"""Rules of every method as data, trimming, calipers, entropy balancing's refusals, and the checker's eye for each method."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

from datalab.errors import InputError, InternalError, UsageError
from datalab.matching import MatchSettings, match, named_settings, require_valid_match
from datalab.matching.matcher import FEWER_PARTNERS, SOME_UNMATCHED, TRIMMED, WEIGH, WIDE_CALIPER
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
    if (method, setting) == ("entropy", "penalty"):  # the score only says whom to trim
        with pytest.raises(UsageError, match="penalty must be left out with method entropy without trim or trim_above"):
            MatchSettings(method, penalty=2.0)
        assert MatchSettings(method, penalty=2.0, trim="support").chosen["penalty"] == 2.0
        assert "penalty" not in MatchSettings(method).settings()
        return
    if setting in METHODS[method]:
        chosen = MatchSettings(method, **{setting: GOOD[setting]}).chosen
        assert chosen[setting] is not None
        return
    with pytest.raises(UsageError) as caught:
        MatchSettings(method, **{setting: GOOD[setting]})
    assert f"{setting} must be left out with method {method}, which does not use it." in caught.value.faults[0]
    assert "It belongs to" in caught.value.faults[0]


# What a setting needs beside it before it can matter, and values far enough from the default to be seen in any table.
BESIDE = {("entropy", "penalty"): {"trim": "support"}, ("cem", "terms"): {"bins": 3}}
FAR = {
    "penalty": 500.0,
    "terms": "rich",
    "trim_above": 0.4,
    "caliper_score": 0.002,
    "caliper_sd_logit": 0.01,
    "cutpoints": {"age": (35,)},
}


@pytest.mark.parametrize(("method", "setting"), [(method, name) for method, used in METHODS.items() for name in used])
def test_every_setting_that_a_method_takes_changes_its_match(method, setting):
    """Weights, or the terms that score and outcome model have: what is taken and changes nothing would be dropped unseen."""
    table = make_table(1200, seed=4, strength=1.3, share=0.3)
    beside = {"terms": "main", **BESIDE.get((method, setting), {})}
    plain = match(table, MatchSettings(method, **beside))
    found = match(table, MatchSettings(method, **{**beside, setting: FAR.get(setting, GOOD[setting])}))
    assert found.weights.tobytes() != plain.weights.tobytes() or found.terms != plain.terms


def test_bins_without_a_number_to_cut_are_refused():
    table = make_table(300)
    for beside in ({"on": ("sex", "region")}, {"on": ("age",), "cutpoints": {"age": (35,)}}):
        with pytest.raises(UsageError, match="bins must be left out where there is no number to cut"):
            match(table, MatchSettings("cem", bins=3, **beside))


def test_cells_of_equal_values_take_numbers_of_two_values_and_name_those_they_leave():
    table = make_table(2000, seed=5)
    found = match(table, MatchSettings("exact"))
    job = next(covariate.values for covariate in table.covariates if covariate.name == "job")
    assert job[table.treated & found.matched] @ found.weights[table.treated & found.matched] == pytest.approx(
        job[~table.treated] @ found.weights[~table.treated], abs=1e-12
    )
    told = [text for text in found.warnings if "does not use numbers" in text]
    assert len(told) == 1
    assert "age, priors." in told[0]
    assert not [text for text in match(table, MatchSettings("exact", on=("sex",))).warnings if "does not use" in text]


def test_more_columns_than_participants_is_told_where_it_leaves_nobody():
    rng = np.random.default_rng(1)
    base = make_table(120, share=0.3)
    noise = tuple(Covariate(f"x{place}", f"X{place}", rng.normal(size=base.n)) for place in range(300))
    with pytest.raises(InputError, match=r"more columns to match on \(300\) than participants \(\d+\).*Name fewer covariates"):
        match(replace(base, covariates=noise), MatchSettings(caliper_sd_logit=0.001, terms="main"))


def test_nobody_with_equals_is_told_to_ask_for_less():
    base = make_table(100)
    codes = Covariate("code", "Code", np.arange(100), levels=tuple(f"c{place:02d}" for place in range(100)))
    with pytest.raises(InputError, match="Ask for less to be equal"):
        match(replace(base, covariates=(codes,)), MatchSettings("exact"))


def test_fewer_partners_than_asked_for_are_told():
    table = make_table(300, share=0.2)
    few = MatchSettings("nearest", ratio=100, terms="main")
    assert FEWER_PARTNERS in match(table, few).warnings
    assert FEWER_PARTNERS not in match(table, replace(few, ratio=2)).warnings
    assert FEWER_PARTNERS not in match(table, replace(few, ratio=100, replacement=True)).warnings
    assert FEWER_PARTNERS in match(table, replace(few, ratio=100, replacement=True, caliper_sd_logit=0.05)).warnings
    halves = replace(table, case_weights=np.full(table.n, 0.5))
    assert FEWER_PARTNERS not in match(halves, replace(few, ratio=2)).warnings


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
        match(replace(table, covariates=table.covariates[:2]), MatchSettings("exact"))
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
