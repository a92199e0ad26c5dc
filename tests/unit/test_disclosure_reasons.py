"""Reasons for showing nothing: none says how many people had an event, or that nobody or everybody did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control
from datalab.disclosure.reasons import FEW_PEOPLE, NOBODY_OR_FEW, neutral
from datalab.effects.results import NeedsRun, OutcomeResult
from datalab.report.writers import report_files
from datalab.wording.render import words

pytestmark = pytest.mark.usefixtures("drawn_once")

GOOD = make_findings()
(HEAD,) = GOOD.analyses
TELLING = ("too_few_with_event", "too_few_expected", "no_variation")
# Reasons that count nobody, or that are said of thirty people as of one.
TELL_NOTHING = {
    "too_few_treated", "effective_size", "follow_up_short", "subgroup_unbalanced", "too_few_matched", "balance_failed",
    "not_loaded_employment", "not_loaded_benefit", "no_such_group",
}  # fmt: skip


def withheld(result: OutcomeResult, reason: str) -> OutcomeResult:
    return replace(result, status="withheld", reason=f"effects.withheld.{reason}", effect=None, verdict="withheld")


@pytest.mark.parametrize("reason", TELLING)
def test_a_gate_of_the_estimate_does_not_say_how_few_had_the_event(reason: str) -> None:
    outcomes = tuple(withheld(item, reason) if item.measure.name == "frequency" else item for item in HEAD.outcomes)
    releasable = control(replace(GOOD, analyses=(replace(HEAD, outcomes=outcomes),)))
    (found,) = (item for item in releasable.release.analyses[0].outcomes if item.measure == "frequency")
    assert found.reason == FEW_PEOPLE
    texts = b"".join(report_files(releasable, manifest_sha256="ab" * 32, version="0").values())
    for gone in (b"fewer than two had", b"Everybody has the same value"):
        assert gone not in texts


def test_two_people_who_hold_a_total_are_few_people_like_others() -> None:
    outcomes = tuple(replace(item, top_two_share=0.95) if item.measure.name == "frequency" else item for item in HEAD.outcomes)
    release = control(replace(GOOD, analyses=(replace(HEAD, outcomes=outcomes),))).release
    (found,) = (item for item in release.analyses[0].outcomes if item.measure == "frequency")
    assert found.reason == FEW_PEOPLE


@pytest.mark.parametrize("reason", ["no_such_value", "no_level", "no_pool", "nobody_matched"])
def test_an_analysis_that_cannot_be_made_does_not_say_that_nobody_is_there(reason: str) -> None:
    none = replace(
        HEAD, name="other", status="not_possible", reason=f"effects.withheld.{reason}", balance=None, outcomes=(), survival=None
    )
    analyses = control(replace(GOOD, analyses=(HEAD, none))).release.analyses
    assert analyses[1].reason == NOBODY_OR_FEW


def test_lines_and_runs_of_the_needs_have_neutral_reasons_too() -> None:
    reason = "effects.withheld.no_variation"
    sensitivity = tuple(replace(line, reason=reason) if line.status == "withheld" else line for line in HEAD.sensitivity)
    few = replace(HEAD, status="too_few", reason="effects.withheld.nobody_matched")
    found = replace(GOOD, analyses=(replace(HEAD, sensitivity=sensitivity),), needs=(NeedsRun("everyone", "with_needs", few),))
    release = control(found).release
    lines = [line for line in release.analyses[0].sensitivity if line.status == "withheld"]
    assert lines and {line.reason for line in lines} == {FEW_PEOPLE}
    assert release.needs[0].reason == NOBODY_OR_FEW


def test_every_reason_of_an_estimate_is_judged() -> None:
    """A reason that is added must be put on one side or the other."""
    names = set(words("effects")["withheld"])
    replaced = {name for name in names if neutral(f"effects.withheld.{name}") != f"effects.withheld.{name}"}
    assert names - replaced == TELL_NOTHING
