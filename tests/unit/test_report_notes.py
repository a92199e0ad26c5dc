"""Sentences that are said once, and what stands where a figure may not be shown."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release, seal

from datalab.disclosure import control
from datalab.disclosure.results import (
    Releasable,
    ReleasedDeaths,
    ReleasedNeedsOutcome,
    ReleasedNeedsRun,
    ReleasedOutcome,
    Suppressed,
)
from datalab.effects.results import Deaths
from datalab.report.html import render_html
from datalab.report.notes import outcome_notes
from datalab.report.page import TableBlock, Text
from datalab.report.several import needs_blocks, needs_table
from datalab.report.svg import finish

pytestmark = pytest.mark.usefixtures("drawn_once")

FEW = "effects.notes.few_sites"
HIDDEN = "disclosure.notes.size_hidden"
FEW_SITES = "The people come from only a few sites; variation between sites is not covered by the range."


def part_of(outcome: ReleasedOutcome) -> str:
    return "known" if outcome.known_before else "among" if outcome.among else ""


def with_notes(*wanted: tuple[str, str]) -> Releasable:
    """A release whose measures (by name, or "among" for all among reoffenders, "known" for those of work, or "all") carry
    these notes."""
    release = make_release(make_findings()).release
    (analysis,) = release.analyses

    def notes(name: str, among: str) -> tuple[str, ...]:
        return tuple(note for who, note in wanted if who in (name, "all") or (who in ("among", "known") and who == among))

    outcomes = tuple(replace(outcome, notes=notes(outcome.measure, part_of(outcome))) for outcome in analysis.outcomes)
    return seal(replace(release, analyses=(replace(analysis, outcomes=outcomes),)))


def text_of(releasable: Releasable) -> str:
    page = render_html(releasable, manifest_sha256="ab" * 32, version="0.1.0")
    return re.sub(r"\s+", " ", re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL))


def test_a_note_on_every_measure_is_said_once_and_bare() -> None:
    made = with_notes(("all", FEW))
    assert outcome_notes(made.release).count(FEW_SITES) == 1
    assert text_of(made).count("only a few sites") == 1


@pytest.mark.parametrize(
    ("wanted", "start"),
    [
        ((("among", HIDDEN),), "Measures among those who reoffended: the exact number of people is not shown"),
        ((("rate", FEW),), "Proven reoffending rate: the people come from only a few sites"),
        ((("rate", FEW), ("among", FEW)), "Proven reoffending rate, and the measures among those who reoffended: the people"),
        ((("known", FEW), ("rate", FEW)), "Proven reoffending rate: the people come from only a few sites"),
        ((("known", FEW), ("among", FEW)), "Measures of employment and benefits: the people come from only a few sites"),
        ((("employed_any", FEW), ("rate", FEW)), "Employed at any time in the follow-up: the people come from only a few"),
        ((("rate", FEW), ("frequency", FEW)), "Proven reoffending rate, Proven reoffences per person: the people come"),
    ],
)
def test_a_note_on_some_measures_names_them(wanted: tuple[tuple[str, str], ...], start: str) -> None:
    found = [note for note in outcome_notes(with_notes(*wanted).release) if note.startswith(start)]
    assert len(found) == 1


def test_bullets_of_results_have_at_most_two_sentences_and_no_sentence_of_the_page_is_said_twice() -> None:
    text = render_html(control(make_findings()), manifest_sha256="ab" * 32, version="0.1.0")
    (section,) = re.findall(r'<section class="section section-results".*?</section>', text, flags=re.DOTALL)
    bullets = re.findall(r"<li>(.*?)</li>", section.split('<div class="scroll')[0], flags=re.DOTALL)
    assert bullets
    assert all(len(re.findall(r"\.(?:\s|$)", bullet)) <= 2 for bullet in bullets)
    notes = [note for block in re.findall(r'<ul class="notes">(.*?)</ul>', outside_details(text), flags=re.DOTALL)
             for note in re.findall(r"<li>(.*?)</li>", block)]  # fmt: skip
    assert len(notes) == len(set(notes))


def outside_details(text: str) -> str:
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)


def test_hidden_figures_leave_the_panel_and_the_range_stays() -> None:
    page = render_html(control(make_findings(matched=35, rate=0.1, pool=400)), manifest_sha256="ab" * 32, version="0.1.0")
    (panel,) = re.findall(r'<section class="panel.*?</section>', page, flags=re.DOTALL)
    assert "[c]" not in panel
    assert "between 35 percentage points lower and 35 percentage points higher" in panel
    assert "The figures of the two groups are not shown" in panel


@pytest.mark.parametrize(
    ("deaths", "said"),
    [
        (Deaths(12, 80), "Deaths in follow-up: 12 among those eligible who took part; 80 in the comparison pool."),
        (Deaths(3, 80), "Deaths in follow-up: too few to show among those eligible who took part; 80 in the comparison pool."),
        (Deaths(0, 9), "too few to show among those eligible who took part; too few to show in the comparison pool."),
    ],
)
def test_deaths_in_follow_up_are_said_where_they_are_not_few(deaths: Deaths, said: str) -> None:
    text = text_of(control(replace(make_findings(), deaths=deaths)))
    assert said in text
    assert text.count("Deaths in follow-up") == 1


def test_deaths_are_released_by_the_rules() -> None:
    hidden = Suppressed("c")
    found = control(replace(make_findings(), deaths=Deaths(10, 9)))
    assert found.release.deaths == ReleasedDeaths(10, hidden)
    assert [check.outcome for check in found.decisions if check.subject == "deaths"] == ["fail"]
    nearly_all = control(replace(make_findings(), deaths=Deaths(250, 80)))  # 254 treated people
    assert nearly_all.release.deaths == ReleasedDeaths(hidden, 80)
    rounded = control(replace(make_findings(), deaths=Deaths(12, 83)), profile="strict")
    assert rounded.release.deaths == ReleasedDeaths(10, 85)
    assert control(make_findings()).release.deaths is None


def test_a_drawing_has_the_same_ids_whatever_was_drawn_before_it() -> None:
    def svg(number: int) -> str:
        inner = f'<clipPath id="clip{number}"/><g clip-path="url(#clip{number})"/><use href="#clip{number}"/>'
        return f'<svg viewBox="0 0 10 20">{inner}</svg>'

    first, second = (finish(svg(number), name="a", title="t", description="d") for number in (0, 17))
    assert first == second
    assert first.count("a-0") == 3


def test_a_needs_run_with_a_result_is_shown_where_its_analysis_has_none() -> None:
    """People with an assessment may be balanced where everybody together is not: the run has its measures' own style."""
    good, bad = control(make_findings()), control(make_findings(passed=False))
    shown = tuple(
        ReleasedNeedsOutcome(one.measure, one.label, one.kind, one.unit, one.effect)
        for one in good.release.analyses[0].outcomes
        if one.effect is not None
    )
    run = ReleasedNeedsRun("everyone", "with_needs", "estimated", "", 180, 1340, shown)
    release = replace(bad.release, needs=(run,))
    assert not release.analyses[0].outcomes
    alone, beside = needs_table(release), needs_table(replace(good.release, needs=(run,)))
    assert alone.rows == beside.rows
    (block,) = (block for block in needs_blocks(release) if isinstance(block, TableBlock))
    place = [column.name for column in block.table.columns].index("measure")
    measures = [row[place].text for row in block.table.rows]
    assert measures == [one.label for one in shown if one.measure in ("rate", "frequency", "days_to_first")]
    assert 'id="needs"' in render_html(seal(release), manifest_sha256="ab" * 32, version="0.1.0")
    assert any("do not stand in for it" in block.text for block in needs_blocks(release) if isinstance(block, Text))
    both = replace(good.release, needs=(run,))
    assert not any("do not stand in" in block.text for block in needs_blocks(both) if isinstance(block, Text))
