"""Measures among people known beforehand, and measures that could be subtracted from one another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control, own_data
from datalab.disclosure.results import Releasable, ReleasedOutcome, ReleasedSubgroup, Suppressed
from datalab.disclosure.safety import require_safe_release
from datalab.disclosure.thresholds import load_thresholds
from datalab.effects.results import Findings
from datalab.errors import InternalError
from datalab.fields.justice.measures import BY_NAME, TAX_RECORDS
from datalab.wording import say

HIDDEN = Suppressed("c")
LIMITS = load_thresholds()
SUBTRACTION = "disclosure.withheld.subtraction"


def findings_of(*names: str, headline: str = "rate", **changes: dict[str, object]) -> Findings:
    """Findings with these measures only; `changes` replace fields of an outcome, by the measure's name."""
    findings = make_findings(measures=tuple(BY_NAME[name] for name in names))
    (analysis,) = findings.analyses
    outcomes = tuple(
        replace(o, role="headline" if o.measure.name == headline else "secondary", **changes.get(o.measure.name, {}))
        for o in analysis.outcomes
    )
    return replace(findings, headline_outcome=headline, analyses=(replace(analysis, outcomes=outcomes),))


def outcome(releasable: Releasable, name: str) -> ReleasedOutcome:
    return next(item for item in releasable.release.analyses[0].outcomes if item.measure == name)


def test_a_denominator_known_beforehand_is_shown_where_those_outside_are_many() -> None:
    found = outcome(control(findings_of("rate", "days_employed")), "days_employed")
    assert found.n_treated == 210  # of 240 analysed
    assert found.known_before and found.among == TAX_RECORDS


@pytest.mark.parametrize(
    ("n", "hidden"),
    [(240, True), (239, True), (231, True), (230, False), (210, False), (245, True), (250, True), (260, True)],
)
def test_few_outside_hide_the_size(n: int, hidden: bool) -> None:
    """240 are analysed of 254: within 9 of either, none included, the size and exact values are hidden."""
    found = outcome(control(findings_of("rate", "days_employed", days_employed={"n_treated": n})), "days_employed")
    assert (found.n_treated == HIDDEN) == hidden
    assert not hidden or "disclosure.notes.size_hidden" in found.notes


def test_a_rate_among_them_needs_ten_with_and_ten_without() -> None:
    found = outcome(control(findings_of("rate", "employed_any", employed_any={"treated_events": 9})), "employed_any")
    assert (found.status, found.reason) == ("withheld", "disclosure.withheld.few_people")


PARTS = [
    # whole, part, events of each, headline, withheld
    ("employed_any", "employed_12m", 60, 50, "rate", None),
    ("employed_any", "employed_12m", 60, 51, "rate", "employed_12m"),
    ("employed_any", "employed_1m", 60, 60, "rate", "employed_1m"),
    ("employed_any", "employed_12m", 60, 51, "employed_12m", "employed_any"),
    ("benefit_any", "benefit_jsa", 90, 85, "rate", "benefit_jsa"),
    ("rate", "violent_rate", 80, 75, "rate", "violent_rate"),
    ("rate", "violent_rate", 80, 70, "rate", None),
]


@pytest.mark.parametrize(("whole", "part", "events", "of_part", "headline", "withheld"), PARTS)
def test_a_part_that_leaves_few_of_the_whole_is_withheld(
    whole: str, part: str, events: int, of_part: int, headline: str, withheld: str | None
) -> None:
    names = tuple(dict.fromkeys(("rate", whole, part)))
    counts = {whole: {"treated_events": events}, part: {"treated_events": of_part}}
    many = {name: {**change, "comparison_events": 900 - 100 * (name == part)} for name, change in counts.items()}
    releasable = control(findings_of(*names, headline=headline, **many))
    gone = {item.measure for item in releasable.release.analyses[0].outcomes if item.reason == SUBTRACTION}
    assert gone == ({withheld} if withheld else set())
    if withheld:
        assert outcome(releasable, withheld).treated == Suppressed("x")
        assert any(d.rule == "subtraction" and d.action == "withheld" for d in releasable.decisions)


def test_one_missing_of_a_set_takes_the_smallest_of_the_others_with_it() -> None:
    """With the first reoffence of one class withheld, the other two would tell it: everybody's is of one class."""
    names = ("rate", "first_indictable_rate", "first_either_way_rate", "first_summary_rate")
    missing = {"status": "withheld", "effect": None, "reason": "effects.withheld.too_few_expected", "verdict": "withheld"}
    releasable = control(
        findings_of(
            *names,
            first_indictable_rate=missing,
            first_either_way_rate={"treated_events": 40},
            first_summary_rate={"treated_events": 37},
        )
    )
    shown = {item.measure for item in releasable.release.analyses[0].outcomes if item.status == "estimated"}
    assert shown == {"rate", "first_either_way_rate"}
    assert outcome(releasable, "first_summary_rate").reason == SUBTRACTION


def with_shares(**changes: object) -> Findings:
    findings = findings_of("rate", "days_employed")
    (analysis,) = findings.analyses
    return replace(findings, analyses=(replace(analysis, subgroups=(replace(analysis.subgroups[0], **changes),)),))


def share_of(releasable: Releasable) -> ReleasedSubgroup:
    (group,) = releasable.release.analyses[0].subgroups
    return group


def test_the_share_known_stands_in_steps_of_ten_people() -> None:
    """210 and 206 of 240 print alike, so that the size of a measure matched again counts nobody by subtraction."""
    shares = {
        share_of(control(with_shares(treated_in=n, treated_out=240 - n, share_treated=n / 240))).treated for n in (206, 210)
    }
    assert shares == {0.88}
    assert isinstance(share_of(control(with_shares())).comparison, float)


@pytest.mark.parametrize("small", ["treated_in", "treated_out", "comparison_in", "comparison_out"])
def test_a_share_of_few_is_hidden(small: str) -> None:
    found = share_of(control(with_shares(**{small: 9})))
    assert (found.treated == HIDDEN, found.comparison == HIDDEN) == (small.startswith("treated"), small.startswith("comparison"))


def test_strict_rounds_the_share_and_own_data_keeps_it() -> None:
    strict = share_of(control(with_shares(), profile="strict")).treated
    assert isinstance(strict, float) and (strict * 240) % 5 == pytest.approx(0, abs=1e-6)
    findings = with_shares()
    assert share_of(own_data(replace(findings, kind="evaluate"))).treated == findings.analyses[0].subgroups[0].share_treated


def test_the_last_gate_refuses_what_the_rules_would_not_let_through() -> None:
    release = control(findings_of("rate", "days_employed")).release
    (analysis,) = release.analyses
    bad = replace(analysis.outcomes[1], n_treated=238)
    with pytest.raises(InternalError) as refused:
        require_safe_release(replace(release, analyses=(replace(analysis, outcomes=(analysis.outcomes[0], bad)),)), LIMITS)
    assert any("tells how few are outside" in fault for fault in refused.value.faults)
    whole = replace(analysis, subgroups=(ReleasedSubgroup(TAX_RECORDS, 1.0, 0.5),))
    with pytest.raises(InternalError):
        require_safe_release(replace(release, analyses=(whole,)), LIMITS)


def test_the_reason_is_a_sentence() -> None:
    assert say(SUBTRACTION).endswith(".")
