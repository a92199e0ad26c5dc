"""The rules of disclosure control as tables: what is given, how it may be shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.findings_factory import make_findings

from datalab.balance.results import CovariateBalance
from datalab.cohort.results import AttritionStep
from datalab.disclosure.checks import check_group, check_outcome, is_before_safe, is_small_line
from datalab.disclosure.covariates import HiddenSizes, release_lines
from datalab.disclosure.evidence import GroupEvidence, LineEvidence, OutcomeEvidence, is_zero_one, line_evidence
from datalab.disclosure.groups import release_ladder
from datalab.disclosure.merging import merge_bins, merge_groups, merge_levels, merge_steps
from datalab.disclosure.number import band
from datalab.disclosure.results import Suppressed
from datalab.disclosure.suppression import LinkedTable, feasible_ranges, partition, protect, unprotected
from datalab.disclosure.thresholds import load_thresholds
from datalab.disclosure.values import coarse, modelled_share, outward, shown
from datalab.errors import InternalError
from datalab.linkage.results import GroupShare

LIMITS = load_thresholds()


@pytest.mark.parametrize(
    ("matched", "comparison", "effective", "outcomes"),
    [
        (29, 500, 200.0, ("fail", "pass", "pass")),
        (30, 500, 200.0, ("pass", "review", "pass")),
        (59, 500, 200.0, ("pass", "review", "pass")),
        (60, 500, 200.0, ("pass", "pass", "pass")),
        (60, 29, 20.0, ("pass", "pass", "fail")),
        (60, 500, 9.9, ("pass", "pass", "fail")),
        (60, 500, math.nan, ("pass", "pass", "fail")),
    ],
)
def test_a_group_must_be_large_enough(matched: int, comparison: int, effective: float, outcomes: tuple[str, ...]) -> None:
    decisions = check_group(GroupEvidence(matched, 0, 1000, comparison, effective), "everyone", LIMITS)
    assert tuple(decision.outcome for decision in decisions) == outcomes


def evidence(**changes: object) -> OutcomeEvidence:
    values = {
        "kind": "binary",
        "whole_group": True,
        "n": 100,
        "events": 30,
        "comparison_n": 1000,
        "comparison_events": 320,
        "effective": 500.0,
        "top_two_share": 2 / 30,
        "residual_df": 98.0,
    }
    return OutcomeEvidence(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "showing", "reason"),
    [
        ({}, "full", ""),
        ({"n": 29, "events": 12}, "withheld", "disclosure.withheld.too_few_treated"),
        # The rate of a whole group: five with and five without.
        ({"events": 5}, "full", ""),
        ({"events": 4}, "direction_only", "disclosure.notes.direction_only"),
        ({"events": 0}, "direction_only", "disclosure.notes.direction_only"),
        ({"events": 95}, "full", ""),
        ({"events": 96}, "direction_only", "disclosure.notes.direction_only"),
        ({"events": 100}, "direction_only", "disclosure.notes.direction_only"),
        ({"comparison_events": 9}, "direction_only", "disclosure.notes.direction_only"),
        ({"comparison_events": 991}, "direction_only", "disclosure.notes.direction_only"),
        # A rate within a subgroup: ten of each.
        ({"whole_group": False, "events": 10}, "full", ""),
        ({"whole_group": False, "events": 9}, "withheld", "disclosure.withheld.few_people"),
        ({"whole_group": False, "events": 91}, "withheld", "disclosure.withheld.few_people"),
        # A count rests on the people who have any.
        ({"kind": "count", "events": 10}, "full", ""),
        ({"kind": "count", "events": 9}, "withheld", "disclosure.withheld.few_people"),
        ({"kind": "count", "comparison_events": 9}, "withheld", "disclosure.withheld.few_people"),
        # Two people holding nearly all of a total.
        ({"kind": "count", "top_two_share": 0.9}, "withheld", "disclosure.withheld.dominance"),
        ({"kind": "count", "top_two_share": 0.899}, "full", ""),
        ({"kind": "number", "events": 0, "top_two_share": math.nan}, "withheld", "disclosure.withheld.dominance"),
        ({"kind": "number", "events": 0, "top_two_share": 0.2}, "full", ""),
        ({"kind": "days", "events": 0, "top_two_share": 0.95}, "withheld", "disclosure.withheld.dominance"),
        ({"kind": "time", "events": 0, "top_two_share": math.nan}, "full", ""),
        ({"residual_df": 9.9}, "withheld", "disclosure.withheld.degrees_of_freedom"),
        ({"residual_df": math.nan}, "withheld", "disclosure.withheld.degrees_of_freedom"),
        ({"comparison_n": 29, "comparison_events": 12}, "withheld", "disclosure.withheld.too_few_comparison"),
        ({"effective": 9.0}, "withheld", "disclosure.withheld.too_few_comparison"),
    ],
)
def test_an_outcome_is_shown_as_its_counts_allow(changes: dict[str, object], showing: str, reason: str) -> None:
    decision = check_outcome(evidence(**changes), "everyone/rate", LIMITS)
    assert (decision.showing, decision.reason) == (showing, reason)
    assert all(entry.action for entry in decision.decisions if entry.outcome == "fail")


def test_an_unknown_kind_of_measure_has_no_rule() -> None:
    with pytest.raises(InternalError, match="no rule"):
        check_outcome(evidence(kind="ratio"), "everyone/x", LIMITS)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([9, 3, 14], [("c", 26, "several_reasons")]),
        ([9, 5, 14], [("b", 14, "several_reasons"), ("c", 14, "rc")]),
        ([12, 20, 14], [("a", 12, "ra"), ("b", 20, "rb"), ("c", 14, "rc")]),
        ([4, 20, 14], [("b", 24, "several_reasons"), ("c", 14, "rc")]),
        ([4, 5, 3], [("c", 12, "several_reasons")]),
        ([12, 20, 3], [("a", 12, "ra"), ("c", 23, "several_reasons")]),
        ([0, 20, 0], [("c", 20, "rb")]),
        ([0, 0, 0], [("c", 0, "rc")]),
        ([4, 0, 0], [("c", 4, "ra")]),
    ],
)
def test_small_steps_are_merged_with_the_next(losses: list[int], expected: list[tuple[str, int, str]]) -> None:
    n, steps = 200, [AttritionStep("start", 200, 0, "start")]
    for name, lost in zip("abc", losses, strict=True):
        n -= lost
        steps.append(AttritionStep(name, n, lost, f"r{name}"))
    merged = merge_steps(steps, LIMITS)
    assert [(step.step, step.lost, step.reason) for step in merged] == expected
    assert merged[0].n_before == 200
    assert merged[-1].n == n


def test_a_ladder_that_lost_a_few_hides_where_it_started() -> None:
    steps = (AttritionStep("start", 104, 0, "start"), AttritionStep("a", 101, 3, "ra"), AttritionStep("b", 100, 1, "rb"))
    ladder = release_ladder(steps, 100, LIMITS)
    assert [(step.step, str(step.n), str(step.lost)) for step in ladder.steps] == [("start", "[c]", "0"), ("b", "100", "[c]")]
    assert ladder.shown == (100,)


def test_a_ladder_that_ends_beside_the_analysed_is_left_out() -> None:
    steps = (AttritionStep("start", 150, 0, "start"), AttritionStep("a", 103, 47, "ra"))
    assert release_ladder(steps, 100, LIMITS).steps == ()


def level(name: str, treated: int, pool: int, left_out: int = 0) -> CovariateBalance:
    nan = math.nan
    return CovariateBalance(
        "ethnicity", name, "Ethnic group", "demographics", (treated + left_out) / 100, pool / 1000, treated / 100, pool / 1000,
        0.4, "treated", 0.1, 0.02, nan, nan, nan, nan, nan, nan, treated + left_out, pool, treated, pool,
    )  # fmt: skip


def test_small_levels_are_added_up_to_other() -> None:
    lines = [level("White", 70, 800), level("Black", 18, 100), level("Asian", 7, 60), level("Mixed", 5, 40)]
    merged = merge_levels(lines, lambda line: line.treated_count < 10)
    assert [line.level for line in merged] == ["White", "Black", "other (small groups together)"]
    other = merged[-1]
    assert (other.treated_count, other.pool_count) == (12, 100)
    assert other.mean_treated == pytest.approx(0.12)
    assert other.smd == pytest.approx((0.12 - 0.10) / math.sqrt(0.12 * 0.88))


def test_bands_of_hidden_levels_use_the_spread_that_is_shown() -> None:
    """Beside hidden numbers of all treated, as the shown levels' do: of all treated it would tell who was left out."""
    balance = make_findings().analyses[0].balance
    assert balance is not None
    lines = (level("White", 70, 690), level("Black", 22, 250), level("Asian", 8, 60))
    hidden = HiddenSizes(treated=True)
    made = release_lines(replace(balance, covariates=lines), hidden, LIMITS)
    assert [(item.is_hidden, item.line.band_before, item.line.band) for item in made[1:]] == [(True, "<=10", "<=10")] * 2
    # Together they lie 0.04 apart: more than 5 % of the spread of their sum, so that band may not be told.
    lines = (level("White", 70, 740), level("Black", 22, 200), level("Asian", 8, 60))
    made = release_lines(replace(balance, covariates=lines), hidden, LIMITS)
    assert [(item.line.band_before, item.line.band) for item in made[1:]] == [("[c]", "[c]")] * 2


