"""When a programme can, may or cannot be evaluated: counts and dates in, answer, criteria and sentences out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control
from datalab.planning.eligibility import Counts, judge
from datalab.planning.results import Expectation, Feasibility
from datalab.report.feasibility_words import (
    answer_sentence,
    criterion_texts,
    headline_feasibility,
    short_answer,
    size_sentence,
    todo,
)

DAY = dt.date
GOOD = Counts(
    readable=213,
    start=DAY(2012, 1, 1),
    end=DAY(2012, 12, 31),
    today=DAY(2016, 1, 31),
    outside=3,
    followed=195,
    matched=191,
    comparison=1156,
    effective=452.0,
    balanced=True,
)
NO_MATCH = {"matched": None, "comparison": None, "effective": None, "balanced": None}

# what is changed -> answer, and the criteria that are not met or in doubt
RULES = [
    ({}, "can", {}),
    # how many were sent in
    ({"readable": 60}, "can", {}),
    ({"readable": 59}, "cannot", {"people": "not_met"}),
    # start and end
    ({"end": DAY(2016, 1, 30)}, "can", {}),
    ({"end": DAY(2016, 1, 31)}, "may", {"period": "doubtful"}),
    ({"end": DAY(2017, 1, 1)}, "may", {"period": "doubtful"}),
    # when: dates in the years that are loaded
    ({"outside": 10, "followed": 90}, "can", {}),
    ({"outside": 11, "followed": 89}, "may", {"coverage": "doubtful"}),
    ({"outside": 200, "followed": 0, **NO_MATCH}, "cannot", {"coverage": "not_met", "analysed": "not_met"}),
    ({"outside": 0, "followed": 0, **NO_MATCH}, "cannot", {"analysed": "not_met"}),
    # who is left to analyse
    ({"matched": 60}, "can", {}),
    ({"matched": 59}, "may", {"analysed": "doubtful"}),
    ({"matched": 30}, "may", {"analysed": "doubtful"}),
    ({"matched": 29}, "cannot", {"analysed": "not_met"}),
    ({"followed": 29, **NO_MATCH}, "cannot", {"analysed": "not_met"}),
    # whom to compare with
    ({"comparison": 29}, "cannot", {"comparison": "not_met"}),
    ({"effective": 9.9}, "cannot", {"comparison": "not_met"}),
    ({"comparison": 30, "effective": 10.0}, "can", {}),
    # alike enough
    ({"balanced": False}, "may", {"balance": "doubtful"}),
    ({"balanced": False, "readable": 59}, "cannot", {"people": "not_met", "balance": "doubtful"}),
]


@pytest.mark.parametrize(("changes", "answer", "standing"), RULES)
def test_from_counts_to_an_answer(changes: dict[str, object], answer: str, standing: dict[str, str]) -> None:
    found, criteria = judge(replace(GOOD, **changes))
    assert found == answer
    assert {one.name: one.standing for one in criteria if one.standing in ("not_met", "doubtful")} == standing
    assert [one.name for one in criteria] == ["people", "period", "coverage", "analysed", "comparison", "balance"]


def release_of(counts: Counts, **changes: object):
    """The release of a feasibility study with these counts and one expected measure."""
    findings = make_findings(measures=())
    answer, criteria = judge(counts)
    measure = make_findings().analyses[0].outcomes[0].measure
    line = Expectation(measure, "expected", "", "headline", 240.0, 2800, 900, 700.0, 0.36, 0.09, 0.05, 500.0)
    found = Feasibility("everyone", answer, criteria, (replace(line, **changes),))
    analysis = replace(findings.analyses[0], status="matched", outcomes=(), survival=None)
    made = replace(
        findings, kind="feasibility", analyses=(analysis,), headline_outcome=measure.name, deaths=None, feasibility=(found,)
    )
    return control(made).release


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Example Workshop can be evaluated as planned: every criterion is met."),
        ({"matched": 40}, "may be evaluated: no criterion fails, but the number of people who could be analysed is in doubt."),
        ({"balanced": False, "matched": 40}, "the number of people who could be analysed and the balance of the two groups are"),
        ({"readable": 20}, "cannot be evaluated as it stands: the number of people sent in is not enough."),
    ],
)
def test_the_answer_in_a_sentence(changes: dict[str, object], sentence: str) -> None:
    release = release_of(replace(GOOD, **changes))
    assert sentence in answer_sentence(release, headline_feasibility(release))


def test_the_answer_in_short_says_how_many_and_the_smallest_change() -> None:
    release = release_of(GOOD)
    found = short_answer(release)
    assert (found.answer, found.outcome, found.unit, found.smallest) == ("can", release.headline_outcome, "share", 0.09)
    assert found.people == release.analyses[0].people.matched
    assert found.sentence == (
        "Example Workshop can be evaluated as planned: every criterion is met. "
        f"{found.people} people could be analysed. "
        "A change of 9.0 percentage points or more in the share of people who reoffend within 12 months would be found 80 times "
        "in 100."
    )


def test_the_answer_in_short_says_no_number_that_is_hidden() -> None:
    release = release_of(GOOD, status="withheld", reason="feasibility.reasons.no_pool")
    hidden = replace(release.analyses[0], status="too_few")
    found = short_answer(replace(release, analyses=(hidden,)))
    assert found.people is None
    assert "people could be analysed" not in found.sentence


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({}, {}, "about 500 more people would have to be analysed"),
        (
            {},
            {"people_needed": 0.0, "smallest_effect": 0.04},
            "The planned size is enough to find a change of 5.0 percentage points",
        ),
        ({}, {"people_needed": float("inf")}, "More participants alone could not find a change of 5.0 percentage points"),
        ({"readable": 20}, {}, "Send in more people: at least 60 usable rows are needed."),
        ({"end": DAY(2030, 1, 1)}, {}, "Wait until the programme"),
        ({"outside": 100}, {}, "Ask for the missing years to be loaded"),
        ({"balanced": False}, {}, "Try a narrower caliper"),
        ({"comparison": 20}, {}, "Plan a wider comparison"),
    ],
)
def test_what_to_do_follows_from_what_stands_in_the_way(
    changes: dict[str, object], expected: dict[str, object], said: str
) -> None:
    release = release_of(replace(GOOD, **changes), **expected)
    told = todo(release, headline_feasibility(release))
    assert any(said in text for text in told), told
    assert any("Nothing stands in the way" in text for text in told) == (not changes)


def test_a_study_that_would_miss_its_change_says_so_beside_the_answer() -> None:
    release = release_of(GOOD)
    assert size_sentence(headline_feasibility(release)).startswith("A change of 9.0 percentage points or more")
    release = release_of(GOOD, smallest_effect=0.04)
    assert size_sentence(headline_feasibility(release)) == ""


def test_every_standing_that_can_be_has_its_words() -> None:
    for changes, _, _ in RULES:
        release = release_of(replace(GOOD, **changes))
        for criterion in release.feasibility[0].criteria:
            assert all(criterion_texts(criterion))
