"""What the sentences of a release say of hidden numbers: none of them may count a few people."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from tests.attacks.tables import make_study
from tests.attacks.test_linear_programmes import attack
from tests.findings_factory import STEPS, make_findings

from datalab.disclosure import control
from datalab.effects.results import AnalysisFindings
from datalab.report.results import results_json
from datalab.wording import words

OF_MATCHES = ["some_unmatched", "poor_overlap", "main_kept", "trimmed", "fewer_partners"]
WARNINGS = tuple(f"matching.warnings.{name}" for name in OF_MATCHES)
SETTINGS = {"method": "nearest", "ratio": "3", "trim": "overlap", "trimmed": "2"}


def told(found: AnalysisFindings, left_out: int, profile: str = "default") -> list[str]:
    """The warnings of an analysis, as they stand in results.json."""
    findings = make_findings(left_out=left_out)
    (head,) = findings.analyses
    head = replace(head, warnings=found.warnings, match_settings=found.match_settings)
    content = results_json(control(replace(findings, analyses=(head,)), profile), manifest_sha256="ab" * 32)
    return list(json.loads(content)["analyses"][0]["warnings"])


@pytest.mark.parametrize("profile", ["default", "strict"])
def test_a_note_does_not_tell_that_a_few_were_left_out(profile: str) -> None:
    """Where the number of all treated is hidden, the same is said whether somebody had no match or not."""
    (head,) = make_findings().analyses
    head = replace(head, match_settings=SETTINGS)
    with_notes, without = replace(head, warnings=WARNINGS), replace(head, warnings=())
    for left_out in (1, 3, 9):
        assert told(with_notes, left_out, profile) == told(without, left_out, profile)
    assert any("could be matched" in text for text in told(with_notes, 3, profile))


def test_a_note_about_many_left_out_is_as_it_was() -> None:
    (head,) = make_findings().analyses
    head = replace(head, match_settings={"method": "radius"}, warnings=("matching.warnings.some_unmatched",))
    assert told(head, 40)[:1] == [words("matching")["warnings"]["some_unmatched"]]
    assert told(replace(head, warnings=()), 0) == []


def test_poor_overlap_is_said_where_the_effective_size_that_is_shown_says_it() -> None:
    (head,) = make_findings(left_out=3).analyses
    few = replace(head.people, effective=100.0)
    findings = make_findings(left_out=3)
    head = replace(head, people=few, match_settings={"method": "radius"}, warnings=("matching.warnings.poor_overlap",))
    assert "matching.warnings.poor_overlap" in control(replace(findings, analyses=(head,))).release.analyses[0].warnings


@pytest.mark.parametrize("matched", [31, 33, 36, 38])
@pytest.mark.parametrize("weights", [[60, 5], [60, 8], [60, 11]])
def test_a_part_that_is_too_small_does_not_count_those_outside_it(matched: int, weights: list[int]) -> None:
    """Of 33 people 28 are a part: "fewer than 30" would leave four at least outside it."""
    made = make_study(
        seed=1, matched=matched, left_out=20, pool=900, rate=0.4, effect=-0.05, weights={"sex": weights}, flags=(),
        losses=(40,) * (len(STEPS) - 1), parts=(("sex", (0,)),), deaths=None, survival=False, gone=(),
    )  # fmt: skip
    assert [str(found) for profile in ("default", "strict") for found in attack(made, profile) if not found.safe] == []


def test_no_sentence_about_people_says_fewer_than_ten() -> None:
    """It would say "at most nine" of a number that must seem to be fourteen; who weighs is no count of people."""
    sentences = json.dumps([words("disclosure"), words("report")])
    found = re.findall(r"[^\"]*fewer than (?:10|ten)[^\"]*", sentences, re.IGNORECASE)
    assert [text for text in found if "weight" not in text and "tells no more than" not in text] == []