def test_one_small_level_keeps_its_name() -> None:
    lines = [level("White", 93, 900), level("Black", 7, 100)]
    assert merge_levels(lines, lambda line: line.treated_count < 10) == tuple(lines)


def test_groups_of_the_linkage_table_are_merged_until_none_is_small() -> None:
    groups = [
        GroupShare("age", "18", 4, 3),
        GroupShare("age", "25", 3, 3),
        GroupShare("age", "35", 50, 40),
        GroupShare("age", "50", 60, 50),
    ]
    merged = merge_groups(groups, LIMITS)
    assert [(group.level, group.submitted, group.linked) for group in merged] == [
        ("50", 60, 50),
        ("other (small groups together)", 57, 46),
    ]
    assert merge_groups(groups[:2], LIMITS) == ()
    assert merge_groups(groups[2:], LIMITS) == tuple(groups[2:])


def test_bins_too_small_in_any_row_join_their_neighbours() -> None:
    assert merge_bins([np.array([12, 3, 9, 30, 2]), np.array([50, 50, 50, 5, 50])], 10) == ((0, 1), (1, 3), (3, 5))
    assert merge_bins([np.array([1, 2])], 10) == ()


def test_a_suppressed_cell_gets_the_cheapest_company_that_protects_it() -> None:
    hidden = protect(partition(np.array([[9, 14, 100, 200]]), np.array([[True, False, False, False]])), 5)
    assert hidden.tolist() == [True, True, False, False]
    # With a partner of 2 people the cell could reach 5 only: another one is needed.
    table = partition(np.array([[3, 2, 30, 200]]), np.array([[True, True, False, False]]))
    hidden = protect(table, 5)
    assert hidden.tolist() == [True, True, True, False]
    assert unprotected(table, hidden, 5).size == 0
    assert unprotected(table, np.array([True, True, False, False]), 5).tolist() == [0, 1]


