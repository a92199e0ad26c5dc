"""`analyse` from a table to its findings: every field, every gate, every way to be refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datalab.analysis import AnalysisSettings, analyse
from datalab.balance.results import BalancedMatch
from datalab.effects.estimate import estimate_outcome
from datalab.effects.results import AnalysisFindings, OutcomeResult
from datalab.errors import InputError, UsageError
from datalab.matching import match, matcher, propensity
from datalab.numerics.impute import impute_covariates
from datalab.table import AnalysisTable, Covariate, Measure, Outcome, Subgroup, take_rows
from datalab.wording import say

REOFFENDERS = "reoffenders"
MEASURES = {
    "rate": Measure("rate", "binary", "Rate", survival=True),
    "frequency": Measure("frequency", "count", "Frequency"),
    "worked": Measure("worked", "days", "Days worked"),
    "score": Measure("score", "number", "Score"),
    "return": Measure("return", "time", "Time to return"),
    "days_to_first": Measure("days_to_first", "number", "Days", among=REOFFENDERS, minimum_treated=30),
    "custody_rate": Measure("custody_rate", "binary", "Custody", among=REOFFENDERS, minimum_expected=10),
}
EVERYTHING = tuple(MEASURES)


def make_table(names=EVERYTHING, *, treated=150, pool=2500, apart=0.3, seed=11, effect=-0.6) -> AnalysisTable:
    """Two numbers (one with gaps) and a category; risk grows with x; the treated are `apart` SDs lower on it."""
    rng = np.random.default_rng(seed)
    n = treated + pool
    who = np.arange(n) < treated
    x, gaps = rng.normal(size=n) - apart * who, rng.normal(size=n)
    gaps[rng.random(n) < 0.1] = np.nan
    again = rng.random(n) < 1 / (1 + np.exp(-(-0.4 + 0.8 * x + effect * who)))
    days = np.where(again, np.ceil(365 * rng.random(n)), 365.0)
    values = {
        "rate": again.astype(float),
        "frequency": again * (1.0 + rng.poisson(0.8, n)),
        "worked": np.where(rng.random(n) < 0.4, np.floor(366 * rng.random(n)), 0.0),
        "score": 50 + 10 * x + rng.normal(size=n),
        "return": days,
        "days_to_first": np.where(again, days, np.nan),
        "custody_rate": np.where(again, rng.random(n) < 0.3, np.nan),
    }
    outcomes = tuple(Outcome(MEASURES[name], values[name].astype(float), again if name == "return" else None) for name in names)
    covariates = (
        Covariate("x", "X", x),
        Covariate("gaps", "Gaps", gaps),
        Covariate("kind", "Kind", rng.integers(0, 3, n), ("a", "b", "c"), ("A", "B", "C")),
    )
    ids, none = np.arange(n), np.zeros(n, dtype=np.int64)
    return AnalysisTable(ids, ids, who, covariates, outcomes, none, none - 1, days, again)


def with_outcome(table: AnalysisTable, name: str, values: np.ndarray) -> AnalysisTable:
    return replace(table, outcomes=(Outcome(MEASURES[name], values.astype(float)),))


@pytest.fixture(scope="module")
def table() -> AnalysisTable:
    return make_table()


@pytest.fixture(scope="module")
def found(table: AnalysisTable) -> AnalysisFindings:
    return analyse(table, AnalysisSettings("everyone", "rate"))


def one(found: AnalysisFindings, name: str) -> OutcomeResult:
    return next(o for o in found.outcomes if o.measure.name == name)


def test_every_measure_is_estimated_in_its_own_way(found: AnalysisFindings):
    assert found.status == "estimated"
    methods = {o.measure.name: o.effect.method for o in found.outcomes if o.effect}
    assert methods == {
        "rate": "mover_wilson",
        "frequency": "log_ratio_t",
        "worked": "influence_t",
        "score": "influence_t",
        "return": "influence_t",
        "days_to_first": "influence_t",
        "custody_rate": "mover_wilson",
    }


def test_the_columns_subtract_and_counts_are_right(table: AnalysisTable, found: AnalysisFindings):
    fitted = match(table, AnalysisSettings("everyone").match)
    for o in found.outcomes:
        assert o.effect is not None
        assert o.comparison == pytest.approx(o.treated - o.effect.estimate, abs=1e-12)
    rate = one(found, "rate")
    y = table.outcomes[0].values
    assert rate.n_treated == found.people.matched == int((fitted.matched & table.treated).sum())
    assert rate.n_comparison == found.people.comparison == int((fitted.matched & ~table.treated).sum())
    assert rate.treated_events == y[fitted.matched & table.treated].sum()
    assert rate.comparison_plain == pytest.approx(float(fitted.weights[~table.treated] @ y[~table.treated]))
    assert rate.effective_comparison == pytest.approx(found.people.effective)
    unadjusted = y[table.treated].mean() - y[~table.treated].mean()
    assert rate.unadjusted is not None
    assert rate.unadjusted.estimate == pytest.approx(unadjusted)


def test_roles_and_holm(found: AnalysisFindings):
    assert [o.role for o in found.outcomes] == ["headline"] + ["secondary"] * 6
    headline = one(found, "rate")
    assert headline.effect is not None
    assert headline.p_holm == headline.effect.p
    for o in found.outcomes[1:]:
        assert o.effect is not None
        assert o.effect.p <= o.p_holm <= min(1.0, 6 * o.effect.p)


def test_people_needed_only_for_a_stated_effect(table: AnalysisTable, found: AnalysisFindings):
    rate, frequency = one(found, "rate"), one(found, "frequency")
    assert rate.stated_effect == 0.05
    assert rate.people_needed is not None
    assert rate.people_needed > 0
    assert frequency.people_needed is None
    assert math.isnan(frequency.stated_effect)
    stated = analyse(
        replace(table, outcomes=table.outcomes[:2]), AnalysisSettings("everyone", "rate", stated_effects={"frequency": 0.2})
    )
    assert one(stated, "frequency").people_needed is not None


def test_measures_among_reoffenders_are_matched_again(table: AnalysisTable, found: AnalysisFindings):
    outcome = table.outcomes[EVERYTHING.index("days_to_first")]
    rows = ~np.isnan(outcome.values)
    filled = replace(table, covariates=impute_covariates(table.covariates, ~table.treated))
    alone = analyse(
        replace(take_rows(filled, rows), outcomes=(Outcome(MEASURES["score"], outcome.values[rows]),), duration=None, event=None),
        AnalysisSettings("everyone"),
    )
    ours, again = one(found, "days_to_first"), alone.outcomes[0]
    assert ours.effect == again.effect
    assert ours.n_treated == again.n_treated < found.people.matched
    assert "effects.notes.after_programme" in ours.notes


def test_survival_covers_the_year(table: AnalysisTable, found: AnalysisFindings):
    survival = found.survival
    assert survival is not None
    assert survival.treated.days[[0, -1]].tolist() == [0, 365]
    assert [day for day, *_ in survival.landmarks] == [30, 91, 182, 274, 365]
    _, treated, comparison = survival.landmarks[-1]
    assert treated == pytest.approx(one(found, "rate").treated)
    assert comparison == pytest.approx(one(found, "rate").comparison_plain)
    assert survival.rmst == one(found, "return").effect
    assert survival.hazard_ratio is not None
    assert survival.hazard_ratio.ratio < 1


def test_overlap_and_profile_count_everybody(table: AnalysisTable, found: AnalysisFindings):
    assert found.overlap is not None
    assert found.overlap.treated.sum() == 150
    assert found.overlap.pool.sum() == 2500
    assert found.overlap.comparison_weight.sum() == pytest.approx(1)
    levels = [line for line in found.profile if line.label == "Kind"]
    assert [line.level for line in levels] == ["A", "B", "C"]
    assert sum(line.analysed_count for line in levels) == found.people.matched
    assert sum(line.left_out_count for line in levels) == found.people.treated - found.people.matched


def test_row_order_changes_no_bit(table: AnalysisTable, found: AnalysisFindings):
    shuffled = take_rows(table, np.random.default_rng(0).permutation(table.n))
    again = analyse(shuffled, AnalysisSettings("everyone", "rate"))
    assert repr(again.outcomes) == repr(found.outcomes)
    assert repr(again.balance) == repr(found.balance)
    assert repr(again.survival) == repr(found.survival)


def test_too_few_before_and_after_matching():
    few = analyse(make_table(("rate",), treated=20), AnalysisSettings("everyone", "rate"))
    assert (few.status, few.reason, few.outcomes) == ("too_few", "effects.withheld.too_few_treated", ())
    assert few.balance is None
    assert few.people.treated == 20


def test_a_failed_gate_gives_balance_and_no_outcome():
    apart = make_table(("rate", "frequency"), treated=40, pool=120, apart=2.5)
    found = analyse(apart, AnalysisSettings("everyone", "rate", minimum_treated=2))
    assert found.status == "balance_failed"
    assert found.balance is not None
    assert not found.balance.passed
    assert found.outcomes == ()
    assert found.survival is None


def test_research_estimates_are_never_a_verdict():
    apart = make_table(("rate", "frequency"), treated=60, pool=400, apart=1.5)
    found = analyse(apart, AnalysisSettings("everyone", "rate", minimum_treated=2, research=True))
    assert found.status == "balance_failed"
    assert [o.measure.name for o in found.outcomes] == ["rate", "frequency"]
    for o in found.outcomes:
        assert o.effect is not None
        assert o.verdict == "withheld"
        assert o.people_needed is None
        assert "effects.notes.not_evidence" in o.notes


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_outcome_with_one_value_is_no_crash(value: float):
    base = make_table(("rate",))
    rate = analyse(with_outcome(base, "rate", np.full(base.n, value)), AnalysisSettings("everyone", "rate")).outcomes[0]
    assert rate.effect is not None
    assert rate.effect.estimate == 0
    assert rate.verdict == "more_people"
    assert rate.effect.low < 0 < rate.effect.high
    count = analyse(with_outcome(base, "frequency", np.full(base.n, value)), AnalysisSettings("everyone")).outcomes[0]
    assert count.reason == ("effects.withheld.too_few_with_event" if value == 0 else "effects.withheld.no_variation")
    assert say(count.reason)


def test_few_events_take_the_interval_of_the_difference():
    base = make_table(("frequency",))
    values = (np.random.default_rng(3).random(base.n) < 0.2).astype(float)
    values[:150] = 0
    values[[3, 9, 12]] = 1
    result = analyse(with_outcome(base, "frequency", values), AnalysisSettings("everyone")).outcomes[0]
    assert result.effect is not None
    assert result.effect.method == "influence_t"
    assert result.notes == ("effects.notes.difference_interval",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"minimum_treated": 500}, "too_few_treated"), ({"minimum_expected": 150}, "too_few_expected")],
)
def test_a_measure_holds_its_gate_or_is_withheld(changes: dict[str, float], reason: str):
    base = make_table(("rate",))
    measure = replace(MEASURES["rate"], **changes)
    result = analyse(
        replace(base, outcomes=(replace(base.outcomes[0], measure=measure),)), AnalysisSettings("e", "rate")
    ).outcomes[0]
    assert (result.status, result.reason, result.verdict) == ("withheld", f"effects.withheld.{reason}", "withheld")
    assert result.n_treated > 0
    assert result.effect is None


def test_a_subgroup_that_is_too_small_or_unbalanced_is_withheld_with_its_reason():
    base = make_table(("days_to_first",))
    days = base.outcomes[0].values.copy()
    days[20:150] = np.nan
    small = analyse(with_outcome(base, "days_to_first", days), AnalysisSettings("everyone")).outcomes[0]
    assert small.reason == "effects.withheld.too_few_treated"
    x, settings = base.covariates[0].values, AnalysisSettings("everyone")
    far = np.where(base.treated, x > -0.2, x < -1.0)  # among these nobody in the pool is like the treated
    apart = analyse(with_outcome(base, "days_to_first", np.where(far, 5.0, np.nan)), settings).outcomes[0]
    assert apart.reason == "effects.withheld.subgroup_unmatched"
    near = base.treated | ((x < 0) & (np.random.default_rng(0).random(base.n) < 0.05))
    uneven = analyse(with_outcome(base, "days_to_first", np.where(near, 5.0 + x, np.nan)), settings).outcomes[0]
    assert uneven.reason == "effects.withheld.subgroup_unbalanced"
    assert (uneven.verdict, uneven.effect) == ("withheld", None)
    assert uneven.n_treated >= 30


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("rate", np.nan, "1 row has none"),
        ("rate", 2.0, "only 0 and 1"),
        ("frequency", 0.5, "is a count"),
        ("frequency", -1.0, "is a count"),
        ("worked", -1.0, "negative"),
        ("score", np.inf, "finite"),
    ],
)
def test_values_that_do_not_fit_their_kind_are_refused(table: AnalysisTable, name: str, bad: float, words: str):
    outcome = next(o for o in table.outcomes if o.measure.name == name)
    values = outcome.values.copy()
    values[7] = bad
    with pytest.raises(InputError, match=words):
        analyse(with_outcome(table, name, values), AnalysisSettings("everyone"))


def test_a_time_needs_its_event_and_enough_follow_up(table: AnalysisTable):
    timed = table.outcomes[EVERYTHING.index("return")]
    with pytest.raises(InputError, match="whether each time ended in the event"):
        analyse(replace(table, outcomes=(replace(timed, event=None),)), AnalysisSettings("everyone"))
    assert timed.event is not None
    short = Outcome(timed.measure, np.minimum(timed.values, 200.0), timed.event & (timed.values <= 200))
    result = analyse(replace(table, outcomes=(short,), duration=None, event=None), AnalysisSettings("everyone")).outcomes[0]
    assert result.reason == "effects.withheld.follow_up_short"


def test_sites_widen_the_interval_and_few_sites_are_said(table: AnalysisTable):
    rng = np.random.default_rng(8)
    site = rng.integers(0, 8, table.n)
    bump = rng.random(8)[site]
    y = (rng.random(table.n) < np.where(table.treated, bump, 0.5)).astype(float)
    base = with_outcome(table, "rate", y)
    plain = analyse(base, AnalysisSettings("e", "rate")).outcomes[0]
    sites = analyse(replace(base, cluster=np.where(table.treated, site, -1)), AnalysisSettings("e", "rate")).outcomes[0]
    assert plain.effect is not None
    assert sites.effect is not None
    assert sites.effect.df == 7
    assert sites.effect.high - sites.effect.low > plain.effect.high - plain.effect.low
    assert "effects.notes.clustered" in sites.notes
    few = analyse(replace(base, cluster=np.where(table.treated, site % 3, -1)), AnalysisSettings("e", "rate")).outcomes[0]
    assert "effects.notes.few_sites" in few.notes
    assert few.effect == plain.effect


def test_settings_are_refused_by_name():
    with pytest.raises(UsageError, match="minimum_treated"):
        AnalysisSettings("everyone", minimum_treated=1)


def test_perfect_separation_and_constants_end_in_words_not_a_crash():
    base = make_table(("rate",), treated=60, pool=300)
    apart = replace(base, covariates=(Covariate("t", "T", base.treated.astype(float)), Covariate("k", "K", np.ones(base.n))))
    with pytest.raises(InputError, match="close enough"):
        analyse(apart, AnalysisSettings("everyone", "rate"))
    constant = replace(base, covariates=(Covariate("k", "K", np.ones(base.n)),))
    assert analyse(constant, AnalysisSettings("everyone", "rate")).status == "balance_failed"


def test_effects_take_a_balanced_match_alone(table: AnalysisTable):
    with pytest.raises(Exception, match="balance gate alone"):
        BalancedMatch(table, match(table, AnalysisSettings("e").match), None, seal=object())  # type: ignore[arg-type]
    assert callable(estimate_outcome)


def test_every_reason_and_note_has_words(found: AnalysisFindings):
    keys = (
        {o.reason for o in found.outcomes if o.reason} | {note for o in found.outcomes for note in o.notes} | set(found.warnings)
    )
    assert all(say(key) for key in keys)


KNOWN = Measure("worked_known", "days", "Days worked", among="known", known_before=True)


def known_table(share: float = 0.85) -> AnalysisTable:
    """The table with one measure among people known beforehand, and their subgroup."""
    plain = make_table(("rate", "worked"))
    member = np.random.default_rng(5).random(plain.n) < share
    known = Outcome(KNOWN, np.where(member, plain.outcomes[1].values, np.nan))
    return replace(plain, outcomes=(*plain.outcomes, known), subgroups=(Subgroup("known", member),))


def test_a_subgroup_known_before_is_matched_again_without_the_note_and_its_share_is_told() -> None:
    table = known_table()
    found = analyse(table, AnalysisSettings("everyone", "rate"))
    result = one(found, "worked_known")
    assert result.status == "estimated" and "effects.notes.after_programme" not in result.notes
    filled = replace(table, covariates=impute_covariates(table.covariates, ~table.treated), outcomes=(table.outcomes[1],))
    part = analyse(take_rows(filled, table.subgroups[0].member), AnalysisSettings("part"))
    alone = one(part, "worked").effect
    assert result.effect is not None and alone is not None
    assert result.effect.estimate == pytest.approx(alone.estimate, abs=1e-9)
    (share,) = found.subgroups
    assert share.treated_in + share.treated_out == found.people.matched
    assert share.comparison_in + share.comparison_out == found.people.comparison
    assert share.share_treated == share.treated_in / found.people.matched
    assert share.share_comparison == pytest.approx(0.85, abs=0.05)


def test_a_measure_that_the_data_cannot_give_is_named_with_the_reason() -> None:
    table = known_table()
    gone = Outcome(KNOWN, np.full(table.n, np.nan), withheld="effects.withheld.not_loaded_employment")
    result = one(
        analyse(replace(table, outcomes=(table.outcomes[0], gone)), AnalysisSettings("everyone", "rate")), "worked_known"
    )
    assert (result.status, result.reason, result.n_treated) == ("withheld", gone.withheld, 0)
    assert say(result.reason).endswith(".")


def test_days_over_two_years_are_modelled_as_a_share_of_730() -> None:
    table = make_table(("worked",))
    short = Outcome(MEASURES["worked"], np.minimum(table.outcomes[0].values, 300.0))
    twice = Outcome(MEASURES["worked"], short.values * 2)
    one_year = analyse(replace(table, outcomes=(short,)), AnalysisSettings("x")).outcomes[0].effect
    two_years = analyse(replace(table, outcomes=(twice,), horizon=730.0), AnalysisSettings("x")).outcomes[0].effect
    assert one_year is not None and two_years is not None
    assert two_years.estimate == pytest.approx(2 * one_year.estimate, abs=1e-6)
    assert two_years.se == pytest.approx(2 * one_year.se, abs=1e-6)


@pytest.mark.parametrize(("numbers", "tried"), [(16, {"main", "rich"}), (17, {"main"})])
def test_products_are_tried_up_to_half_as_many_as_rows(monkeypatch: pytest.MonkeyPatch, numbers: int, tried: set[str]) -> None:
    """Of 300 rows, 136 products leave something to be alike in; 153 tell any two groups of rows apart (Cover 1965)."""
    rng = np.random.default_rng(4)
    who = np.arange(300) < 40
    columns = tuple(Covariate(f"x{j}", f"x{j}", rng.normal(0.7 * who * (j < 6), 1.0)) for j in range(numbers))
    ids, none = np.arange(300), np.zeros(300, dtype=np.int64)
    table = AnalysisTable(ids, ids, who, columns, (), none, none - 1)
    fitted, fit = set(), propensity.score_logit

    def noted(*of: Any) -> Any:
        fitted.add(of[3])
        return fit(*of)

    monkeypatch.setattr(matcher, "score_logit", noted)
    analyse(table, AnalysisSettings("everyone", "rate"))
    assert fitted == tried
