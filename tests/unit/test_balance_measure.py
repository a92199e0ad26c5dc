"""Balance lines by hand, people counted once, and the gate's rule at its edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

from datalab.balance import gate, heads, measure_balance
from datalab.balance.results import BalancedMatch, CovariateBalance, UnbalancedMatch
from datalab.balance.rule import judge
from datalab.errors import InternalError
from datalab.matching import MatchSettings, match
from datalab.matching.results import Match
from datalab.numerics.people import effective_size, weights_by_person
from datalab.table import AnalysisTable, Covariate
from datalab.wording.advice import advice, is_advice


def tiny(covariate, weights=(0.5, 0.5, 0.75, 0.25, 0.0), person=(0, 1, 2, 2, 3)):
    """Two treated rows, then three pool rows, two of them one person's."""
    treated = np.array([True, True, False, False, False])
    zeros = np.zeros(5, dtype=np.int64)
    table = AnalysisTable(np.arange(5), np.array(person), treated, (covariate,), (), zeros, zeros)
    weights = np.array(weights)
    reach = np.where(treated, 2, 0)
    return table, Match("radius", 0.2, 1.0, np.array([0.0, 2, -1, 1, 1]), weights > 0, weights, reach, 1.0, "main")


def only_line(covariate, **kwargs):
    return measure_balance(*tiny(covariate, **kwargs)).covariates[0]


def number(*values):
    return Covariate("x", "X", np.array(values, dtype=float), family="history")


def test_a_number_by_hand():
    line = only_line(number(1, 4, 2, 6, 10))
    assert (line.covariate, line.level, line.label, line.family) == ("x", "", "X", "history")
    assert (line.mean_treated_before, line.mean_pool_before, line.mean_treated, line.mean_pool) == (2.5, 6, 2.5, 3)
    assert line.sd == pytest.approx(math.sqrt(4.5))
    assert line.sd_source == "treated"
    assert line.smd_before == pytest.approx(-3.5 / math.sqrt(4.5))
    assert line.smd == pytest.approx(-0.5 / math.sqrt(4.5))
    # One person's two rows are no two people: divisor 1 - (2/3)^2 - (1/3)^2 before, and 0 after, where only they have weight.
    assert line.variance_ratio_before == pytest.approx(4.5 / (32 / 3 / (4 / 9)))
    assert math.isnan(line.variance_ratio)
    # Over the values 1, 2, 4, 6, 10: before .5, 1/6, 2/3, 1/3, 0; after .5, .25, .25, 0, 0.
    assert line.ks_before == pytest.approx(2 / 3)
    assert line.ecdf_before == pytest.approx((0.5 + 1 / 6 + 2 / 3 + 1 / 3) / 5)
    assert (line.ks, line.ecdf) == (pytest.approx(0.5), pytest.approx(0.2))
    assert (line.treated_count_before, line.pool_count_before, line.treated_count, line.pool_count) == (2, 2, 2, 1)


def test_variances_of_a_number_of_people_with_a_row_each():
    line = only_line(number(1, 4, 2, 6, 10), person=(0, 1, 2, 3, 4))
    assert line.variance_ratio_before == pytest.approx(4.5 / 16)
    # Weighted variance: (0.75 x 1 + 0.25 x 9) / (1 - 0.75^2 - 0.25^2).
    assert line.variance_ratio == pytest.approx(4.5 / (3 / 0.375))


@pytest.mark.parametrize("factor", [1, 0.001, 1e6])
def test_sorting_and_counting_give_the_same_distances(factor):
    # Whole numbers of small range are counted by value; the others are sorted.
    line = only_line(number(*(factor * v for v in (1, 4, 2, 6, 10))))
    assert line.ks_before == pytest.approx(2 / 3)
    assert line.ecdf == pytest.approx(0.2)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 2), (-5, 20)])
def test_two_values_are_a_share_whatever_they_are_called(low, high):
    line = only_line(number(*(low if v == 0 else high for v in (1, 0, 1, 1, 0))))
    assert line.smd_before == pytest.approx((0.5 - 2 / 3) / 0.5)
    assert line.smd == pytest.approx(-1)
    assert line.sd == pytest.approx(0.5 * (high - low))
    assert math.isnan(line.variance_ratio)
    assert (line.ks_before, line.ecdf_before) == (pytest.approx(1 / 6), pytest.approx(1 / 6))


def test_every_level_is_a_line_of_people():
    category = Covariate("g", "Group", np.array([0, 1, 0, 0, 1]), levels=("a", "b", "c"), level_labels=("A", "B", "C"))
    balance = measure_balance(*tiny(category))
    assert [line.level for line in balance.covariates] == ["A", "B", "C"]
    a, b, c = balance.covariates
    assert a.smd_before == pytest.approx((0.5 - 2 / 3) / 0.5)
    assert b.mean_pool == 0
    assert (a.pool_count_before, a.pool_count, b.pool_count_before, b.pool_count) == (1, 1, 1, 0)
    assert c.sd_source == "none"
    assert math.isnan(c.smd)


def test_without_spread_in_the_treated_the_pool_standardises_and_without_any_nothing_counts():
    line = only_line(number(3, 3, 1, 2, 9))
    assert line.sd_source == "pool"
    # Two of the three pool rows are one person's: divisor 1 - (2/3)^2 - (1/3)^2.
    assert line.sd == pytest.approx(math.sqrt(np.var([1, 2, 9]) / (4 / 9)))
    assert only_line(number(0.1, 0.1, 0.1, 0.1, 0.1)).sd_source == "none"


