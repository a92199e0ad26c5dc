"""Records of releases and of published rows, graded and put together."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import seal

from datalab.disclosure import control, own_data
from datalab.disclosure.results import Suppressed
from datalab.errors import InputError, UsageError
from datalab.evidence import (
    RULES,
    EffectSize,
    compare_kinds,
    explain,
    from_printed_rates,
    grade_strength,
    leave_one_out,
    read_published,
    record_release,
    synthesise,
)
from datalab.wording import say


@pytest.fixture(scope="module")
def released():
    return control(make_findings())


@pytest.fixture(scope="module")
def published():
    return {record.id: record for record in read_published()}


def by_outcome(records):
    return {record.outcome: record for record in records}


def test_a_release_leaves_a_record_an_outcome_with_its_released_figures(released) -> None:
    records = record_release(released, organisation="Example Trust")
    analysis = released.release.analyses[0]
    assert [record.outcome for record in records] == [outcome.measure for outcome in analysis.outcomes]
    rate, shown = records[0], analysis.outcomes[0]
    assert rate.on("risk_difference") == EffectSize("risk_difference", shown.effect.estimate, shown.effect.se)
    assert (rate.low, rate.high, rate.verdict) == (shown.effect.low, shown.effect.high, shown.verdict)
    assert (rate.origin, rate.study, rate.role, rate.se_from) == ("demo", "example-workshop-2012", "headline", "released")
    odds = rate.on("log_odds_ratio")
    assert odds is not None
    assert odds.estimate == pytest.approx(
        math.log(shown.treated / (1 - shown.treated) * (1 - shown.comparison) / shown.comparison)
    )


def test_a_count_has_its_ratio_and_its_difference(released) -> None:
    record = by_outcome(record_release(released))["frequency"]
    shown = next(o.effect for o in released.release.analyses[0].outcomes if o.measure == "frequency")
    ratio = record.on("log_rate_ratio")
    assert ratio is not None
    assert ratio.estimate == pytest.approx(math.log(shown.ratio))
    assert ratio.se == pytest.approx(math.log(shown.ratio_high / shown.ratio_low) / 3.919928, rel=1e-6)
    assert record.on("mean_difference") == EffectSize("mean_difference", shown.estimate, shown.se)
    assert record.on("hedges_g") is None


def test_what_was_suppressed_is_not_in_the_record_and_only_the_verdict_stays(released) -> None:
    hidden = Suppressed()
    analysis = released.release.analyses[0]
    rate = analysis.outcomes[0]
    for gone in ("estimate", "se"):
        outcome = replace(rate, effect=replace(rate.effect, **{gone: hidden}), treated=hidden, n_treated=hidden)
        changed = replace(released.release, analyses=(replace(analysis, outcomes=(outcome,)),))
        record = record_release(seal(changed))[0]
        assert (record.effects, record.treated, record.n_treated) == ((), None, None)
        assert (record.verdict, record.reason) == (rate.verdict, "evidence.reasons.suppressed")


def test_few_who_reoffended_go_through_control_to_a_verdict_alone() -> None:
    """Fewer than five of 120: disclosure control lets out the direction and a coarse interval, and so does the record."""
    record = record_release(control(make_findings(matched=120, rate=0.03, effect=-0.07)))[0]
    assert (record.effects, record.treated, record.comparison) == ((), None, None)
    assert (record.verdict, record.reason) == ("lower", "evidence.reasons.suppressed")
    assert (record.low, record.high) == (-0.15, 0.0)


@pytest.mark.parametrize("findings", [make_findings(research=True, passed=False), make_findings(status="balance_failed")])
def test_a_match_that_failed_its_gate_is_no_evidence(findings) -> None:
    for release in (control(findings), own_data(findings)):
        records = record_release(release)
        assert records
        assert {record.verdict for record in records} == {"withheld"}
        assert all(record.effects == () for record in records)
        assert all(grade_strength(record) is None for record in records)


def test_own_data_is_recorded_as_found() -> None:
    findings = make_findings(kind="evaluate")
    record = record_release(own_data(findings))[0]
    effect = findings.analyses[0].outcomes[0].effect
    assert record.on("risk_difference") == EffectSize("risk_difference", effect.estimate, effect.se)
    assert record.origin == "here"


def test_intervals_recovered_from_rates_are_the_printed_ones(published) -> None:
    """Four reports print size, both rates and the interval: the rule for large comparison groups gives it within rounding.

    A limit is off by at most half a unit for its own rounding and one more for those of the two rates.
    """
    checked = 0
    for record in published.values():
        if record.se_from == "interval" and record.n_treated and record.outcome == "rate":
            found = from_printed_rates(record.treated, record.comparison, record.n_treated, unit=0.01)
            assert record.low == pytest.approx(found.estimate - 1.96 * found.se, abs=0.015), record.id
            assert record.high == pytest.approx(found.estimate + 1.96 * found.se, abs=0.015), record.id
            checked += 1
    assert checked == 4


@pytest.mark.parametrize(
    ("name", "estimate", "se", "origin"),
    [
        ("PET-2014-overall/rate", -0.065, math.sqrt((0.03 / 3.919928) ** 2 + 0.01**2 / 24), "interval"),
        ("CLINK-2016/rate", -0.12, math.sqrt(0.17 * 0.83 / 89 + 0.01**2 / 12), "rates"),
        ("BWC-2024/rate", -0.04, math.sqrt(0.25 * 0.75 / 114 + 0.01**2 / 12), "rates"),
        ("CG-2017/rate", -0.02, math.sqrt(0.40 * 0.60 / 8513 + 0.01**2 / 6), "rates"),
        ("KEY4LIFE-2018/frequency", -1.135, math.sqrt((0.53 / 3.919928) ** 2 + 0.01**2 / 24), "interval"),
    ],
)
def test_published_figures_become_effects(published, name: str, estimate: float, se: float, origin: str) -> None:
    record = published[name]
    assert record.effects[0].estimate == pytest.approx(estimate)
    assert record.effects[0].se == pytest.approx(se, rel=1e-6)
    assert record.se_from == origin


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("CG-2026-male/rate", "more_people", "contradicts"),
        ("LANDWORKS-2026/frequency", "not_stated", "not_a_rate"),
        ("NS180/rate", "higher", "no_figures"),
        ("PET-2015-refused/rate", "lower", "descriptive"),
        ("PET-2021-employed/rate", "lower", "descriptive"),
    ],
)
def test_what_cannot_be_recovered_keeps_its_verdict_and_says_why(published, name: str, verdict: str, reason: str) -> None:
    record = published[name]
    assert (record.effects, record.verdict, record.reason) == ((), verdict, f"evidence.reasons.{reason}")
    assert say(record.reason).endswith(".")


def test_every_published_report_is_classified(published) -> None:
    assert all(record.kind and record.follow_up_months in (12, 24) for record in published.values())
    assert "other" not in {record.outcome for record in published.values()}
    assert len(published) == 94


def test_recovered_effects_agree_with_the_printed_verdicts(published) -> None:
    for record in published.values():
        for effect in record.effects[:1]:
            clear = abs(effect.estimate) > 1.96 * effect.se
            assert record.verdict == "not_stated" or clear == (record.verdict in ("lower", "higher")), record.id


def test_faults_in_a_table_come_all_at_once() -> None:
    header = (
        "report_id,programme,organisation,published,outcome,n_treated,n_comparison,treated_value,comparison_value,"
        "difference,ci_low,ci_high,conclusion,units,source_url,note\n"
    )
    rows = "A,p,o,,one_year_rate,many,,130,20,,,,decrease,percent,,\nB,p,o,,one_year_rate,,,,,,-1,-2,better,percent,,\n"
    with pytest.raises(InputError) as refused:
        read_published(header + rows)
    assert [fault.split(":")[0] for fault in refused.value.faults] == ["Row 2", "Row 2", "Row 3", "Row 3"]
    with pytest.raises(InputError, match="must have the columns report_id"):
        read_published("a,b\n1,2\n")


def test_published_rates_together(published) -> None:
    found = synthesise(published.values())
    assert found.pool is not None
    assert found.pool.k == len(found.used) == len(found.kinds) == 8
    organisations = [published[name].study for name in found.used]
    assert len(set(organisations)) == 8
    assert "PET-2014-OU/rate" in {one.id for one in found.left_aside if one.reason == "evidence.reasons.overlaps"}
    counts = found.verdicts
    total = sum(getattr(counts, entry.name) for entry in fields(counts))
    descriptive = sum(one.reason == "evidence.reasons.descriptive" for one in found.left_aside)
    assert total + descriptive == len(found.used) + len(found.left_aside)
    assert found.verdict == "lower"
    assert len(leave_one_out(found.effects, found.used)) == 8
    assert sum(level.k for level in compare_kinds(found.effects, found.kinds).levels) == 8
    assert all(sentence.endswith(".") for sentence in explain(found))


def test_the_order_of_records_changes_nothing(published) -> None:
    assert synthesise(reversed(list(published.values()))) == synthesise(published.values())


def test_an_outcome_with_verdicts_alone_is_counted(published) -> None:
    found = synthesise(published.values(), "days_to_first")
    assert (found.pool, found.verdict, found.used) == (None, "not_stated", ())
    assert found.verdicts.higher + found.verdicts.more_people == len(found.left_aside)
    assert explain(found)[0] == say("evidence.notes.no_study")


def test_two_year_results_are_kept_apart_from_those_of_one_year(published) -> None:
    assert {one.id for one in synthesise(published.values(), follow_up_months=24).left_aside} == {
        "RESOLVE-2021-2y/rate",
        "TSP-2023-male-2y/rate",
    }


def test_synthesis_refuses_what_would_mislead(published, released) -> None:
    records = list(published.values())
    with pytest.raises(UsageError, match="You gave none"):
        synthesise(records, "sentence_length")
    with pytest.raises(UsageError, match="made-up country or none"):
        synthesise([*records, *record_release(released)])
    with pytest.raises(UsageError, match="CG-2017/rate"):
        synthesise([*records, published["CG-2017/rate"]])


def test_analyses_of_one_study_count_once_and_the_headline_first(published) -> None:
    base = replace(published["CLINK-2016/rate"], study="x", role="secondary")
    headline = replace(base, id="x/all", role="headline", effects=(EffectSize("risk_difference", -0.05, 0.03),))
    precise = replace(base, id="x/part", effects=(EffectSize("risk_difference", -0.01, 0.01),))
    assert synthesise([precise, headline]).used == ("x/all",)
    assert synthesise([precise, base]).used == ("x/part",)


def test_another_scale_leaves_aside_what_is_not_on_it(published) -> None:
    found = synthesise(published.values(), scale="log_odds_ratio")
    assert found.pool is not None
    assert found.pool.scale == "log_odds_ratio"
    reasons = {one.id: one.reason for one in found.left_aside}
    assert reasons["WOMENCENTRES-2015/rate"] == "evidence.reasons.other_scale"


def test_strength_is_one_more_than_the_rules_met(published, released) -> None:
    record = record_release(released)[0]
    best = replace(
        record, verdict="lower", n_treated=500, balance_passed=True, largest_smd=0.05, robust=True, kind="k", origin="here"
    )
    same = replace(best, id="other", study="other")
    opposite = replace(same, id="third", study="third", verdict="higher")
    assert grade_strength(best, [best, same]).level == 5
    assert grade_strength(best, [best, same, opposite]).missed == ("replication",)
    assert grade_strength(best, [best, replace(best, id="again")]).level == 4, "one study cannot repeat itself"
    assert grade_strength(best, [best, replace(same, origin="demo")]).level == 4, "a made-up country cannot confirm"
    for change, rule in (
        ({"n_treated": 499}, "size"),
        ({"n_treated": None}, "size"),
        ({"largest_smd": 0.051}, "balance"),
        ({"largest_smd": None}, "balance"),
        ({"robust": None}, "sensitivity"),
    ):
        assert grade_strength(replace(best, **change), [same]).missed == (rule,)
    weakest = replace(best, n_treated=None, balance_passed=None, robust=False, kind="")
    assert grade_strength(weakest, [same]).level == 1


def test_rules_of_strength_are_printed_with_their_numbers() -> None:
    sentences = [rule.sentence for rule in RULES]
    assert len(sentences) == 4
    assert "500 people" in sentences[0]
    assert "5 per cent" in sentences[1]


def test_published_results_never_reach_the_top_since_their_balance_is_not_known(published) -> None:
    levels = [strength.level for record in published.values() if (strength := grade_strength(record, list(published.values())))]
    assert max(levels) == 3
    assert min(levels) == 1
