"""The verdict of every measure in every direction, as it is worded: what may be claimed, and what may never be."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release, seal

from datalab.disclosure.results import Release, ReleasedOutcome, Suppressed
from datalab.fields.justice.measures import MEASURES
from datalab.report import sentences
from datalab.report.html import render_html

pytestmark = pytest.mark.usefixtures("drawn_once")

FORBIDDEN = re.compile(r"\bcaused\b|\bproves\b|\breduced\b|\bworks\b|\bno effect\b")
JUSTICE = re.compile(r"offen[dc]|justice|prison|custod|programme|police|crime|caution|central records", re.IGNORECASE)
NEEDED = "More people would need to be available to determine the way in which Example Workshop affects "
NOT_NONE = ". This should not be taken to mean that it fails to affect it."

TOOK_PART = "People who took part in Example Workshop "
THOSE = "those in the comparison group who reoffended."
SIMILAR = " than similar people who did not take part."

# measure, verdict, the sentence
TABLE = [
    ("rate", "lower", TOOK_PART + "were less likely to reoffend within 12 months" + SIMILAR),
    ("rate", "higher", TOOK_PART + "were more likely to reoffend within 12 months" + SIMILAR),
    ("rate", "more_people", NEEDED + "the share of people who reoffend within 12 months" + NOT_NONE),
    ("frequency", "lower", TOOK_PART + "committed fewer reoffences within 12 months" + SIMILAR),
    ("frequency", "higher", TOOK_PART + "committed more reoffences within 12 months" + SIMILAR),
    ("frequency", "more_people", NEEDED + "the number of reoffences within 12 months" + NOT_NONE),
    ("days_to_first", "lower", TOOK_PART + "who reoffended did so sooner than " + THOSE),
    (
        "days_to_first",
        "higher",
        TOOK_PART + "who reoffended took longer to do so than those in the comparison group who reoffended.",
    ),
    ("days_to_first", "more_people", NEEDED + "the time to the first reoffence among those who reoffend" + NOT_NONE),
]


def with_verdict(measure: str, verdict: str, kind: str = "run") -> tuple[Release, ReleasedOutcome]:
    """A release whose headline is this measure with this verdict, and an interval that agrees."""
    release = make_release(make_findings(kind=kind), headline_outcome=measure).release
    low, high = {"lower": (-0.2, -0.1), "higher": (0.1, 0.2), "more_people": (-0.1, 0.2)}[verdict]
    analysis = release.analyses[0]
    found = next(outcome for outcome in analysis.outcomes if outcome.measure == measure)
    effect = replace(found.effect, estimate=(low + high) / 2, low=low, high=high)
    changed = replace(found, verdict=verdict, role="headline", effect=effect)
    outcomes = tuple(changed if outcome.measure == measure else outcome for outcome in analysis.outcomes)
    return replace(release, analyses=(replace(analysis, outcomes=outcomes),)), changed


@pytest.mark.parametrize(("measure", "verdict", "sentence"), TABLE)
def test_the_verdict_sentence(measure: str, verdict: str, sentence: str) -> None:
    release, _ = with_verdict(measure, verdict)
    assert sentences.headline_sentence(release) == sentence


@pytest.mark.parametrize("verdict", ["lower", "higher", "more_people"])
@pytest.mark.parametrize("measure", [measure.name for measure in MEASURES])
@pytest.mark.parametrize("kind", ["run", "evaluate"])
def test_no_measure_claims_more_than_it_may(measure: str, verdict: str, kind: str) -> None:
    release, outcome = with_verdict(measure, verdict, kind)
    said = (sentences.headline_sentence(release), *sentences.can_say(release), sentences.safe_quote(release))
    assert not any(FORBIDDEN.search(text) for text in said)
    assert all(re.search(r"could|would|likely|describe|study|lower|higher|fewer|more|sooner|longer", text) for text in said)
    affects = sentences.measure_words(release, outcome)
    if verdict == "more_people":
        assert "should not be taken to mean that it fails to affect it" in said[0]
        assert not any(affects[clause] in text for clause in ("lower", "higher", "smaller", "larger") for text in said)
    else:
        assert affects["smaller" if verdict == "lower" else "larger"] in said[1]
    assert len(sentences.cannot_say(release)) >= 4


def test_a_secondary_verdict_that_could_be_chance_says_so() -> None:
    release, outcome = with_verdict("frequency", "lower")
    assert outcome.effect is not None
    chance = replace(outcome, role="secondary", effect=replace(outcome.effect, p=0.03, p_holm=0.3))
    tests = sentences.further_tests(release)
    text = sentences.verdict_sentence(release, release.analyses[0], chance)
    assert text.endswith(f"This is one of {tests} further tests in this report; it could be chance.")
    sure = replace(chance, effect=replace(outcome.effect, p=0.001, p_holm=0.01))
    assert "chance" not in sentences.verdict_sentence(release, release.analyses[0], sure)


RANGES = [
    (-0.071, -0.012, "between 1 and 7 percentage points lower"),
    (0.012, 0.071, "between 1 and 7 percentage points higher"),
    (-0.071, 0.012, "between 7 percentage points lower and 1 percentage point higher"),
    (-0.071, 0.002, "between 7 percentage points lower and no difference"),
    (-0.002, 0.071, "between no difference and 7 percentage points higher"),
    (-0.002, 0.002, "no difference"),
    (-0.071, -0.002, "between 0.2 and 7.1 percentage points lower"),
    (0.0302, 0.0304, "about 3 percentage points higher"),
]


@pytest.mark.parametrize(("low", "high", "words"), RANGES)
def test_the_range_in_words(low: float, high: float, words: str) -> None:
    release, outcome = with_verdict("rate", "lower")
    assert outcome.effect is not None
    effect = replace(outcome.effect, low=low, high=high, estimate=(low + high) / 2)
    assert sentences.range_text(release, outcome, effect, sentences.effect_decimals(release, outcome, effect)) == words


def test_the_smallest_difference_stands_beside_more_people_needed() -> None:
    release, outcome = with_verdict("rate", "more_people")
    known = replace(outcome, smallest_effect=0.093)
    release = replace(release, analyses=(replace(release.analyses[0], outcomes=(known,)),))
    words = "The smallest difference that this study was likely to find is 9 percentage points."
    assert sentences.smallest_text(release, known) == words
    assert words in render_html(seal(release), manifest_sha256="0" * 64, version="0.1.0")
    assert sentences.smallest_text(release, replace(known, smallest_effect=Suppressed())) == ""


def test_the_quote_holds_the_absolute_and_the_relative_change_and_the_interval() -> None:
    release, outcome = with_verdict("rate", "lower")
    assert outcome.effect is not None
    effect = replace(outcome.effect, estimate=-0.04, low=-0.07, high=-0.01)
    exact = replace(outcome, treated=0.27, comparison=0.31, n_treated=412, effect=effect)
    release = replace(release, analyses=(replace(release.analyses[0], outcomes=(exact,)),))
    assert sentences.safe_quote(release) == (
        "In a study of 412 people released from prison who took part in Example Workshop, the share of people who reoffend "
        "within 12 months was 27%. It was an estimated 31% for similar people who did not take part. That is 4 percentage "
        "points lower (between 1 and 7 percentage points lower, with 95% confidence), or about 13% lower in relative terms. "
        "Taking part in Example Workshop could be one reason. The study cannot prove a cause."
    )


def test_hidden_values_never_reach_a_sentence() -> None:
    release, outcome = with_verdict("rate", "lower")
    assert outcome.effect is not None
    hidden = replace(
        outcome, treated=Suppressed(), comparison=Suppressed(), effect=replace(outcome.effect, estimate=Suppressed())
    )
    release = replace(release, analyses=(replace(release.analyses[0], outcomes=(hidden,)),))
    quote = sentences.safe_quote(release)
    assert "between 10 and 20 percentage points lower" in quote
    assert "[c]" not in quote
    assert not any("[c]" in text for text in (*sentences.can_say(release), *sentences.cannot_say(release)))


NOT_ALIKE = "The two groups could not be made alike, so "
REFUSALS: list[tuple[dict[str, object], str]] = [
    ({"passed": False}, NOT_ALIKE + "no fair comparison is possible."),
    ({"status": "too_few", "matched": 20}, "Too few people could be analysed to give a result safely."),
    ({"passed": False, "research": True}, NOT_ALIKE + "nothing here is evidence about Example Workshop."),
]


@pytest.mark.parametrize(("changes", "words"), REFUSALS)
def test_studies_without_an_answer_say_why(changes: dict[str, object], words: str) -> None:
    release = make_release(make_findings(**changes)).release
    assert sentences.headline_sentence(release) == words
    assert sentences.safe_quote(release) == "No estimate from this study should be quoted."
    assert sentences.cannot_say(release) == ("Anything about what Example Workshop did, good or bad.",)


def plain_evaluation() -> Release:
    """An evaluation whose measures and covariates have names that have nothing to do with justice."""
    release = make_release(make_findings(kind="evaluate")).release
    analysis = release.analyses[0]
    assert analysis.balance is not None
    outcomes = tuple(
        replace(found, measure=f"y{index}", label=f"Earnings {index}", unit="")
        for index, found in enumerate(analysis.outcomes[:3])
    )
    lines = tuple(replace(line, label="X", name="x", level="") for line in analysis.balance.covariates)
    plain = replace(analysis, outcomes=outcomes, balance=replace(analysis.balance, covariates=lines, worst=()), profile=())
    names = {"title": "Job training", "study_id": "training", "headline_outcome": "y0"}
    return replace(release, analyses=(plain,), attrition=(), **names)


def test_an_evaluation_never_speaks_of_justice() -> None:
    page = render_html(seal(plain_evaluation()), manifest_sha256="0" * 64, version="0.1.0")
    bare = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", bare).replace("justice-data-lab", "")
    assert not [match.group() for match in JUSTICE.finditer(text)]