def test_nothing_small_means_nothing_hidden_and_hopeless_tables_hide_everything() -> None:
    assert not protect(partition(np.array([[20, 30]]), np.zeros((1, 2), dtype=bool)), 5).any()
    assert protect(partition(np.array([[2, 1]]), np.ones((1, 2), dtype=bool)), 5).all()


def test_linked_columns_are_audited_together() -> None:
    # Two columns: the level that is small in one needs company that is wide enough in the other too.
    columns = np.array([[6, 50, 60, 70], [300, 7, 400, 500]])
    hidden = protect(partition(columns, columns < 10), 5)
    assert hidden.tolist() == [True, True, False, False]
    assert feasible_ranges(partition(columns, columns < 10), hidden, np.array([0])).tolist() == [[0.0, 56.0]]


def test_company_is_as_uncertain_as_what_it_keeps_company() -> None:
    """Beside 4, the 60 may be 64 at most: whoever cannot tell which of them is small learns that it is not 65."""
    table = partition(np.array([[4, 60, 90, 100]]), np.array([[True, False, False, False]]))
    assert protect(table, 5).tolist() == [True, True, True, False]
    assert unprotected(table, np.array([True, True, False, False]), 5).tolist() == [1]


def test_a_level_that_is_shown_for_itself_is_no_company() -> None:
    """The people of an analysis are those of the second level: it keeps nothing hidden, nor does a sum that holds the first."""
    columns, alone, first_two = (
        np.array([[6, 50, 60, 70]]),
        np.array([[False, True, False, False]]),
        np.array([[True, True, False, False]]),
    )
    assert protect(partition(columns, columns < 10, [alone]), 5).tolist() == [True, False, True, False]
    assert protect(partition(columns, columns < 10, [first_two]), 5).tolist() == [True, True, False, False]
    table = partition(columns, columns < 10, [first_two])
    assert unprotected(table, np.array([True, False, True, False]), 5).tolist() == [0, 2]


