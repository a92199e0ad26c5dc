"""The sensitivity family under disclosure control: beside what is shown alone, rounded, and behind each estimate's own rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.findings_factory import CONTROL, make_findings

from datalab.disclosure import control, load_thresholds, own_data, require_safe_release
from datalab.disclosure.results import ReleasedAnalysis, ReleasedSensitivity, Suppressed
from datalab.effects.results import Findings, SensitivityLine
from datalab.errors import InternalError

HIDDEN = Suppressed("c")


def analysis_of(findings: Findings, profile: str = "default") -> ReleasedAnalysis:
    (analysis,) = control(findings, profile).release.analyses
    return analysis


def line_of(analysis: ReleasedAnalysis, name: str, measure: str = "rate") -> ReleasedSensitivity:
    return next(line for line in analysis.sensitivity if (line.name, line.measure) == (name, measure))


def with_lines(findings: Findings, change) -> Findings:
    (analysis,) = findings.analyses
    changed = tuple(change(line) for line in analysis.sensitivity)
    return replace(findings, analyses=(replace(analysis, sensitivity=changed),))


def raw(findings: Findings, name: str) -> SensitivityLine:
    return next(line for line in findings.analyses[0].sensitivity if line.name == name)


def test_own_data_keeps_every_figure() -> None:
    findings = make_findings(kind="evaluate")
    (analysis,) = own_data(findings).release.analyses
    line, source = line_of(analysis, "caliper_010"), raw(findings, "caliper_010")
    assert line.effect is not None and source.effect is not None
    assert (line.effect.estimate, line.effect.se) == (source.effect.estimate, source.effect.se)
    assert len(analysis.sensitivity) == len(findings.analyses[0].sensitivity)
    assert line_of(analysis, "benchmark").subject == "Age in years"


def test_estimates_are_rounded_to_points_and_keep_their_side_of_zero() -> None:
    findings = make_findings()
    line, source = line_of(analysis_of(findings), "caliper_010"), raw(findings, "caliper_010")
    assert line.effect is not None and source.effect is not None
    assert line.effect.estimate == round(source.effect.estimate, 2) != source.effect.estimate
    assert line.effect.se == HIDDEN
    assert (line.effect.high < 0) == (source.effect.high < 0)
    control_line = line_of(analysis_of(findings), "negative_control", CONTROL.name)
    assert control_line.effect is not None and control_line.effect.estimate == 0.0


def test_the_classic_line_is_the_outcome_s_own_classic_figure() -> None:
    analysis = analysis_of(make_findings())
    outcome = next(outcome for outcome in analysis.outcomes if outcome.measure == "rate")
    assert line_of(analysis, "classic").effect == outcome.classic


def test_lines_without_an_estimate_are_named_with_their_reason() -> None:
    analysis = analysis_of(make_findings())
    assert line_of(analysis, "caliper_005").status == "not_balanced"
    assert line_of(analysis, "entropy").reason == "sensitivity.reasons.unmatched"
    assert all(line_of(analysis, name).effect is None for name in ("caliper_005", "entropy"))


@pytest.mark.parametrize("rate", [0.013, 0.0])  # 3 of 240 with the event: direction only; none: as well
def test_an_outcome_not_shown_in_full_takes_its_lines_with_it(rate: float) -> None:
    findings = make_findings(rate=rate, effect=-0.1)
    analysis = analysis_of(findings)
    assert isinstance(analysis.outcomes[0].treated, Suppressed)
    assert "rate" not in {line.measure for line in analysis.sensitivity}
    assert raw(findings, "caliper_010").effect is not None
    (decision,) = [d for d in control(findings).decisions if d.rule == "sensitivity" and d.subject == "everyone/rate"]
    assert decision.outcome == "fail"


def test_nothing_is_left_of_an_analysis_that_is_not_shown() -> None:
    findings = make_findings(matched=25, left_out=14)
    assert findings.analyses[0].sensitivity
    assert analysis_of(findings).sensitivity == ()
    assert analysis_of(make_findings(passed=False)).sensitivity == ()


def test_an_estimate_behind_few_people_is_withheld_by_its_own_rules() -> None:
    def few(line: SensitivityLine) -> SensitivityLine:
        return line if line.counted is None else replace(line, counted=replace(line.counted, n_treated=29), warns=True)

    analysis = analysis_of(with_lines(make_findings(), few))
    for name, measure in (("caliper_010", "rate"), ("negative_control", CONTROL.name)):
        line = line_of(analysis, name, measure)
        assert (line.status, line.effect, line.warns) == ("withheld", None, False)
        assert line.reason == "disclosure.withheld.too_few_treated"


def test_a_control_with_few_events_shows_nothing() -> None:
    def rare(line: SensitivityLine) -> SensitivityLine:
        return (
            line
            if line.part != "control" or line.counted is None
            else replace(line, counted=replace(line.counted, treated_events=4))
        )

    assert line_of(analysis_of(with_lines(make_findings(), rare)), "negative_control", CONTROL.name).status == "withheld"


def test_a_few_people_fewer_in_a_small_group_are_hidden_by_steps_of_five_points() -> None:
    analysis = analysis_of(make_findings(matched=60, left_out=14, pool=900))
    line = line_of(analysis, "caliper_010")
    assert line.effect is not None
    for value in (line.effect.estimate, line.effect.low, line.effect.high):
        assert value == pytest.approx(0.05 * round(value / 0.05))
    assert line.effect.p == HIDDEN


@pytest.mark.parametrize("name", ["caliper_010", "links_strict"])
@pytest.mark.parametrize("moved", [-3, 3])
def test_links_at_another_threshold_are_as_coarse_as_any_other_design(name: str, moved: int) -> None:
    """A few people more or fewer: by whole points, in a small group by steps of five, whatever the line."""

    def people(line: SensitivityLine) -> SensitivityLine:
        own = line.counted
        return line if own is None else replace(line, counted=replace(own, n_treated=own.n_treated + 3 + moved))

    for matched, step in ((240, 0.01), (60, 0.05)):
        line = line_of(analysis_of(with_lines(make_findings(matched=matched, left_out=14, pool=900), people)), name)
        assert line.effect is not None
        for value in (line.effect.estimate, line.effect.low, line.effect.high):
            assert value == pytest.approx(step * round(value / step))
        assert line.effect.se == HIDDEN
        assert (line.effect.p == HIDDEN) == (step == 0.05)


def test_links_at_another_threshold_pass_the_rules_of_an_outcome() -> None:
    def rare(line: SensitivityLine) -> SensitivityLine:
        is_strict = line.name == "links_strict" and line.counted is not None
        return replace(line, counted=replace(line.counted, treated_events=4)) if is_strict else line

    line = line_of(analysis_of(with_lines(make_findings(), rare)), "links_strict")
    assert (line.status, line.effect, line.figures) == ("withheld", None, ())
    same = line_of(analysis_of(make_findings()), "links_lax")
    assert (same.status, same.effect, same.figures) == ("same_people", None, ())


def test_a_benchmark_on_a_covariate_with_hidden_levels_has_no_figures() -> None:
    """Arson has too few people: the offence group's line is named, and tells nothing."""
    findings = make_findings()
    analysis = analysis_of(findings)
    hidden = {line.name for line in analysis.balance.covariates if line.treated == HIDDEN}
    found = {line.subject: dict(line.figures)["times"] for line in analysis.sensitivity if line.name == "benchmark"}
    assert "offence_group" in hidden
    assert found["Index offence group"] == HIDDEN
    assert found["Age in years"] == 1.8


