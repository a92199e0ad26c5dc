"""What findings say in words is known by name, or nothing is released."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control, said
from datalab.disclosure.said import CHARACTERISTICS, NOTES, REASONS, SETTINGS, WARNINGS
from datalab.effects.results import Findings, NeedsRun
from datalab.errors import InternalError
from datalab.matching.settings import MatchSettings
from datalab.wording import say, words
from datalab.wording.render import is_said

GOOD = make_findings()
(HEAD,) = GOOD.analyses
SAYS = "Zqxvunknown 314159"


def with_head(**changes: Any) -> Findings:
    return replace(GOOD, analyses=(replace(HEAD, **changes),))


def with_first(part: str, **changes: Any) -> Findings:
    first, *others = getattr(HEAD, part)
    return with_head(**{part: (replace(first, **changes), *others)})


assert GOOD.linkage is not None and HEAD.balance is not None
GROUPS = tuple(replace(group, characteristic=SAYS) for group in GOOD.linkage.groups)


@pytest.mark.parametrize(
    "findings",
    [
        with_head(match_settings={**HEAD.match_settings, "Zqxvunknown": "314159"}),
        with_head(match_settings={**HEAD.match_settings, "trimmed_low": "3"}),
        with_head(warnings=(SAYS,)),
        with_head(conditions=((SAYS, ("a",)),)),
        with_head(balance=replace(HEAD.balance, reasons=(SAYS,))),
        with_head(status="too_few", reason=SAYS),
        with_first("outcomes", notes=(SAYS,)),
        with_first("outcomes", status="withheld", reason=SAYS),
        with_first("sensitivity", reason=SAYS),
        replace(GOOD, warnings=(SAYS,)),
        replace(GOOD, deviations=(SAYS,)),
        replace(GOOD, linkage=replace(GOOD.linkage, warnings=(SAYS,))),
        replace(GOOD, linkage=replace(GOOD.linkage, groups=GROUPS)),
        replace(GOOD, needs=(NeedsRun("everyone", "with_needs", replace(HEAD, warnings=(SAYS,))),)),
    ],
)
def test_what_is_not_known_is_refused_and_not_repeated(findings: Findings) -> None:
    with pytest.raises(InternalError, match="no rule") as error:
        control(findings)
    assert "Zqxv" not in str(error.value)


def test_what_is_known_passes() -> None:
    gap = say("linkage.quality.gap", characteristic="Sex", level="F", share=80, overall=90, points="5")
    constant = say("features.warnings.constant", count=1, names="Region")
    told = say("study.study.deviation", key="seed", was="1", now="2")
    known = with_head(warnings=(constant, "matching.warnings.rich_terms"), conditions=(("group:site", ("HMP A",)),))
    assert control(replace(known, warnings=(gap,), deviations=(told,))).release.warnings == (gap,)
    assert control(make_findings(linkage=False)).release.linkage is None


def test_the_lists_are_those_of_the_rules_and_of_the_wording() -> None:
    settings = {item.name for item in fields(MatchSettings)}
    assert settings <= SETTINGS
    assert set(words("report")["match_settings"]) == SETTINGS
    assert {name for name in REASONS if name.startswith("effects.")} == {
        f"effects.withheld.{name}" for name in words("effects")["withheld"]
    }
    assert {f"effects.notes.{name}" for name in words("effects")["notes"]} - NOTES == {"effects.notes.seed_unused"}
    sentences = {"gap", "missed_gap", "ethnicity_linked_only"}
    assert set(words("linkage")["quality"]) - sentences == CHARACTERISTICS
    assert {f"matching.warnings.{name}" for name in words("matching")["warnings"]} <= WARNINGS


def test_a_sentence_is_known_by_its_words_not_by_what_fills_it() -> None:
    assert is_said(say("disclosure.balance.far_apart", worst="a\nb (c)"), "disclosure.balance.far_apart")
    assert not is_said(SAYS, "disclosure.balance.far_apart")
    assert is_said(say("features.warnings.constant", count=2, names="a; b"), "features.warnings.constant")


@pytest.mark.parametrize(
    ("section", "known", "not_of_findings"),
    [
        ("matching.warnings", said.WARNINGS, set()),
        ("features.warnings", said.WARNINGS, set()),
        ("effects.notes", said.NOTES, {"seed_unused"}),  # said by `evaluate` alone
        ("effects.withheld", said.REASONS, set()),
        ("feasibility.reasons", said.REASONS, set()),
        ("sensitivity.reasons", said.REASONS, set()),
        ("balance.reasons", said.GATE, {"with_size"}),  # a part of another sentence
    ],
)
def test_whatever_the_engine_can_say_of_findings_is_known(section: str, known: frozenset[str], not_of_findings: set[str]) -> None:
    part, name = section.split(".")
    assert {key for key in words(part)[name] if f"{section}.{key}" not in known} == not_of_findings
