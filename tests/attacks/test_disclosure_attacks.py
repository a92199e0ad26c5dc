"""What an outsider with a calculator can work out of a release: each attack succeeded once and must not again.

Numbers leave at ten significant digits, so that any share a/b with b below some ten thousand can be turned back into a
and b, and any exact spread of whole numbers into the number of people behind it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from tests.findings_factory import make_findings

from datalab.balance.results import CovariateBalance
from datalab.disclosure import control
from datalab.disclosure.results import Number, ReleasedAnalysis, ReleasedCovariate, Suppressed
from datalab.effects.results import Findings, SensitivityPart
from datalab.table import Floats


def number(value: Number) -> float:
    """As printed in results.json; NaN where hidden."""
    return math.nan if isinstance(value, Suppressed) else float(f"{value:.10g}")


def analysis_of(findings: Findings) -> ReleasedAnalysis:
    return control(findings).release.analyses[0]


def denominators(shares: Iterable[float], among: range) -> list[int]:
    """The whole numbers b for which every share is some a/b."""
    known = [share for share in shares if not math.isnan(share)]
    return [b for b in among if known and all(abs(share * b - round(share * b)) < 2e-9 * b for share in known)]


def with_number(findings: Findings, name: str, values: Floats, pool_mean: float, comparison_mean: float) -> Findings:
    """Findings with one more covariate, whose treated values (matched first) are given."""
    (found,) = findings.analyses
    assert found.balance is not None
    source = next(line for line in found.balance.covariates if not line.level)
    two = set(np.unique(values)) <= {0.0, 1.0}
    mean, matched = float(values.mean()), float(values[: found.people.matched].mean())
    sd = float(values.std(ddof=0 if two else 1))
    line: CovariateBalance = replace(
        source,
        covariate=name,
        label=name,
        mean_treated_before=mean,
        mean_treated=matched,
        mean_pool_before=pool_mean,
        mean_pool=comparison_mean,
        sd=sd,
        smd_before=(mean - pool_mean) / sd,
        smd=(matched - comparison_mean) / sd,
        treated_count_before=values.size,
        treated_count=found.people.matched,
    )
    balance = replace(found.balance, covariates=(*found.balance.covariates, line))
    return replace(findings, analyses=(replace(found, balance=balance),))


def line_of(analysis: ReleasedAnalysis, name: str) -> ReleasedCovariate:
    assert analysis.balance is not None
    return next(line for line in analysis.balance.covariates if line.name == name)


def test_the_spread_of_a_yes_no_number_does_not_count_those_left_out() -> None:
    """With p(1 - p) of all treated from two shown numbers, p = a/N names both a and N, hidden as only 4 were left out."""
    values = np.concatenate([np.ones(90), np.zeros(150), np.ones(3), np.zeros(1)])
    line = line_of(analysis_of(with_number(make_findings(left_out=4), "work", values, 0.41, 0.37)), "work")
    spread = (number(line.treated) - number(line.pool_before)) / number(line.smd_before)
    root = math.sqrt(max(0.0, 1 - 4 * spread**2))
    solved = [
        (a, n) for n in range(241, 250) for a in range(n + 1) for p in ((1 - root) / 2, (1 + root) / 2) if abs(a / n - p) < 3e-8
    ]
    assert (93, 244) not in solved


def test_the_spread_of_whole_numbers_does_not_count_those_left_out() -> None:
    """N(N - 1) times the variance of whole numbers is whole for the true N alone."""
    values = np.random.default_rng(1).poisson(8, 244).astype(float)
    line = line_of(analysis_of(with_number(make_findings(left_out=4), "past", values, 7.0, 8.1)), "past")
    spread = (number(line.treated) - number(line.pool_before)) / number(line.smd_before)
    whole = [n for n in range(241, 250) if abs((x := n * (n - 1) * spread**2) - round(x)) < 1e-2]
    assert whole != [244]


def test_shares_before_matching_do_not_bring_back_a_hidden_group_size() -> None:
    """All treated stand a few people from a step of the ladder, so their number is hidden; shares of them must not tell it."""
    steps = (("submitted", "submitted", 0), ("linked", "not_linked", 31), ("eligible", "not_eligible", 3))
    findings = make_findings(left_out=400, steps=steps)
    analysis = analysis_of(findings)
    assert analysis.balance is not None and isinstance(analysis.people.treated, Suppressed)
    before = [number(line.treated_before) for line in analysis.balance.covariates if line.level]
    left_out = [number(line.left_out) for line in analysis.profile]
    assert denominators(before, range(630, 650)) == []
    assert denominators(left_out, range(390, 410)) == []


def test_shares_of_the_pool_do_not_bring_back_its_hidden_size() -> None:
    findings = make_findings(pool=403, comparison_share=0.99)
    analysis = analysis_of(findings)
    assert analysis.balance is not None and isinstance(analysis.people.pool, Suppressed)
    exact = [number(line.pool_before) for line in analysis.balance.covariates if line.level]
    assert 403 not in denominators(exact, range(397, 410))
    spreads = [  # of levels whose treated share and standardised difference are shown
        number(line.treated_before) - number(line.smd_before) * math.sqrt(p * (1 - p))
        for line in analysis.balance.covariates
        if line.level and not math.isnan(p := number(line.treated_before))
    ]
    assert 403 not in denominators(spreads, range(397, 410))
    assert 403 not in denominators([entry.pool for entry in analysis.overlap], range(397, 410))


@pytest.mark.parametrize("left_out", [12, 40])
def test_the_unadjusted_difference_does_not_count_events_among_those_left_out(left_out: int) -> None:
    """a/N - b/M at ten digits, N and M known, names a: the events of all treated, so of those left out."""
    findings = make_findings(left_out=left_out)
    analysis = analysis_of(findings)
    rate = next(item for item in analysis.outcomes if item.measure == "rate")
    assert rate.unadjusted is not None
    people, pool = 240 + left_out, 4000
    solved = [
        a
        for a in range(people + 1)
        if abs((x := (a / people - number(rate.unadjusted.estimate)) * pool) - round(x)) < 1e-5 and 0 <= x <= pool
    ]
    assert len(solved) != 1
    assert isinstance(rate.unadjusted.se, Suppressed) and number(rate.unadjusted.p) == float(f"{number(rate.unadjusted.p):.2g}")


def test_survival_curves_do_not_count_the_deaths() -> None:
    """Between two days the curve falls by events/at risk; one person censored on the way shows in the fifth decimal."""
    findings = make_findings()
    (found,) = findings.analyses
    assert found.survival is not None
    exact = found.survival.treated
    dead = exact.surviving * np.where(exact.days > 0, 1 - 0.3 / 240, 1.0)  # one death before day 30, in effect
    curve = replace(exact, surviving=dead, low=dead * 0.98, high=np.minimum(1, dead * 1.01))
    findings = replace(findings, analyses=(replace(found, survival=replace(found.survival, treated=curve)),))
    one, other = analysis_of(findings).survival, analysis_of(make_findings()).survival
    assert one is not None and other is not None
    same = [a.treated == b.treated for a, b in zip(one.points, other.points, strict=True)]
    assert sum(same) >= 0.8 * len(same)
    for point in one.points:
        for value in (point.treated, point.treated_low, point.treated_high):
            people = number(value) * 240 / 5
            assert people == pytest.approx(round(people)) or value in (pytest.approx(2.5 / 240), pytest.approx(1 - 2.5 / 240))
    for _, share, _ in one.landmarks:
        if not isinstance(share, Suppressed):
            assert number(share) * 48 == pytest.approx(round(number(share) * 48))


def test_a_number_that_few_people_hold_is_hidden_whatever_its_total() -> None:
    """112 days of a benefit, of which one person has 90: mean and spread tell that (two largest under 90 %, cells of 10)."""
    values = np.zeros(254)
    values[:3] = (90.0, 14.0, 8.0)
    analysis = analysis_of(with_number(make_findings(), "benefit_days", values, 0.6, 0.5))
    line = line_of(analysis, "benefit_days")
    assert {type(value) for value in (line.treated, line.smd, line.smd_before, line.variance_ratio)} == {Suppressed}
    assert line.band in ("<=5", "<=10", ">10")


def test_the_edges_of_the_score_do_not_give_its_smallest_and_largest_value() -> None:
    """Bins are evenly spaced: two exact inner edges would give both ends."""
    findings = make_findings()
    overlap = findings.analyses[0].overlap
    assert overlap is not None
    low, step = overlap.edges[0], overlap.edges[1] - overlap.edges[0]
    inner = [entry.high for entry in analysis_of(findings).overlap[:-1]]
    assert len(inner) == len(set(inner)) >= 3
    offs = [abs((edge - low) / step - round((edge - low) / step)) for edge in inner]
    assert max(offs) > 1e-3


def test_a_hidden_size_does_not_come_back_from_what_depends_on_the_spread() -> None:
    findings = make_findings()
    (found,) = findings.analyses
    changed = tuple(
        replace(o, n_treated=83, people_needed=2598.0, smallest_effect=0.09822368184) if o.measure.name == "custody_rate" else o
        for o in found.outcomes
    )
    analysis = analysis_of(replace(findings, analyses=(replace(found, outcomes=changed),)))
    custody = next(item for item in analysis.outcomes if item.measure == "custody_rate")
    assert isinstance(custody.n_treated, Suppressed) and custody.effect is not None
    assert (custody.people_needed, custody.smallest_effect) == (2600.0, 0.098)
    for p in (custody.effect.p, custody.effect.p_holm):
        assert number(p) == float(f"{number(p):.2g}")


def test_a_rounded_p_value_keeps_its_side_of_5_percent() -> None:
    findings = make_findings()
    (found,) = findings.analyses
    for exact in (0.0496, 0.0504, 0.04999, 0.050001):
        changed = tuple(
            replace(o, n_treated=236, effect=replace(o.effect, p=exact)) if o.measure.name == "frequency" and o.effect else o
            for o in found.outcomes
        )
        analysis = analysis_of(replace(findings, analyses=(replace(found, outcomes=changed),)))
        effect = next(item for item in analysis.outcomes if item.measure == "frequency").effect
        assert effect is not None and (number(effect.p) < 0.05) == (exact < 0.05)


@pytest.mark.parametrize("estimate", [0.4, -0.7])
def test_an_adjusted_rate_outside_0_to_1_shows_its_direction_only(estimate: float) -> None:
    findings = make_findings()
    (found,) = findings.analyses
    rate = found.outcomes[0]
    assert rate.effect is not None
    effect = replace(rate.effect, estimate=estimate, low=estimate - 0.1, high=estimate + 0.1)
    moved = replace(rate, effect=effect, comparison=rate.treated - estimate)
    analysis = analysis_of(replace(findings, analyses=(replace(found, outcomes=(moved, *found.outcomes[1:])),)))
    assert isinstance(analysis.outcomes[0].comparison, Suppressed)


@pytest.mark.parametrize(("name", "few"), [("caliper_010", -3), ("links_strict", -3), ("links_lax", 3)])
def test_other_designs_do_not_count_the_events_of_the_few_that_they_leave_out_or_add(name: str, few: int) -> None:
    """The attack: another design is taken to keep the comparison rate, so its exact difference gives a rate of the treated
    whose numerator and denominator tell how many of the three people left out (or taken in by doubtful links) had the event.
    Rounded, many pairs fit."""
    findings = make_findings()
    (found,) = findings.analyses
    result = found.outcomes[0]
    line = replace(next(line for line in found.sensitivity if line.name == "caliper_010"), name=name)
    assert line.counted is not None and line.effect is not None and result.effect is not None
    events, n = round(result.treated * result.n_treated), result.n_treated
    sign, left = few // abs(few), n + few
    exact = (events + sign) / left - result.comparison
    effect = replace(line.effect, estimate=exact, low=exact - 0.08, high=exact + 0.08)
    moved = replace(line, part=found_part(name), effect=effect, counted=replace(line.counted, n_treated=left))
    lines = (*(one for one in found.sensitivity if one.name != name), moved)
    analysis = analysis_of(replace(findings, analyses=(replace(found, sensitivity=lines),)))
    (outcome,) = (one for one in analysis.outcomes if one.measure == "rate")
    released = next(one for one in analysis.sensitivity if one.name == name and one.measure == "rate")
    assert released.effect is not None

    def solutions(difference: float, tolerance: float) -> set[tuple[int, int]]:
        rate = number(outcome.comparison) + difference
        pairs = ((events + sign * a, n + sign * b) for b in range(1, 10) for a in range(10))
        return {(a, b) for a, b in pairs if abs(a / b - rate) <= tolerance}

    assert solutions(exact, 1e-9) == {(events + sign, left)}
    assert len(solutions(number(released.effect.estimate), 0.005)) >= 10
    assert isinstance(released.effect.se, Suppressed)


def found_part(name: str) -> SensitivityPart:
    return "linkage" if name.startswith("links_") else "design"


def test_sensitivity_lines_do_not_bring_back_a_suppressed_rate() -> None:
    """Three of 240 had the event: direction only. Robustness, E-value and weights are functions of the very rate that is
    hidden (E-value and difference give both rates), and so are the pairs of miss rates."""
    findings = make_findings(rate=3 / 240, effect=-0.1)
    (found,) = findings.analyses
    assert {line.name for line in found.sensitivity} >= {"e_value", "missed_links", "false_links", "links_strict"}
    analysis = analysis_of(findings)
    assert isinstance(analysis.outcomes[0].treated, Suppressed)
    assert not [line for line in analysis.sensitivity if line.measure == "rate"]
