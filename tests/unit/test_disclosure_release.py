"""Whole releases: what `control` lets out of made-up findings, what `own_data` keeps, and what is refused."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pytest
from tests.findings_factory import Made, make_analysis, make_findings

from datalab.disclosure import Thresholds, control, load_thresholds, own_data
from datalab.disclosure.results import Releasable, ReleasedAnalysis, ReleasedOutcome, Suppressed
from datalab.disclosure.thresholds import require_floor
from datalab.effects.results import HazardRatio, OutcomeResult, ProfileLine
from datalab.errors import InternalError, UsageError
from datalab.fields.justice.measures import BY_NAME
from datalab.table import Measure
from datalab.wording import say
from datalab.wording.render import words

HIDDEN = Suppressed("c")


def only(releasable: Releasable) -> ReleasedAnalysis:
    (analysis,) = releasable.release.analyses
    return analysis


def outcome(releasable: Releasable, name: str) -> ReleasedOutcome:
    return next(item for item in only(releasable).outcomes if item.measure == name)


def with_outcome(name: str, **changes: object):
    """Findings whose outcome of this name is changed."""
    findings = make_findings()
    (analysis,) = findings.analyses
    changed = tuple(replace(o, **changes) if o.measure.name == name else o for o in analysis.outcomes)
    return replace(findings, analyses=(replace(analysis, outcomes=changed),))


def test_a_large_study_keeps_its_group_sizes_and_headline() -> None:
    findings = make_findings()
    releasable = control(findings)
    people = only(releasable).people
    assert (people.treated, people.matched, people.pool, people.comparison) == (254, 240, 4000, 2800)
    rate, raw = outcome(releasable, "rate"), findings.analyses[0].outcomes[0]
    assert (rate.n_treated, rate.treated, rate.comparison) == (240, raw.treated, raw.comparison)
    assert rate.treated - rate.comparison == pytest.approx(rate.effect.estimate)
    assert releasable.release.verdict == raw.verdict
    assert releasable.release.status == "released"
    assert releasable.release.symbols["c"]


def test_attrition_linkage_and_awaiting_review_hide_small_counts() -> None:
    release = control(make_findings()).release
    assert [step.lost for step in release.attrition] == [0, 12, 35, 24, 20, 14]
    linked = next(step for step in release.attrition if step.step == "linked")
    assert release.linkage.linked_share == linked.n / release.attrition[0].n
    assert release.linkage.awaiting_review == HIDDEN
    # 329 people are behind the groups, 333 are printed in the ladder: 4 would show.
    assert all(group.submitted == HIDDEN for group in release.linkage.groups)


def test_linkage_by_group_shows_sizes_that_match_the_ladder() -> None:
    steps = (("submitted", "submitted", 0), ("linked", "not_linked", 60), ("eligible", "not_eligible", 15))
    release = control(make_findings(steps=steps)).release
    sex = [group for group in release.linkage.groups if group.characteristic == "sex"]
    assert sum(group.submitted for group in sex) == release.attrition[0].n
    hidden = [group.linked_share for group in release.linkage.groups if isinstance(group.linked_share, Suppressed)]
    assert len(hidden) != 1


def test_a_level_with_few_people_keeps_only_its_bands() -> None:
    lines = [line for line in only(control(make_findings())).balance.covariates if line.name == "offence_group"]
    closed = [line for line in lines if line.treated == HIDDEN]
    assert len(closed) >= 2
    for line in closed:
        values = (line.treated_before, line.pool_before, line.comparison, line.smd_before, line.smd, line.variance_ratio)
        assert set(values) == {HIDDEN}
        # Before matching even the bands would tell how the few are spread over the levels; after it they do not.
        assert (line.band_before, line.band) == ("[c]", "<=5")


def test_a_few_people_left_out_hide_all_treated_but_not_the_love_plot() -> None:
    releasable = control(make_findings(left_out=5))
    analysis = only(releasable)
    assert analysis.people.treated == HIDDEN
    assert analysis.balance.overlap_share == HIDDEN
    assert analysis.profile == ()
    age = next(line for line in analysis.balance.covariates if line.name == "age")
    assert age.treated_before == HIDDEN
    sd = make_findings(left_out=5).analyses[0].balance.covariates[-3].sd
    assert age.smd_before == round((age.treated - age.pool_before) / sd, 2)
    assert "disclosure.notes.before_from_analysed" in analysis.warnings
    assert releasable.release.attrition[-1].lost == 15 + 5 + 3 + 2


def test_the_gates_reasons_carry_no_difference_that_is_hidden() -> None:
    hidden = only(control(make_findings(passed=False))).balance
    assert hidden.reasons[0].startswith("The two groups differ too much")
    findings = make_findings(passed=False, left_out=0, categorical=())
    assert only(control(findings)).balance.reasons == findings.analyses[0].balance.reasons
    far = make_findings(passed=False)
    lines = tuple(replace(line, smd=0.4) if line.covariate == "age" else line for line in far.analyses[0].balance.covariates)
    far = replace(far, analyses=(replace(far.analyses[0], balance=replace(far.analyses[0].balance, covariates=lines)),))
    assert only(control(far)).balance.worst == ("Age in years",)
    assert "Age in years" in only(control(far)).balance.reasons[0]


def test_every_sentence_named_in_a_release_can_be_said() -> None:
    for section in ("withheld", "notes", "attrition"):
        assert all(say(f"disclosure.{section}.{name}") for name in words("disclosure")[section])


def test_lines_that_cannot_be_shown_in_any_way() -> None:
    alike = (("kind", "Kind", "f", ("only",), (1.0,)), *Made().categorical[:1])
    line = only(control(make_findings(categorical=alike))).balance.covariates[0]
    assert (line.treated, line.band) == (HIDDEN, "[z]")
    constant = (("year", "Year", "f", 2012.0, 0.0),)
    line = only(control(make_findings(left_out=5, numeric=constant))).balance.covariates[-1]
    assert (line.treated_before, line.smd) == (HIDDEN, Suppressed("z"))
    findings = make_findings(overlap=False)
    balance = replace(findings.analyses[0].balance, overlap_share=float("nan"))
    findings = replace(findings, analyses=(replace(findings.analyses[0], balance=balance),))
    assert only(control(findings)).balance.overlap_share == Suppressed("z")


def test_small_comparison_groups_and_characteristics_that_say_nothing() -> None:
    assert only(control(make_findings(pool=9))).people.effective_pool == HIDDEN
    findings = make_findings()
    groups = tuple(replace(group, submitted=4, linked=3) for group in findings.linkage.groups)
    findings = replace(findings, linkage=replace(findings.linkage, groups=groups))
    assert control(findings).release.linkage.groups == ()


def test_with_nobody_left_out_before_is_shown() -> None:
    analysis = only(control(make_findings(left_out=0)))
    assert analysis.people.treated == analysis.people.matched == 240
    assert all(line.treated_before == line.treated for line in analysis.balance.covariates)


def test_many_left_out_show_a_profile() -> None:
    findings = make_findings(left_out=400, numeric=(*Made().numeric, ("constant", "Constant", "f", 1.0, 0.0)))
    profile = only(control(findings)).profile
    shares = [line.left_out for line in profile if line.label == "Region"]
    assert sum(shares) == pytest.approx(1)
    assert next(line for line in profile if line.label == "Constant").left_out == HIDDEN


def test_a_rate_of_too_few_shows_direction_and_a_rounded_interval_only() -> None:
    releasable = control(make_findings(rate=4 / 240, effect=-0.2))
    rate = outcome(releasable, "rate")
    assert {rate.treated, rate.comparison, rate.comparison_plain, rate.effective_comparison} == {HIDDEN}
    assert {rate.effect.estimate, rate.effect.se, rate.effect.p} == {HIDDEN}
    assert rate.effect.low * 20 == pytest.approx(round(rate.effect.low * 20))
    assert (rate.verdict, releasable.release.verdict) == ("lower", "lower")
    assert rate.classic is None and rate.unadjusted is None
    assert only(releasable).survival is None


def test_withheld_outcomes_show_no_number() -> None:
    frequency = outcome(control(make_findings(rate=4 / 240)), "frequency")
    assert (frequency.status, frequency.reason) == ("withheld", "disclosure.withheld.few_people")
    assert isinstance(frequency.treated, Suppressed) and frequency.effect is None and frequency.verdict == "withheld"


def test_a_size_a_few_people_from_another_is_hidden_and_its_values_rounded() -> None:
    found = outcome(control(with_outcome("frequency", n_treated=236)), "frequency")
    assert (found.n_treated, found.n_comparison) == (HIDDEN, HIDDEN)
    assert found.treated == float(f"{found.treated:.2g}")
    assert found.comparison == pytest.approx(found.treated - found.effect.estimate)
    assert "disclosure.notes.size_hidden" in found.notes
    among = outcome(control(with_outcome("custody_rate", n_treated=83)), "custody_rate")
    assert among.n_treated == HIDDEN and round(among.treated, 2) == among.treated
    pool = outcome(control(with_outcome("rate", n_comparison=2795)), "rate")
    assert pool.n_comparison == HIDDEN


def test_a_measure_among_nearly_everyone_hides_how_many_are_not() -> None:
    found = outcome(control(with_outcome("days_to_first", n_treated=237)), "days_to_first")
    assert found.n_treated == HIDDEN


def test_a_subgroup_leaves_out_as_many_as_the_whole_rate_may_show() -> None:
    releasable = control(make_findings(seed=0, matched=80, left_out=2, pool=1000, rate=75 / 80, effect=0.2))
    assert outcome(releasable, "rate").n_treated - outcome(releasable, "days_to_first").n_treated == 5


def test_rounding_never_moves_an_interval_onto_zero() -> None:
    findings = with_outcome("frequency", n_treated=236)
    effect = replace(findings.analyses[0].outcomes[1].effect, low=-0.5, high=-0.0004)
    found = outcome(control(with_outcome("frequency", n_treated=236, effect=effect)), "frequency")
    assert found.effect.high < 0


def test_people_needed_without_end_says_what_would_help() -> None:
    found = outcome(control(with_outcome("rate", people_needed=float("inf"))), "rate")
    assert found.people_needed == Suppressed("x")
    assert "disclosure.notes.more_comparison_needed" in found.notes


def test_survival_steps_and_numbers_at_risk_are_coarse() -> None:
    survival = only(control(make_findings())).survival
    shares = [1.0, *(point.treated for point in survival.points)]
    assert all((one - other) * 240 >= 9.5 for one, other in itertools.pairwise(shares))
    assert all(point.treated_at_risk % 10 == 0 for point in survival.points)
    days = {point.day for point in survival.points}
    assert all((a != HIDDEN) == (day in days) for day, a, _ in survival.landmarks)


def test_survival_without_enough_events_is_left_out() -> None:
    assert only(control(make_findings(rate=8 / 240))).survival is None


def test_the_hazard_ratio_goes_with_the_curves() -> None:
    findings = make_findings()
    survival = replace(findings.analyses[0].survival, hazard_ratio=HazardRatio(0.8, 0.6, 1.1, 0.15, 0.2))
    findings = replace(findings, analyses=(replace(findings.analyses[0], survival=survival),))
    assert only(control(findings)).survival.hazard_ratio == (0.8, 0.6, 1.1)
    assert only(own_data(findings)).survival.hazard_ratio == (0.8, 0.6, 1.1)


def test_overlap_bins_hold_enough_people_and_no_extreme_score() -> None:
    findings = make_findings()
    bins = only(control(findings)).overlap
    assert len(bins) > 3
    assert all(entry.treated * 254 >= 7 and entry.pool * 4000 >= 9.99 for entry in bins)
    assert bins[0].low == int(bins[0].low) and bins[0].low <= findings.analyses[0].overlap.edges[0]
    assert only(control(make_findings(overlap=False))).overlap == ()


@pytest.mark.parametrize("profile", ["default", "strict"])
def test_a_failed_balance_shows_no_outcome(profile: str) -> None:
    for findings in (make_findings(passed=False), make_findings(passed=False, research=True), make_findings(research=True)):
        releasable = control(findings, profile)
        assert (releasable.release.status, releasable.release.verdict) == ("balance_failed", "withheld")
        assert only(releasable).outcomes == () and only(releasable).survival is None
        assert only(releasable).balance is not None


def test_too_few_people_show_no_result_at_all() -> None:
    for findings in (make_findings(status="too_few", matched=20), make_findings(matched=29)):
        analysis = only(control(findings))
        assert (analysis.status, analysis.reason) == ("too_few", "disclosure.withheld.too_few_treated")
        assert (analysis.balance, analysis.outcomes, analysis.overlap, analysis.profile) == (None, (), (), ())
    small = only(control(make_findings(status="too_few", matched=40)))
    assert (small.status, small.reason) == ("too_few", "effects.withheld.too_few_treated")
    assert only(control(make_findings(matched=7, left_out=0))).people.matched == HIDDEN


def test_a_small_pool_shows_no_result() -> None:
    findings = make_findings()
    people = replace(findings.analyses[0].people, comparison=25)
    analysis = only(control(replace(findings, analyses=(replace(findings.analyses[0], people=people),))))
    assert analysis.reason == "disclosure.withheld.too_few_comparison"


def test_small_groups_are_marked() -> None:
    assert only(control(make_findings(matched=59))).small_group
    assert not only(control(make_findings(matched=60))).small_group


def test_an_analysis_of_nearly_the_same_people_is_withheld() -> None:
    findings = make_findings()
    twin = make_analysis("completers", Made(seed=2, matched=235))
    apart = make_analysis("site_a", Made(seed=3, matched=120))
    release = control(replace(findings, analyses=(twin, *findings.analyses, apart))).release
    assert [analysis.name for analysis in release.analyses] == ["completers", "everyone", "site_a"]
    assert release.analyses[0].reason == "disclosure.withheld.close_analysis"
    assert release.analyses[0].people.matched == HIDDEN
    assert release.analyses[1].outcomes and release.analyses[2].outcomes


def test_the_strict_profile_rounds_to_5_and_totals_add_up() -> None:
    release = control(make_findings(matched=243, left_out=17), "strict").release
    steps = release.attrition
    assert all(step.n % 5 == 0 and step.lost % 5 == 0 for step in steps)
    assert all(one.n == other.n + other.lost for one, other in itertools.pairwise(steps))
    analysis = release.analyses[0]
    assert (analysis.people.matched, analysis.people.treated) == (245, 260)
    rate = analysis.outcomes[0]
    assert (rate.treated * 245) % 5 == pytest.approx(0, abs=1e-6)
    assert rate.treated - rate.comparison == pytest.approx(rate.effect.estimate)
    region = [line for line in analysis.balance.covariates if line.name == "region"]
    assert all(min((line.treated * 245) % 5, 5 - (line.treated * 245) % 5) < 1e-6 for line in region)


def test_the_strict_profile_works_on_what_is_hidden_and_on_no_linkage() -> None:
    release = control(make_findings(left_out=5, steps=(("submitted", "submitted", 0),), linkage=False), "strict").release
    assert release.attrition[0].n == HIDDEN and release.attrition[0].percent == HIDDEN
    assert control(replace(make_findings(), attrition=()), "strict").release.attrition == ()


def test_own_data_keeps_every_number() -> None:
    findings = make_findings(kind="evaluate", matched=20, left_out=3, rate=0.1)
    releasable = own_data(findings)
    assert releasable.release.status == "own_data"
    assert only(releasable).people.treated == 23
    assert all(isinstance(line.treated, float) for line in only(releasable).balance.covariates)
    assert outcome(releasable, "rate").treated == findings.analyses[0].outcomes[0].treated
    assert len(only(releasable).survival.points) == 365


def test_own_data_of_a_failed_balance_has_no_verdict() -> None:
    releasable = own_data(make_findings(kind="evaluate", passed=False, research=True))
    assert (releasable.release.status, releasable.release.verdict) == ("balance_failed", "withheld")
    assert {item.verdict for item in only(releasable).outcomes} == {"withheld"}
    assert only(releasable).outcomes[0].effect is not None
    assert own_data(make_findings(kind="evaluate", passed=False)).release.status == "balance_failed"


def test_own_data_of_a_run_keeps_linkage() -> None:
    assert own_data(make_findings()).release.linkage.awaiting_review == 6


@dataclass(frozen=True)
class LongerProfileLine(ProfileLine):
    smallest: float = 0.0


def test_what_no_rule_was_written_for_is_refused() -> None:
    findings = make_findings()
    (analysis,) = findings.analyses
    line = analysis.profile[0]
    longer = LongerProfileLine(*(getattr(line, name) for name in line.__dataclass_fields__))
    wrong = [
        replace(findings, kind="portal"),
        replace(findings, analyses=(replace(analysis, status="fine"),)),
        replace(findings, analyses=(replace(analysis, profile=(longer,)),)),
        with_outcome("rate", measure=Measure("odds", "odds", "Odds")),
        with_outcome("rate", verdict="good"),
        with_outcome("rate", effect=None),
        replace(findings, headline_analysis="nobody"),
    ]
    low = with_outcome("rate", treated_events=2, effect=None)
    for item in [*wrong[:5], wrong[6], low]:
        with pytest.raises(InternalError):
            control(item)
        if item is not low:
            with pytest.raises(InternalError):
                own_data(item)


def test_a_new_field_upstream_needs_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from datalab.disclosure import domain

    monkeypatch.setitem(domain._FIELDS, OutcomeResult, "measure status")
    with pytest.raises(InternalError, match=r"no rule for OutcomeResult\."):
        control(make_findings())


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError):
        control(make_findings(), "relaxed")


def test_thresholds_may_be_tightened_not_loosened() -> None:
    limits = load_thresholds()
    assert (limits.treated_minimum, limits.cell_minimum, limits.width, limits.base) == (30, 10, 5, 5)
    assert only(control(make_findings(matched=80), thresholds=replace(limits, treated_minimum=100))).outcomes == ()
    for looser in ({"cell_minimum": 9}, {"dominance_maximum": 0.95}, {"treated_minimum": float("nan")}):
        with pytest.raises(UsageError):
            control(make_findings(), thresholds=replace(limits, **looser))
    assert require_floor(Thresholds("mine", cell_minimum=15)).cell_minimum == 15


def test_a_thresholds_file_is_read_with_all_its_faults() -> None:
    from importlib import resources

    text = resources.files("datalab.disclosure").joinpath("thresholds.toml").read_text(encoding="utf-8")
    assert load_thresholds(text.replace("cell_minimum = 10", "cell_minimum = 12")).cell_minimum == 12
    broken = text.replace("cell_minimum = 10", "cell_minimum = 5").replace("dominance_maximum = 0.90", "dominance_maximum = 0.99")
    broken = broken.replace("width = 5", "breadth = 5").replace("base = 5", 'base = "five"', 1)
    with pytest.raises(UsageError) as error:
        load_thresholds(broken)
    assert len(error.value.faults) == 5
    assert "cell_minimum must be a whole number of at least 10" in "\n".join(error.value.faults)
    for bad in ("not = = toml", "[groups]\n", 'version = "1"\ncells = 3\n[more]\n'):
        with pytest.raises(UsageError):
            load_thresholds(bad)


def test_measures_of_the_field_are_all_known() -> None:
    names = {item.measure for item in only(control(make_findings())).outcomes}
    assert names == set(BY_NAME)