def test_where_choices_are_too_many_everything_is_hidden() -> None:
    columns = np.ones((1, 12), dtype=np.int64)
    primary = np.arange(12)[None, :] == 0
    assert protect(partition(columns, primary), 5).all()


def test_an_audit_without_an_end_or_an_answer_lets_nothing_out() -> None:
    free = LinkedTable(np.array([3]), np.zeros((1, 1)), np.zeros(1), np.array([0]), np.array([True]))
    wrong = LinkedTable(np.array([3]), np.ones((1, 1)), np.array([-1.0]), np.array([0]), np.array([True]))
    for table in (free, wrong):
        with pytest.raises(InternalError, match="audit"):
            feasible_ranges(table, np.array([True]), np.array([0]))


@pytest.mark.parametrize(
    ("counts", "others", "small"),
    [
        ((10, 10, 10, 10), (), False),
        ((10, 9, 100, 100), (), True),
        ((50, 45, 100, 9), (), True),
        ((50, 45, 100, 0), (), True),
        ((-90.0, -80.0, -900.0, -800.0), (), False),
        ((90, 80, 900, 800), (4, 3, 50, 40), True),
    ],
)
def test_a_line_is_small_where_any_column_is(counts: tuple[float, ...], others: tuple[float, ...], small: bool) -> None:
    assert is_small_line(LineEvidence(counts, others), LIMITS) is small


@pytest.mark.parametrize(("contributors", "small"), [(9.4, True), (9.6, False)])
def test_a_number_must_rest_on_enough_contributors(contributors: float, small: bool) -> None:
    """A yes/no number's are its total but for the divisor of its variance: half a person of room, no more."""
    assert is_small_line(LineEvidence((90, 80, 900, 800), contributors=contributors), LIMITS) is small
    assert is_small_line(LineEvidence((90, 80, 900, 800), contributors=8.6), LIMITS)


@pytest.mark.parametrize(
    ("before", "left_out", "safe"),
    [([60, 40], 0, True), ([63, 42], 5, False), ([75, 55], 30, True), ([85, 45], 30, False), ([60, 70], 30, False)],
)
def test_before_is_shown_only_where_those_left_out_stay_hidden(before: list[int], left_out: int, safe: bool) -> None:
    lines = tuple(LineEvidence((b, a, 500, 400)) for b, a in zip(before, [60, 40], strict=True))
    assert is_before_safe(lines, left_out, LIMITS) is safe


def numeric(mean: float, sd: float, source: str = "treated") -> CovariateBalance:
    nan = math.nan
    return CovariateBalance(
        "x", "", "X", "f", mean, mean, mean, mean, sd, source, 0.0, 0.0, nan, nan, nan, nan, nan, nan, 100, 1000, 100, 500
    )


