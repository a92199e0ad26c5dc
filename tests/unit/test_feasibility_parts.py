"""Feasibility in parts: expected effects by hand, no treated outcome taken, disclosure of expectations and years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.findings_factory import make_feasible, make_findings

from datalab.analysis import AnalysisSettings, analyse_match
from datalab.balance.results import Balance, CovariateBalance
from datalab.disclosure import control
from datalab.disclosure.exact import exact_balance
from datalab.disclosure.results import Suppressed
from datalab.disclosure.thresholds import load_thresholds
from datalab.disclosure.years import release_years
from datalab.effects.estimate import outcome_design
from datalab.effects.expected import expect_outcome_of
from datalab.effects.influence import Variance
from datalab.effects.planning import smallest_effect
from datalab.errors import InputError, InternalError
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

RATE = Measure("rate", "binary", "Rate", unit="share")
AMONG = Measure("days", "number", "Days", unit="days", among="reoffenders", minimum_treated=30)


def make_table(treated: int = 80, pool: int = 1600, seed: int = 5) -> AnalysisTable:
    rng = np.random.default_rng(seed)
    n = treated + pool
    is_treated = np.arange(n) < treated
    x = Covariate("x", "X", rng.normal(0.2 * is_treated, 1.0))
    z = Covariate("z", "Z", rng.integers(0, 3, n), ("a", "b", "c"), ("A", "B", "C"))
    ids, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
    return AnalysisTable(ids, ids, is_treated, (x, z), (), zeros, zeros - 1)


def matched(table: AnalysisTable):
    found, gated = analyse_match(table, AnalysisSettings("everyone"))
    assert gated is not None
    return found, gated


def outcome_for(table: AnalysisTable, measure: Measure, seed: int = 6) -> Outcome:
    rng = np.random.default_rng(seed)
    values = (rng.random(table.n) < 0.4).astype(float) if measure.kind == "binary" else rng.uniform(1, 365, table.n)
    values[table.treated] = np.nan
    return Outcome(measure, values)


def test_a_match_without_outcomes_says_whether_the_gate_would_pass() -> None:
    found, gated = matched(make_table())
    assert found.status == "matched"
    assert found.outcomes == ()
    assert found.survival is None
    assert found.balance is not None
    assert found.balance.passed
    assert gated.table.outcomes == ()
    assert analyse_match(make_table(treated=29), AnalysisSettings("everyone"))[0].status == "too_few"
    alone = replace(make_table(), treated=np.ones(1680, dtype=bool))
    assert analyse_match(alone, AnalysisSettings("everyone"))[0].reason == "feasibility.reasons.no_pool"


def test_nobody_within_reach_is_an_answer_and_no_covariate_a_refusal() -> None:
    table = make_table()
    apart = replace(table, strata=np.where(table.treated, 1, 0))
    found, gated = analyse_match(apart, AnalysisSettings("everyone"))
    assert (found.status, gated) == ("too_few", None)
    assert found.reason == "effects.withheld.nobody_matched"
    with pytest.raises(InputError):
        analyse_match(replace(table, covariates=()), AnalysisSettings("everyone"))


def test_the_expected_effect_is_that_of_the_comparison_peoples_spread() -> None:
    """Without covariates that explain anything: A is nearly p(1 - p) of the weighted comparison, V0 nearly A over its size."""
    _, gated = matched(make_table())
    table, match = gated.table, gated.match
    outcome = outcome_for(table, RATE)
    found = expect_outcome_of(table, match, outcome, outcome_design(table, match), is_headline=True)
    used = match.matched & ~table.treated
    p = float(match.weights[used] @ outcome.values[used])
    by_hand = smallest_effect(Variance(p * (1 - p) / 80, p * (1 - p) / match.effective_pool, float("inf")))
    assert found.base == pytest.approx(p)
    assert found.smallest_effect == pytest.approx(by_hand, rel=0.02)
    assert found.smallest_effect < by_hand
    assert (found.expected_people, found.stated_effect, found.role) == (80.0, 0.05, "headline")
    assert found.people_needed is not None
    assert found.people_needed > 0


def test_a_measure_of_a_subgroup_counts_on_the_comparison_peoples_share() -> None:
    _, gated = matched(make_table(treated=200))
    table, match = gated.table, gated.match
    outcome = outcome_for(table, AMONG)
    outside = np.random.default_rng(1).random(table.n) < 0.5
    values = np.where(outside, np.nan, outcome.values)
    found = expect_outcome_of(table, match, Outcome(AMONG, values), outcome_design(table, match), is_headline=False)
    share = float(match.weights[match.matched & ~np.isnan(values)].sum())
    assert found.expected_people == pytest.approx(200 * share)
    assert found.smallest_effect == pytest.approx(
        2.8016 * 105.4 * np.sqrt(1 / (200 * share) + 1 / found.effective_comparison), rel=0.1
    )
    few = np.where(np.random.default_rng(1).random(table.n) < 0.9, np.nan, outcome.values)
    found = expect_outcome_of(table, match, Outcome(AMONG, few), outcome_design(table, match), is_headline=False)
    assert (found.status, found.reason) == ("withheld", "effects.withheld.too_few_treated")
    nobody = Outcome(AMONG, np.full(table.n, np.nan))
    found = expect_outcome_of(table, match, nobody, outcome_design(table, match), is_headline=False)
    assert (found.status, found.expected_people) == ("withheld", 0.0)


def test_an_outcome_of_a_treated_person_is_refused() -> None:
    _, gated = matched(make_table())
    outcome = outcome_for(gated.table, RATE)
    outcome.values[np.flatnonzero(gated.table.treated)[3]] = 1.0
    with pytest.raises(InternalError, match="treated person"):
        expect_outcome_of(gated.table, gated.match, outcome, outcome_design(gated.table, gated.match), is_headline=True)


def test_an_expectation_of_enough_people_is_shown_as_found() -> None:
    release = control(make_feasible()).release
    line = release.feasibility[0].expectations[0]
    assert (line.expected_people, line.base, line.smallest_effect, line.people_needed) == (240, 0.36, 0.08, 500.0)
    assert release.kind == "feasibility"
    assert release.status == "released"
    assert release.analyses[0].outcomes == ()


@pytest.mark.parametrize(
    "changes", [{"n_comparison": 29}, {"effective_comparison": 9.0}, {"comparison_events": 9}, {"comparison_events": 2791}]
)
def test_an_expectation_that_rests_on_few_comparison_people_shows_no_number(changes: dict[str, object]) -> None:
    releasable = control(make_feasible(**changes))
    line = releasable.release.feasibility[0].expectations[0]
    assert line.status == "withheld"
    assert {str(value) for value in (line.base, line.smallest_effect, line.expected_people)} == {"[c]"}
    assert any(check.rule == "expectation" and check.outcome == "fail" for check in releasable.decisions)


def test_few_expected_people_are_hidden_and_strict_rounds() -> None:
    line = control(make_feasible(expected_people=7.4)).release.feasibility[0].expectations[0]
    assert line.expected_people == Suppressed("c")
    line = control(make_feasible(expected_people=243.0, base=0.3612), profile="strict").release.feasibility[0].expectations[0]
    assert (line.expected_people, line.base) == (245, 0.36)


def test_a_feasibility_study_with_an_outcome_or_deaths_is_never_released() -> None:
    found = make_feasible()
    outcomes = make_findings().analyses[0].outcomes
    wrong = replace(found, analyses=(replace(found.analyses[0], status="estimated", outcomes=outcomes),))
    with pytest.raises(InternalError):
        control(wrong)
    with pytest.raises(InternalError):
        control(replace(found, feasibility=()))
    with pytest.raises(InternalError):
        control(replace(make_findings(), feasibility=found.feasibility))
    with pytest.raises(InternalError, match="no rule"):
        control(make_feasible(status="guessed"))


def quarters(counts: dict[str, tuple[int, int]]) -> Balance:
    """A balance table of one covariate whose levels are quarters: (analysed, pool) people in each."""
    treated, pool = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
    lines = tuple(
        CovariateBalance(
            covariate="index_quarter",
            level=level,
            label="Quarter",
            family="index",
            mean_treated_before=a / treated,
            mean_pool_before=b / pool,
            mean_treated=a / treated,
            mean_pool=b / pool,
            sd=0.4,
            sd_source="treated",
            smd_before=0.0,
            smd=0.0,
            variance_ratio_before=1.0,
            variance_ratio=1.0,
            ks_before=0.0,
            ks=0.0,
            ecdf_before=0.0,
            ecdf=0.0,
            treated_count_before=a,
            pool_count_before=b,
            treated_count=a,
            pool_count=b,
        )
        for level, (a, b) in counts.items()
    )
    return Balance(lines, True, (), 0.0, 1.0, (), 1.0, 1.0, 100.0, 0.01)


def years_of(counts: dict[str, tuple[int, int]], hidden: frozenset[str] = frozenset()) -> dict[str, object]:
    balance = quarters(counts)
    released = exact_balance(balance)
    lines = tuple(replace(line, treated=Suppressed("c")) if line.level in hidden else line for line in released.covariates)
    found = release_years(balance, replace(released, covariates=lines), load_thresholds())
    return {year.year: year.analysed for year in found}


def test_years_are_the_sums_of_their_quarters() -> None:
    found = years_of({"2011Q1": (20, 200), "2011Q3": (20, 200), "2012Q1": (60, 300)})
    assert found == {"2011": pytest.approx(0.4), "2012": pytest.approx(0.6)}


def test_a_small_year_joins_the_smallest_other() -> None:
    counts = {"2010Q1": (4, 200), "2011Q1": (20, 200), "2012Q1": (60, 300), "2013Q1": (16, 90)}
    found = years_of(counts, frozenset({"2010Q1", "2013Q1"}))
    assert found == {"2011": pytest.approx(0.2), "2012": pytest.approx(0.6), "other years together": pytest.approx(0.2)}
    assert years_of(counts, frozenset({"2010Q1"})) == {}, "less the quarter that is shown, 4 people would be left"


def test_a_year_that_would_tell_a_hidden_quarter_is_not_shown() -> None:
    """2011 less its shown quarter would leave 4 people; with 2012 it leaves 4 too, so there is no table at all."""
    counts = {"2011Q1": (20, 200), "2011Q2": (4, 200), "2012Q1": (60, 300)}
    assert years_of(counts, frozenset({"2011Q2"})) == {}
    assert years_of({**counts, "2013Q1": (40, 90), "2013Q2": (12, 90)}, frozenset({"2011Q2", "2013Q2"})) == {
        "2012": pytest.approx(60 / 136),
        "other years together": pytest.approx(76 / 136),
    }


def test_no_quarters_no_years() -> None:
    balance = quarters({"2011Q1": (20, 200)})
    assert release_years(replace(balance, covariates=()), exact_balance(balance), load_thresholds()) == ()
