"""Settings, refusals, strata, poor overlap and people of `match`, and every fault the checker must find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

from datalab.errors import InputError, InternalError, UsageError
from datalab.matching import MatchSettings, match, require_valid_match
from datalab.matching.matcher import POOR_OVERLAP, RICH_TERMS, SOME_UNMATCHED
from datalab.table import AnalysisTable, Covariate
from datalab.wording import say


@pytest.mark.parametrize(
    "wrong", [{"method": "nearst"}, {"caliper_sd_logit": 0.0}, {"caliper_sd_logit": 5.1}, {"penalty": 0.0}, {"terms": "all"}]
)
def test_settings_out_of_their_rules_are_refused(wrong):
    with pytest.raises(UsageError) as caught:
        MatchSettings(**wrong)
    assert next(iter(wrong)) in caught.value.faults[0]


def test_all_faults_of_the_settings_come_at_once():
    with pytest.raises(UsageError) as caught:
        MatchSettings(method="x", caliper_sd_logit=-1, penalty=float("nan"), terms="y")
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize(("value", "words"), [(True, "nobody to compare"), (False, "Nobody in the table")])
def test_one_treatment_value_is_refused(value, words):
    table = make_table(50)
    with pytest.raises(InputError) as caught:
        match(replace(table, treated=np.full(table.n, value)), MatchSettings())
    assert words in caught.value.faults[0]


def test_no_covariate_is_refused():
    with pytest.raises(InputError) as caught:
        match(replace(make_table(50), covariates=()), MatchSettings())
    assert "covariate" in caught.value.faults[0]


def test_nobody_within_reach_is_refused():
    table = make_table(100)
    with pytest.raises(InputError, match="No participant has"):
        match(replace(table, strata=table.treated.astype(np.int64)), MatchSettings())


def test_weights_of_both_groups_sum_to_one_and_strata_hold():
    table = make_table(800, strata=3)
    found = match(table, MatchSettings())
    for group in (table.treated, ~table.treated):
        assert found.weights[group].sum() == pytest.approx(1, abs=1e-12)
    k = np.count_nonzero(found.matched & table.treated)
    for code in range(3):
        inside = table.strata == code
        ours = np.count_nonzero(found.matched & table.treated & inside) / k
        assert found.weights[inside & ~table.treated].sum() == pytest.approx(ours, abs=1e-12)


def test_constant_scores_match_everyone_with_everyone():
    n = 30
    table = replace(make_table(n), covariates=(Covariate("c", "C", np.full(n, 7.0)),), person=np.arange(n))
    found = match(table, MatchSettings(terms="main"))
    pool = ~table.treated
    assert found.caliper == 1e-9
    np.testing.assert_allclose(found.weights[pool], 1 / np.count_nonzero(pool), atol=1e-15)
    assert found.effective_pool == pytest.approx(np.count_nonzero(pool))


def test_perfect_separation_gives_finite_scores_and_says_so_if_nobody_matches():
    n = 40
    x = np.where(np.arange(n) < 10, 100.0, 0.0) + np.arange(n) / n
    table = AnalysisTable(
        np.arange(n), np.arange(n), np.arange(n) < 10, (Covariate("x", "X", x),), (), np.zeros(n, int), np.zeros(n, int)
    )
    with pytest.raises(InputError, match="No participant has"):
        match(table, MatchSettings())


def test_poor_overlap_adds_rich_terms_and_says_it():
    table = make_table(400, strength=1.6, share=0.4)
    plain = match(table, MatchSettings(terms="main"))
    auto = match(table, MatchSettings())
    rich = match(table, MatchSettings(terms="rich"))
    assert plain.terms == "main"
    assert POOR_OVERLAP in plain.warnings
    assert auto.terms == "rich"
    assert RICH_TERMS in auto.warnings
    assert RICH_TERMS not in rich.warnings
    assert auto.weights.tolist() == rich.weights.tolist()
    for key in {*auto.warnings, SOME_UNMATCHED, POOR_OVERLAP}:
        assert say(key).endswith(".")


def test_good_overlap_stays_with_main_terms():
    found = match(make_table(3000, strength=0.2, share=0.1), MatchSettings())
    assert (found.terms, found.warnings) == ("main", ())


def test_weights_of_one_person_are_added_before_squaring():
    table = make_table(300)
    alone = replace(table, person=np.arange(table.n))
    together = replace(table, person=np.where(table.treated, np.arange(table.n), table.n + np.arange(table.n) // 2))
    settings = MatchSettings(terms="main")
    found, joined = match(alone, settings), match(together, settings)
    assert found.weights.tolist() == joined.weights.tolist()
    assert found.effective_pool == pytest.approx(1 / (found.weights[~table.treated] ** 2).sum())
    sums = {}
    for person, weight in zip(together.person[~table.treated], found.weights[~table.treated], strict=True):
        sums[person] = sums.get(person, 0.0) + weight
    assert joined.effective_pool == pytest.approx(1 / sum(weight**2 for weight in sums.values()))
    assert joined.effective_pool < found.effective_pool


def test_rich_terms_that_tell_everybody_apart_are_not_kept():
    """Few people, many numbers: squares and products separate the groups, so that hardly anybody would have a match."""
    rng = np.random.default_rng(4)
    n, treated = 300, np.arange(300) < 40
    numbers = tuple(Covariate(f"x{j}", f"x{j}", rng.normal(0.7 * treated * (j < 6), 1.0)) for j in range(14))
    ids, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
    table = AnalysisTable(ids, ids, treated, numbers, (), zeros, zeros - 1)
    main, rich = (match(table, MatchSettings(terms=terms)) for terms in ("main", "rich"))
    assert POOR_OVERLAP in main.warnings
    assert rich.matched[treated].sum() < main.matched[treated].sum() / 2
    auto = match(table, MatchSettings())
    assert auto.terms == "main"
    assert auto.weights.tolist() == main.weights.tolist()
    assert RICH_TERMS not in auto.warnings


def test_missing_numbers_are_imputed_without_treatment_or_outcome():
    table = make_table(500)
    values = table.covariates[0].values.copy()
    values[::7] = np.nan
    holed = replace(table, covariates=(replace(table.covariates[0], values=values), *table.covariates[1:]))
    assert np.isfinite(match(holed, MatchSettings()).logit).all()


def assert_refused(found, table, **changes):
    with pytest.raises(InternalError, match="not valid"):
        require_valid_match(replace(found, **changes), table)


def test_the_checker_finds_every_kind_of_fault():
    table = make_table(500, strata=2)
    found = match(table, MatchSettings(terms="main", caliper_sd_logit=0.05))
    require_valid_match(found, table)
    treated, pool = np.flatnonzero(table.treated), np.flatnonzero(~table.treated)
    heavy = pool[found.weights[pool] > 0]
    weightless = pool[found.weights[pool] == 0]
    in_reach = treated[found.reach[treated] > 0]

    def changed(name, place, value):
        array = getattr(found, name).copy()
        array[place] = value
        return {name: array}

    assert_refused(found, table, **changed("logit", 3, np.nan))
    assert_refused(found, table, caliper=0.0)
    assert_refused(found, table, caliper=np.inf)
    assert_refused(found, table, caliper=found.caliper * 1.5)
    assert_refused(found, table, logit=found.logit[:-1])
    assert_refused(found, table, reach=np.zeros(table.n, dtype=np.int64))
    assert_refused(found, table, **changed("reach", pool[0], 1))
    assert_refused(found, table, **changed("reach", in_reach[0], found.reach[in_reach[0]] + 1))
    assert_refused(found, table, **changed("matched", heavy[0], False))
    assert_refused(found, table, **changed("weights", in_reach[0], found.weights[in_reach[0]] * 2))
    assert_refused(found, table, **changed("weights", heavy[0], -1e-3))
    assert_refused(found, table, effective_pool=found.effective_pool * 1.01)
    swapped = found.weights.copy()
    swapped[heavy[0]], swapped[heavy[1]] = swapped[heavy[0]] + 1e-4, swapped[heavy[1]] - 1e-4
    assert_refused(found, table, weights=swapped)
    moved, flags = found.weights.copy(), found.matched.copy()
    moved[weightless[0]], moved[heavy[0]] = moved[heavy[0]], 0.0
    flags[weightless[0]], flags[heavy[0]] = True, False
    assert_refused(found, table, weights=moved, matched=flags)
    assert_refused(found, replace(table, strata=table.strata[::-1].copy()))
    assert_refused(found, replace(table, treated=~table.treated))


def test_the_checker_refuses_weight_for_a_treated_row_without_a_match():
    table = make_table(120, strength=2.0)
    found = match(table, MatchSettings(terms="main", caliper_sd_logit=0.02))
    alone = np.flatnonzero(table.treated & ~found.matched)
    assert alone.size
    weights, matched = found.weights.copy(), found.matched.copy()
    weights[alone[0]], matched[alone[0]] = found.weights[table.treated].max(), True
    assert_refused(found, table, weights=weights, matched=matched)