def test_a_number_that_is_0_or_1_is_judged_by_both_its_counts() -> None:
    assert is_zero_one(numeric(0.96, math.sqrt(0.96 * 0.04)))
    assert is_zero_one(numeric(0.96, math.sqrt(0.96 * 0.04 * 100 / 99)))
    assert is_zero_one(numeric(1.0, 0.0, "none"))
    assert not is_zero_one(numeric(33.0, 9.0))
    assert line_evidence(numeric(0.96, math.sqrt(0.96 * 0.04))).others[0] == pytest.approx(4)
    assert is_small_line(line_evidence(numeric(0.96, math.sqrt(0.96 * 0.04))), LIMITS)
    assert not is_small_line(line_evidence(numeric(33.0, 9.0)), LIMITS)


def test_a_yes_no_number_with_imputed_values_is_judged_by_its_complement_too() -> None:
    """Imputed values between 0 and 1 make the variance smaller than p(1 - p); few people without it are still few."""
    values = np.concatenate([np.ones(93), np.zeros(4), [0.9, 0.8, 0.7]])
    line = numeric(float(values.mean()), float(values.std()))
    assert not is_zero_one(line)
    assert is_small_line(line_evidence(line), LIMITS)


def test_symbols_bands_and_coarse_values() -> None:
    assert str(shown(None)) == "[z]"
    assert str(modelled_share(0.0001)) == "[low]"
    assert modelled_share(0.02) == 0.02
    assert [band(value) for value in (0.05, -0.051, 0.1, 0.11)] == ["<=5", "<=10", "<=10", ">10"]
    assert (coarse(0.3472, "share"), coarse(153.4, "other"), coarse(3.456, "other")) == (0.35, 153.0, 3.5)
    assert coarse(Suppressed("x"), "share") == Suppressed("x")
    assert outward(-1.3, 0.031, 0.05) == (-1.0, 0.05)
    with pytest.raises(InternalError):
        outward(0.0, 1.0, 0.0)


@pytest.mark.parametrize(("apart", "close"), [(0, False), (1, True), (9, True), (10, False)])
def test_counts_one_to_nine_apart_are_close(apart: int, close: bool) -> None:
    assert LIMITS.is_close(100, 100 + apart) is close
    assert LIMITS.is_close(100 + apart, 100) is close


@pytest.mark.parametrize(
    ("name", "least", "rule"),
    [
        ("n", LIMITS.treated_minimum, "treated_minimum"),
        ("comparison_n", LIMITS.comparison_minimum, "comparison_minimum"),
        ("effective", LIMITS.effective_minimum, "comparison_minimum"),
        ("residual_df", LIMITS.residual_df_minimum, "degrees_of_freedom"),
    ],
)
def test_an_outcome_exactly_at_a_threshold_passes_and_one_just_below_does_not(name: str, least: float, rule: str) -> None:
    for value, outcome in ((least, "pass"), (least - 1, "fail")):
        found = check_outcome(evidence(kind="number", **{name: value}), "rate", LIMITS)
        assert next(one.outcome for one in found.decisions if one.rule == rule) == outcome, value


@pytest.mark.parametrize(("name", "least"), [("comparison", LIMITS.comparison_minimum), ("effective", LIMITS.effective_minimum)])
def test_a_comparison_group_exactly_at_a_threshold_passes_and_one_just_below_does_not(name: str, least: float) -> None:
    for value, outcome in ((least, "pass"), (least - 1, "fail")):
        group = GroupEvidence(**{"matched": 100, "left_out": 0, "pool": 1000, "comparison": 900, "effective": 500.0, name: value})
        decisions = check_group(group, "everyone", LIMITS)
        assert next(one.outcome for one in decisions if one.rule == "comparison_minimum") == outcome, value


def test_contributors_half_a_person_short_are_enough() -> None:
    least = LIMITS.cell_minimum - 0.5
    assert not is_small_line(LineEvidence((90, 80, 900, 800), contributors=least), LIMITS)
    assert is_small_line(LineEvidence((90, 80, 900, 800), contributors=least - 0.01), LIMITS)


@pytest.mark.parametrize(("share", "shown"), [(0.0, "direction_only"), (1.0, "direction_only"), (0.001, "full"), (0.999, "full")])
def test_an_adjusted_rate_of_nobody_or_everybody_shows_its_direction_alone(share: float, shown: str) -> None:
    assert check_outcome(evidence(kind="binary", comparison_share=share), "rate", LIMITS).showing == shown
