"""What disclosure control does with the number of people trimmed and with a bootstrap's intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control, load_thresholds, own_data
from datalab.disclosure.safety import require_safe_release
from datalab.effects.results import Findings
from datalab.errors import InternalError


def trimmed(count: int, left_out: int) -> Findings:
    findings = make_findings(left_out=left_out)
    (analysis,) = findings.analyses
    return replace(findings, analyses=(replace(analysis, match_settings={"method": "ipw", "trimmed": str(count)}),))


def shown(findings: Findings, **how: str) -> str:
    (analysis,) = control(findings, **how).release.analyses
    return analysis.match_settings["trimmed"]


@pytest.mark.parametrize(
    ("count", "left_out", "expected"), [(14, 14, "14"), (14, 40, "14"), (3, 40, "[c]"), (14, 17, "[c]"), (0, 14, "[c]")]
)
def test_people_trimmed_are_shown_only_where_no_few_can_be_counted(count, left_out, expected):
    assert shown(trimmed(count, left_out)) == expected


def test_people_trimmed_are_rounded_with_everything_else():
    assert shown(trimmed(14, 40), profile="strict") == "15"
    (analysis,) = own_data(replace(trimmed(3, 40), kind="evaluate")).release.analyses
    assert analysis.match_settings["trimmed"] == "3"


def test_the_last_gate_refuses_a_small_number_trimmed():
    release = control(trimmed(14, 40)).release
    (analysis,) = release.analyses
    leaking = replace(release, analyses=(replace(analysis, match_settings={"trimmed": "3"}),))
    with pytest.raises(InternalError) as caught:
        require_safe_release(leaking, load_thresholds())
    assert "trimmed" in caught.value.faults[0]


def bootstrapped(**changes: float) -> Findings:
    findings = make_findings(**changes)
    (analysis,) = findings.analyses
    outcomes = tuple(
        replace(
            one,
            bootstrap=None if one.effect is None else replace(one.effect, method="bootstrap_t"),
            percentile=None if one.effect is None else replace(one.effect, method="bootstrap_percentile"),
        )
        for one in analysis.outcomes
    )
    return replace(findings, analyses=(replace(analysis, outcomes=outcomes),))


def test_a_bootstrap_is_released_where_the_outcome_is_in_full():
    (analysis,) = control(bootstrapped()).release.analyses
    rate = analysis.outcomes[0]
    assert rate.bootstrap is not None
    assert rate.percentile is not None
    assert (rate.bootstrap.method, rate.percentile.method) == ("bootstrap_t", "bootstrap_percentile")


def test_a_bootstrap_goes_with_everything_else_that_is_hidden():
    (analysis,) = control(bootstrapped(rate=4 / 240, effect=-0.2)).release.analyses
    direction, withheld = analysis.outcomes[0], next(one for one in analysis.outcomes if one.status == "withheld")
    assert direction.effect is not None
    assert [direction.bootstrap, direction.percentile, withheld.bootstrap, withheld.percentile] == [None] * 4


@pytest.mark.parametrize(("found", "told"), [(0.006371231063, 0.01), (0.01, 0.01), (0.0101, 0.02), (1.0, 1.0)])
@pytest.mark.parametrize("profile", ["default", "strict"])
def test_the_largest_weight_is_told_as_the_whole_per_cent_above_it(found: float, told: float, profile: str) -> None:
    findings = make_findings()
    (head,) = findings.analyses
    assert head.balance is not None
    balance = replace(head.balance, largest_weight_share=found)
    release = control(replace(findings, analyses=(replace(head, balance=balance),)), profile).release
    assert release.analyses[0].balance is not None
    assert release.analyses[0].balance.largest_weight_share == told
    alone = replace(head.balance, largest_weight_share=math.nan)
    release = control(replace(findings, analyses=(replace(head, balance=alone),)), profile).release
    assert str(release.analyses[0].balance.largest_weight_share) == "[z]"


def test_names_in_a_reason_are_told_apart_although_they_hold_commas() -> None:
    found = make_findings(passed=False, left_out=0)
    (head,) = found.analyses
    assert head.balance is not None
    apart = tuple(line if line.level else replace(line, smd=0.3) for line in head.balance.covariates)
    head = replace(head, balance=replace(head.balance, covariates=apart))
    released = control(replace(found, analyses=(head,))).release.analyses[0].balance
    assert released is not None
    assert "Age in years; " in released.reasons[0]
