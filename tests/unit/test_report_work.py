"""The section on employment and benefits: who counts, what was known, and what may not be read into it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release, seal

from datalab.disclosure.results import Release, Suppressed
from datalab.fields.justice.measures import BY_NAME, REOFFENDING, WORK
from datalab.report.detail import results_blocks
from datalab.report.html import render_html
from datalab.report.page import TableBlock, Text
from datalab.report.sections import report_sections
from datalab.report.work import work_blocks

pytestmark = pytest.mark.usefixtures("drawn_once")


def release_of(**changes: object) -> Release:
    return make_release(make_findings(**changes)).release


def texts(blocks: object) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Text))


def test_the_section_stands_after_the_results_and_holds_the_work_measures_alone() -> None:
    release = release_of()
    names = [section.name for section in report_sections(seal(release))]
    assert names.index("employment") == names.index("results") + 1
    (table,) = (block.table for block in work_blocks(release) if isinstance(block, TableBlock))
    assert [row[0].text for row in table.rows] == [measure.label for measure in WORK]
    (others,) = (block.table for block in results_blocks(release) if isinstance(block, TableBlock))
    assert [row[0].text for row in others.rows] == [measure.label for measure in BY_NAME.values() if measure not in WORK]


def test_it_says_who_counts_what_is_known_and_what_is_descriptive() -> None:
    said = texts(work_blocks(release_of()))
    assert "already known to the tax and benefit records when the follow-up began" in said
    assert re.search(r"about 88% were known to those records; of the comparison group \(weighted\), about 8\d%", said)
    assert "could never show an effect" in said and "at most 365" in said


def test_a_hidden_share_is_said_to_be_hidden() -> None:
    release = release_of()
    (analysis,) = release.analyses
    hidden = replace(analysis, subgroups=(replace(analysis.subgroups[0], treated=Suppressed("c")),))
    said = texts(work_blocks(replace(release, analyses=(hidden,))))
    assert "is not shown for both groups" in said and "a share that is not shown of people who took part" in said


def test_two_years_have_730_days_and_are_called_so() -> None:
    release = replace(release_of(), follow_up_months=24)
    assert "at most 730" in texts(work_blocks(release))
    page = render_html(seal(release), manifest_sha256="ab" * 32, version="0.1.0")
    assert "24 months (a two-year study)" in page and "employed at any time within 24 months" in page


@pytest.mark.parametrize("changes", [{"measures": REOFFENDING}, {"research": True, "passed": False}, {"kind": "evaluate"}])
def test_there_is_no_section_without_such_measures_or_evidence(changes: dict[str, object]) -> None:
    assert work_blocks(release_of(**changes)) == ()


def test_the_note_on_events_after_the_programme_leaves_work_out() -> None:
    release = release_of(measures=(BY_NAME["rate"], *WORK))
    page = render_html(seal(release), manifest_sha256="ab" * 32, version="0.1.0")
    assert "went on to reoffend, which happens after the programme" not in page