def test_missing_values_take_no_part_in_their_own_line():
    line = only_line(number(1, 4, 2, np.nan, 10), person=(0, 1, 2, 3, 4))
    assert (line.mean_pool_before, line.mean_pool) == (6, 2)
    assert (line.pool_count_before, line.pool_count) == (2, 1)


def test_whole_balance_figures():
    table, found = tiny(number(1, 4, 2, 6, 10))
    balance = measure_balance(table, found)
    assert balance.overlap_share == 0.5
    assert balance.matched_share == 1
    assert balance.largest_weight_share == 1
    assert balance.max_smd == pytest.approx(0.5 / math.sqrt(4.5))
    assert balance.worst == ("X",)


def test_counts_of_people_agree_with_sets_and_by_any_way(monkeypatch):
    table = make_table(600)
    found = match(table, MatchSettings(terms="main"))
    plain = measure_balance(table, found)
    for line in plain.covariates:
        values = next(c for c in table.covariates if c.name == line.covariate)
        inside = np.ones(table.n, bool) if not line.level else values.values == values.levels.index(line.level)
        assert line.pool_count_before == len(set(table.person[inside & ~table.treated]))
        assert line.pool_count == len(set(table.person[inside & ~table.treated & found.matched]))
        assert line.treated_count == len(set(table.person[inside & table.treated & found.matched]))
    monkeypatch.setattr(heads, "MOST_MARKS", 0)
    far = replace(table, person=table.person * 10**9 - 5)
    for marked, sorted_ in zip(plain.covariates, measure_balance(far, found).covariates, strict=True):
        assert marked.pool_count == sorted_.pool_count
    assert effective_size(far.person, found.weights) == pytest.approx(effective_size(table.person, found.weights))
    assert weights_by_person(far.person, found.weights).sum() == pytest.approx(2)


def line_of(smd, name="x", source="treated", level=""):
    blank = dict.fromkeys((f for f in CovariateBalance.__dataclass_fields__), 0)
    return CovariateBalance(**{**blank, "covariate": name, "level": level, "label": name, "smd": smd, "sd_source": source})


def lines_of(*smds):
    return tuple(line_of(smd, f"x{place}") for place, smd in enumerate(smds))


@pytest.mark.parametrize(
    ("smds", "passed"),
    [
        ([0.05, -0.05], True),
        ([0.10] + [0.0] * 5, True),  # few: one between 5 and 10 %
        ([0.0501, -0.06, 0.0], False),  # few: two
        ([0.1001] + [0.0] * 30, False),  # beyond 10 %
        ([0.06] * 2 + [0.0] * 18, True),  # 18 of 20 within 5 %
        ([0.06] * 3 + [0.0] * 17, False),
        ([0.06] * 2 + [0.0] * 17, False),  # 19 covariates: only one allowed
        ([0.06] * 6 + [0.01] * 54, True),  # 90 % exactly
        ([math.nan, 0.0], False),
        ([], False),
    ],
)
def test_the_rule_at_its_edges(smds, passed):
    judgement = judge(lines_of(*smds))
    assert judgement.passed == passed
    assert bool(judgement.reasons) != passed


def test_lines_that_do_not_vary_do_not_count():
    counted = lines_of(0.06, 0.07, 0.0)
    padding = tuple(line_of(math.nan, f"c{place}", "none") for place in range(30))
    assert not judge((*counted, *padding)).passed
    assert judge((line_of(math.nan, source="none"),)).max_smd != judge(lines_of(0.0)).max_smd


def test_reasons_name_the_worst_first_and_what_to_try():
    lines = (line_of(0.12, "Age"), line_of(-0.31, "Region", level="North"), *lines_of(*[0.0] * 5))
    judgement = judge(lines)
    assert judgement.worst == ("Region: North", "Age")
    assert judgement.max_smd == 0.31
    assert judgement.share_within_5pc == pytest.approx(5 / 7)
    assert judgement.reasons[0] == (
        "2 covariates differ by more than 10% of a standard deviation after matching; the furthest apart: "
        "Region: North (31.0%); Age (12.0%)."
    )
    assert judgement.reasons[-1].startswith("What to try")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("radius", "with a caliper: 0.1 or 0.05"),
        ("nearest", "with a caliper: 0.1 or 0.05"),
        ("classic", "with a caliper: 0.1 or 0.05"),
        ("kernel", "bandwidth_sd_logit"),
        ("ipw", "(trim)"),
        ("entropy", "(trim)"),
        ("exact", "the method cem"),
        ("cem", "bins or cutpoints"),
        ("subclass", "more subclasses"),
    ],
)
def test_what_to_try_is_what_the_method_can_do(method, words):
    assert words in advice(method)
    assert ("caliper" in advice(method)) == (method in ("radius", "nearest", "classic"))
    assert is_advice(advice(method))
    assert judge(lines_of(0.3, 0.3), method).reasons[-1] == advice(method)


def test_the_gate_lets_balanced_matches_alone_through():
    good = make_table(4000, strength=0.2)
    passed = gate(good, match(good, MatchSettings()))
    assert isinstance(passed, BalancedMatch)
    bad = make_table(60, strength=1.0)
    failed = gate(bad, match(bad, MatchSettings(caliper_sd_logit=5.0)))
    assert isinstance(failed, UnbalancedMatch)
    assert not failed.balance.passed
    with pytest.raises(InternalError):
        BalancedMatch(bad, failed.match, passed.balance, seal=object())
