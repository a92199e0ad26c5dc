"""The one-page summary: same figures as the report, plain words, and people called what the plan says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release, seal
from tests.spec.test_report_wording import with_verdict

from datalab.disclosure.results import Release, ReleasedDeaths, Suppressed
from datalab.effects.results import Programme
from datalab.errors import InternalError
from datalab.fields.justice.measures import MEASURES
from datalab.report import sentences
from datalab.report.html import render_html
from datalab.report.hundred import hundred_dots
from datalab.report.panels import verdict_panel
from datalab.report.result_tables import per_100_table
from datalab.report.summary import build_summary, render_summary, summary_passages
from datalab.wording.reading import measure_reading

pytestmark = pytest.mark.usefixtures("drawn_once")

OLDEST = 12.0
DOCUMENT = Path(__file__).parents[2] / "docs" / "wording.md"
BARE = {"survival": False, "overlap": False, "sensitivity": False}
ENDINGS = {
    "too few": {"status": "too_few", "matched": 22},
    "badly matched": {"passed": False},
    "shown for research": {"passed": False, "research": True},
}


def age(release: Release) -> float:
    return measure_reading(summary_passages(build_summary(release, "0" * 64, "0"))).age


def measured() -> dict[str, float]:
    """The reading age of the summary: the oldest of every measure as the headline, by verdict, and of each refusal."""
    answered = {
        verdict: max(age(with_verdict(measure.name, verdict)[0]) for measure in MEASURES)
        for verdict in ("lower", "higher", "more_people")
    }
    refused = {name: age(make_release(make_findings(**BARE, **changes)).release) for name, changes in ENDINGS.items()}
    return {**answered, **refused}


def test_the_summary_can_be_read_at_twelve_and_the_document_says_how_easily() -> None:
    found = measured()
    assert max(found.values()) <= OLDEST
    rows = re.findall(r"^\| `([a-z_ ]+)` \| ([0-9.]+) \|$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert dict(rows) == {name: f"{value:.1f}" for name, value in found.items()}


def test_dots_table_and_report_say_the_same() -> None:
    release, _ = with_verdict("rate", "lower")
    page = render_summary(seal(release), manifest_sha256="0" * 64, version="0")
    row = per_100_table(release).rows[0]
    for part, color in zip(page.split("<figure>")[1:], ("#12436d", "#8f3410"), strict=True):
        index = 1 if color == "#12436d" else 2
        assert part.count(f'fill="{color}"') == int(row[index].values[0])
        assert part.count("<circle") == 100
    report = render_html(seal(release), manifest_sha256="0" * 64, version="0")
    for text in (sentences.headline_sentence(release), sentences.safe_quote(release), row[3].text, row[4].text):
        assert text in page
        assert text in report
    assert "<script" not in page


def test_one_hundred_people_are_one_hundred() -> None:
    for count in (0, 100):
        assert hundred_dots(count, name="n", title="t", color="#000000").count('fill="#000000"') == count
    with pytest.raises(InternalError):
        hundred_dots(101, name="n", title="t", color="#000000")


def test_hidden_figures_are_in_no_picture_and_no_sentence() -> None:
    release, outcome = with_verdict("rate", "lower")
    hidden = replace(
        outcome, treated=Suppressed(), comparison=Suppressed(), effect=replace(outcome.effect, estimate=Suppressed())
    )
    outcomes = (hidden, *release.analyses[0].outcomes[1:])
    release = replace(release, analyses=(replace(release.analyses[0], outcomes=outcomes),))
    page = build_summary(release, "0" * 64, "0")
    assert page.picture == ()
    assert not any("[c]" in text for text in summary_passages(page))


@pytest.mark.parametrize("changes", ENDINGS.values(), ids=list(ENDINGS))
def test_a_refusal_says_what_happened_why_and_what_next_before_anything_else(changes: dict[str, object]) -> None:
    release = make_release(make_findings(**BARE, **changes)).release
    panel = verdict_panel(release)
    assert panel.sentence == sentences.headline_sentence(release)
    assert panel.steps is not None
    assert len(panel.steps.items) >= 2
    if not sentences.is_research(release):
        assert panel.reason.startswith("A result needs ")
        assert panel.meaning.startswith("This does not tell whether ")
    for page in (render_summary, render_html):
        text = page(seal(release), manifest_sha256="0" * 64, version="0")
        assert text.index(panel.steps.items[0]) < text.index(
            "What you can say" if page is render_summary else '<nav class="contents"'
        )


def test_a_refusal_names_its_own_figures() -> None:
    few = verdict_panel(make_release(make_findings(**BARE, status="too_few", matched=1)).release)
    assert few.reason == "A result needs at least 30 people who took part to be left after matching. Only 1 was."
    unlike = make_release(make_findings(**BARE, passed=False)).release
    assert unlike.analyses[0].balance is not None
    assert "; ".join(unlike.analyses[0].balance.worst[:3]) in verdict_panel(unlike).reason


NEXT = [
    (350, "About 350 more people like these would give a good chance to find a difference of 5 percentage points."),
    (float("inf"), "More comparison people, or more alike ones, are needed."),
    (Suppressed(), "More people like these would narrow the range."),
]


@pytest.mark.parametrize(("needed", "words"), NEXT)
def test_an_uncertain_result_says_what_would_make_it_clear(needed: object, words: str) -> None:
    release, outcome = with_verdict("rate", "more_people")
    known = replace(outcome, people_needed=needed, stated_effect=0.05)
    release = replace(release, analyses=(replace(release.analyses[0], outcomes=(known,)),))
    steps = verdict_panel(release).steps
    assert steps is not None
    assert steps.items[0].startswith(words)


PEOPLE = [
    ("custody", (), "people released from prison", "people"),
    ("custody", (("sex", ("M",)),), "men released from prison", "men"),
    ("community", (("sex", ("F",)), ("index_kind", ("court_order",))), "women given community or suspended sentences", "women"),
    ("both", (("setting", ("custody",)),), "people released from prison", "people"),
    ("both", (("setting", ("community",)),), "people", "people"),
    ("custody", (("setting", ("community",)),), "people", "people"),
    ("both", (("index_kind", ("caution",)),), "people given cautions", "people"),
    ("both", (("index_kind", ("caution", "release")), ("sex", ("M", "F"))), "people", "people"),
]


@pytest.mark.parametrize(("setting", "conditions", "cohort", "people"), PEOPLE)
def test_people_are_called_what_the_plan_says(setting: str, conditions: tuple, cohort: str, people: str) -> None:
    release, _ = with_verdict("rate", "lower")
    analysis = replace(release.analyses[0], conditions=conditions)
    release = replace(release, programme=Programme("employment", setting, "2012-01-01", "2012-12-31"), analyses=(analysis,))
    assert f" {cohort} who took part. They are set beside" in verdict_panel(release).basis
    start = f"{people.capitalize()} who took part in Example Workshop were less likely to reoffend"
    assert sentences.headline_sentence(release).startswith(start)
    assert f" {cohort} who took part in Example Workshop, the share of {people} who reoffend" in sentences.safe_quote(release)
    assert sentences.headline_tag(release) == f"Fewer {people} reoffended"


@pytest.mark.parametrize("ending", ["too few", "badly matched"])
def test_a_study_without_a_result_has_matched_people_and_studied_nobody(ending: str) -> None:
    deaths = ReleasedDeaths(10, 20)
    release = replace(make_release(make_findings(**BARE, **ENDINGS[ending])).release, deaths=deaths)
    who = " ".join(build_summary(release, "0" * 64, "0").who)
    assert "could be matched." in who
    assert "studied" not in who and "The rest" not in who
    page = render_html(seal(release), manifest_sha256="0" * 64, version="0")
    assert "in the rate" not in page
    answered = replace(make_release(make_findings(**BARE)).release, deaths=deaths)
    assert "could be studied. The rest" in " ".join(build_summary(answered, "0" * 64, "0").who)
    assert "in the rate" in render_html(seal(answered), manifest_sha256="0" * 64, version="0")


def test_those_who_took_part_have_one_name_in_every_table_of_a_run() -> None:
    page = render_html(make_release(make_findings(matched=300)), manifest_sha256="0" * 64, version="0")
    headings = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)
    assert any(heading.startswith("Took part, ") for heading in headings)
    assert not [heading for heading in headings if "reated" in heading]