def test_the_strict_profile_is_coarser() -> None:
    analysis = analysis_of(make_findings(), "strict")
    figures = dict(line_of(analysis, "benchmark").figures)
    assert figures["times"] == 2.0
    assert dict(line_of(analysis, "robustness").figures)["robustness"] == 0.07
    assert all(line.effect is None or line.effect.ratio == HIDDEN for line in analysis.sensitivity)


def test_a_figure_that_no_rule_was_written_for_is_refused() -> None:
    def odd(line: SensitivityLine) -> SensitivityLine:
        return replace(line, figures=(("events_of_seven_people", 7.0),)) if line.name == "robustness" else line

    with pytest.raises(InternalError, match="no rule for a figure"):
        control(with_lines(make_findings(), odd))


def test_the_last_gate_refuses_lines_as_found_and_lines_without_an_outcome() -> None:
    release = control(make_findings()).release
    (analysis,) = release.analyses
    raw_line = replace(line_of(analysis, "caliper_010"), effect=analysis.outcomes[0].effect)
    bare = tuple(outcome for outcome in analysis.outcomes if outcome.measure != "rate")
    broken = (
        replace(analysis, sensitivity=(raw_line,)),
        replace(analysis, outcomes=bare),
        replace(analysis, sensitivity=(replace(line_of(analysis, "robustness"), status="withheld"),)),
    )
    for changed in broken:
        with pytest.raises(InternalError, match="last gate"):
            require_safe_release(replace(release, analyses=(changed,)), load_thresholds())
