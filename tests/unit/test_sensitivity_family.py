"""The sensitivity family of one analysis: which lines there are, what they are equal to, and what they leave out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from datalab.analysis import AnalysisSettings, analyse
from datalab.effects.results import AnalysisFindings, SensitivityLine
from datalab.matching import MatchSettings
from datalab.sensitivity import FAMILY, LinkErrors, with_national
from datalab.table import AnalysisTable, Covariate, Measure, NegativeControl, Outcome, take_rows
from datalab.wording import say

RATE, COUNT = Measure("rate", "binary", "Rate"), Measure("count", "count", "Count")
BEFORE = Measure("before", "binary", "Before")
SEED = 77


@cache
def world(treated: int = 150, pool: int = 2_500) -> AnalysisTable:
    """Three numbers (one with gaps), a need, a region; selection on the first two; the treatment lowers the rate."""
    rng = np.random.default_rng(SEED)
    n = treated + pool
    x, gaps = rng.normal(size=(n, 3)), rng.random(n) < 0.08
    need, region = rng.integers(0, 3, n), rng.integers(0, 2, n)
    chance = np.exp(0.5 * x[:, 0] + 0.3 * x[:, 1])
    is_treated = np.zeros(n, dtype=bool)
    is_treated[rng.choice(n, treated, replace=False, p=chance / chance.sum())] = True
    risk = 1 / (1 + np.exp(-(0.7 * x[:, 0] + 0.4 * x[:, 2] - 0.8 * is_treated)))
    rate, before = (rng.random((2, n)) < np.vstack([risk, 1 / (1 + np.exp(-x[:, 0]))])).astype(float)
    count = rng.poisson(np.exp(0.3 * x[:, 0]))
    covariates = (
        Covariate("a", "A", x[:, 0]),
        Covariate("b", "B", x[:, 1]),
        Covariate("c", "C", np.where(gaps, np.nan, x[:, 2])),
        Covariate("need", "Need", need, levels=("low", "middle", "high"), family="needs"),
        Covariate("region", "Region", region, levels=("north", "south"), family="region"),
    )
    ids, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
    outcomes = (Outcome(RATE, rate), Outcome(COUNT, count.astype(float)))
    control = NegativeControl(Outcome(BEFORE, before), covariates[:3])
    none = np.full(n, -1, dtype=np.int64)
    return AnalysisTable(ids, ids, is_treated, covariates, outcomes, zeros, none, negative_control=control)


def settings(**changes: object) -> AnalysisSettings:
    return replace(AnalysisSettings("all", "rate", link_errors=LinkErrors(0.01, 0.05)), **changes)


@cache
def findings() -> AnalysisFindings:
    return analyse(world(), settings())


def lines(found: AnalysisFindings, measure: str = "rate") -> dict[str, SensitivityLine]:
    return {line.name: line for line in found.sensitivity if line.measure.name == measure and line.name != "benchmark"}


def test_the_family_is_the_same_every_time_and_holds_a_line_of_every_part() -> None:
    names = [line.name for line in findings().sensitivity if line.part == "design" and line.measure is RATE]
    assert names == [v.name for v in FAMILY if v.name not in ("caliper_020", "main_terms", "rich_terms")]
    assert {line.part for line in findings().sensitivity} == {"design", "hidden", "linkage", "control"}
    assert {line.measure.name for line in findings().sensitivity} == {"rate", "count", "before"}
    assert not [line for line in findings().sensitivity if line.name == "e_value" and line.measure is COUNT]


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("caliper_010", MatchSettings(caliper_sd_logit=0.1)),
        ("ipw", MatchSettings("ipw")),
        ("entropy", MatchSettings("entropy")),
        ("nearest", MatchSettings("nearest", replacement=True)),
    ],
)
def test_a_line_is_what_an_analysis_of_that_design_finds(name: str, match: MatchSettings) -> None:
    alone = analyse(world(), settings(match=match, sensitivity=False))
    line = lines(findings())[name]
    if alone.status == "balance_failed":
        assert (line.status, line.effect) == ("not_balanced", None)
        return
    effect = alone.outcomes[0].effect
    assert line.effect is not None and effect is not None
    assert (line.effect.estimate, line.effect.low, line.effect.high) == pytest.approx(
        (effect.estimate, effect.low, effect.high), abs=1e-10
    )


def test_without_needs_and_complete_cases_are_analyses_of_those_tables() -> None:
    table = world()
    kept = tuple(c for c in table.covariates if c.family != "needs")
    known = ~np.isnan(table.covariates[2].values)
    for name, other in (("without_needs", replace(table, covariates=kept)), ("complete_cases", take_rows(table, known))):
        effect = analyse(other, settings(sensitivity=False)).outcomes[0].effect
        line = lines(findings())[name]
        assert line.effect is not None and effect is not None
        assert line.effect.estimate == pytest.approx(effect.estimate, abs=1e-10)


def test_within_region_keeps_regions_apart() -> None:
    table = world()
    apart = replace(table, strata=np.asarray(table.covariates[4].values, dtype=np.int64))
    effect = analyse(apart, settings(sensitivity=False)).outcomes[0].effect
    line = lines(findings())["same_region"]
    assert line.effect is not None and effect is not None
    assert line.effect.estimate == pytest.approx(effect.estimate, abs=1e-10)
    assert "same_region" not in lines(analyse(apart, settings()))


def test_a_plan_with_another_caliper_is_held_against_the_usual_one() -> None:
    found = lines(analyse(world(), settings(match=MatchSettings(caliper_sd_logit=0.1))))
    assert "caliper_010" not in found
    effect = findings().outcomes[0].effect
    assert effect is not None and found["caliper_020"].effect is not None
    assert found["caliper_020"].effect.estimate == pytest.approx(effect.estimate, abs=1e-12)


def test_a_design_that_fails_the_gate_has_no_estimate() -> None:
    """Three hundred people of the pool cannot be made alike by so small a caliper."""
    part = take_rows(world(), np.flatnonzero(world().treated | (np.arange(world().n) % 9 == 0)))
    found = [line for line in analyse(part, settings()).sensitivity if line.status == "not_balanced"]
    assert found
    assert all(line.effect is None and line.counted is None and not line.figures for line in found)


def test_nothing_is_examined_where_it_is_switched_off_or_nothing_is_estimated() -> None:
    off = analyse(world(), settings(sensitivity=False))
    assert off.sensitivity == ()
    assert str(off.outcomes) == str(findings().outcomes)  # as text, since NaN is not equal to itself
    assert analyse(world(), settings(minimum_treated=400)).sensitivity == ()


def test_no_line_depends_on_the_order_of_rows() -> None:
    shuffled = take_rows(world(), np.random.default_rng(3).permutation(world().n))
    assert str(analyse(shuffled, settings()).sensitivity) == str(findings().sensitivity)


def test_the_negative_control_is_matched_on_its_own_covariates() -> None:
    control = world().negative_control
    assert control is not None
    own = replace(world(), covariates=control.covariates, outcomes=(control.outcome,), negative_control=None)
    effect = analyse(own, settings(headline="before", sensitivity=False)).outcomes[0].effect
    line = lines(findings(), "before")["negative_control"]
    assert line.effect == effect
    assert not line.warns
    assert not [
        line for line in analyse(replace(world(), negative_control=None), settings()).sensitivity if line.part == "control"
    ]


def test_a_control_known_for_some_leaves_the_others_out_and_one_for_few_is_named() -> None:
    table, control = world(), world().negative_control
    assert control is not None
    for share, status in ((0.9, "estimated"), (0.1, "withheld")):
        values = np.where(np.random.default_rng(1).random(table.n) < share, control.outcome.values, np.nan)
        changed = replace(control, outcome=Outcome(BEFORE, values))
        line = lines(analyse(replace(table, negative_control=changed), settings()), "before")["negative_control"]
        assert line.status == status
        assert line.reason == ("" if status == "estimated" else "sensitivity.reasons.too_few")


def test_a_headline_among_a_subgroup_is_examined_within_it() -> None:
    table = world()
    rate = table.outcomes[0].values
    part = replace(COUNT, name="after", among="those with the event")
    among = replace(table, outcomes=(table.outcomes[0], Outcome(part, np.where(rate == 1, table.outcomes[1].values + 1, np.nan))))
    found = analyse(among, settings(headline="after"))
    assert {line.measure.name for line in found.sensitivity if line.part == "design"} == {"after"}
    main = found.outcomes[1]
    classic = next(line for line in found.sensitivity if line.name == "classic")
    assert classic.effect is not None and classic.effect == main.classic


def test_links_are_looked_at_only_where_people_were_linked() -> None:
    assert not [line for line in analyse(world(), settings(link_errors=None)).sensitivity if line.part == "linkage"]
    line, effect = lines(findings())["false_links"], findings().outcomes[0].effect
    assert line.effect is not None and effect is not None
    assert line.effect.estimate == pytest.approx(effect.estimate / 0.99)
    pair = dict(lines(findings())["missed_links"].figures)
    assert pair["missed"] == 0.05


def test_times_and_rates_before_the_end_have_lines_too() -> None:
    """A censored time: pseudo-values are compared, and hidden bias is measured on them."""
    table, rng = world(), np.random.default_rng(4)
    days = np.minimum(rng.exponential(400 / (1 + table.outcomes[0].values)), 365.0)
    timed = Outcome(Measure("days", "time", "Days"), days, days < 365)
    found = analyse(replace(table, outcomes=(timed,)), settings(headline="days"))
    names = {line.name for line in found.sensitivity if line.effect is not None or line.figures}
    assert {"caliper_010", "robustness", "benchmark", "false_links"} <= names
    assert "e_value" not in names


def test_a_regional_plan_says_why_it_has_no_national_line() -> None:
    rate, frequency = Measure("rate", "binary", "Rate"), Measure("frequency", "count", "Frequency")
    lines = (
        SensitivityLine("design", "ipw", rate),
        SensitivityLine("design", "ipw", frequency),
        SensitivityLine("hidden", "robustness", rate),
    )
    made = with_national(lines)
    assert [(line.part, line.name, line.measure.name) for line in made[2:4]] == [
        ("design", "national", "rate"),
        ("design", "national", "frequency"),
    ]
    assert {line.status for line in made[2:4]} == {"withheld"}
    assert 'region = "national"' in say(made[2].reason, people="people")
    assert made[-1] == lines[-1]
    assert with_national(lines[2:]) == lines[2:]
