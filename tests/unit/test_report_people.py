"""Tables as readers see them: groups by label, adjusted p beside p, how finely the curves are given, shares in JSON."""

from __future__ import annotations

import json
import re

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control, own_data
from datalab.disclosure.results import Releasable, ReleasedGroup, ReleasedLinkage, Suppressed
from datalab.fields.justice.measures import MEASURES
from datalab.report.annex_tables import annex_tables
from datalab.report.html import render_html
from datalab.report.people_tables import linkage_groups_table
from datalab.report.result_tables import impact_table
from datalab.report.results import results_json
from datalab.report.survival import steps_notes
from datalab.report.tables import Table
from datalab.wording import say

pytestmark = pytest.mark.usefixtures("drawn_once")

HIDDEN = Suppressed("c")
SMALL = "Groups too small to show are left out."


def groups_table(*groups: ReleasedGroup) -> Table:
    return linkage_groups_table(ReleasedLinkage(0.9, 0.01, 0.01, 0.0, 0, groups))


def page_of(releasable: Releasable) -> str:
    return render_html(releasable, manifest_sha256="ab" * 32, version="0.1.0")


@pytest.mark.parametrize(
    ("characteristic", "level", "labels"),
    [
        ("sex", "M", ("Sex", "Men")),
        ("sex", "not_given", ("Sex", "Not given")),
        ("age_band", "18_20", ("Age", "18 to 20")),
        ("postcode_area", "M", ("Postcode area", "M")),
        ("postcode_area", "not_given", ("Postcode area", "Not given")),
        ("postcode_area", say("disclosure.levels.other"), ("Postcode area", "Other (small groups together)")),
    ],
)
def test_groups_are_named_by_label(characteristic: str, level: str, labels: tuple[str, str]) -> None:
    (row,) = groups_table(ReleasedGroup(characteristic, level, 40, 0.85)).rows
    assert tuple(cell.text for cell in row) == (*labels, "40", "85")


def test_groups_without_a_figure_are_left_out_and_a_note_says_so() -> None:
    shown = [ReleasedGroup("sex", "M", 40, HIDDEN), ReleasedGroup("sex", "F", HIDDEN, 0.9)]
    table = groups_table(*shown, ReleasedGroup("sex", "U", HIDDEN, HIDDEN))
    assert [row[1].text for row in table.rows] == ["Men", "Women"]
    assert table.notes == (SMALL,)
    assert groups_table(*shown).notes == ()


def test_ethnicity_of_those_linked_is_no_share_found_and_not_a_small_group() -> None:
    table = groups_table(ReleasedGroup("sex", "M", 40, 0.9), ReleasedGroup("ethnicity_of_linked", "white", 40, 1.0))
    assert [row[0].text for row in table.rows] == ["Sex"]
    assert table.notes == ()


def test_the_title_of_the_groups_is_printed_once() -> None:
    page = page_of(control(make_findings()))
    title = say("report.tables.linkage_groups")
    assert re.findall(rf">({title})<", page) == [title]


def test_adjusted_p_stands_beside_p_where_a_measure_is_secondary() -> None:
    release = control(make_findings()).release
    table = impact_table(release)
    names = [column.name for column in table.columns]
    assert names[-2:] == ["p", "p_holm"]
    assert [row[-1].text == "[z]" for row in table.rows] == [True, False, False]
    assert any("Adjusted p" in note for note in table.notes)


def test_no_adjusted_p_where_there_is_only_the_headline() -> None:
    table = impact_table(own_data(make_findings(kind="evaluate", measures=MEASURES[:1])).release)
    assert len(table.rows) == 1
    assert table.columns[-1].name == "p"
    assert not any("Adjusted p" in note for note in table.notes)


def test_the_page_says_once_that_curves_are_in_steps_of_five() -> None:
    made = control(make_findings())
    (note,) = steps_notes(made.release)
    assert "steps of five people" in note
    assert page_of(made).count(note) == 1
    assert {table.name for table in annex_tables(made) if note in table.notes} == {"survival", "landmarks"}


def test_curves_of_own_data_are_exact_and_no_note_says_otherwise() -> None:
    made = own_data(make_findings(kind="evaluate", measures=MEASURES[:3]))
    assert steps_notes(made.release) == ()
    assert "steps of five" not in page_of(made)


def test_a_step_of_the_attrition_has_a_share_in_json() -> None:
    made = control(make_findings())
    steps = json.loads(results_json(made, manifest_sha256="ab" * 32))["attrition"]
    assert [list(step) for step in steps] == [["step", "n", "lost", "share", "reason"]] * len(made.release.attrition)
    assert [step["share"] for step in steps] == pytest.approx([step.percent for step in made.release.attrition], rel=1e-9)


def test_the_page_says_where_there_are_more_digits() -> None:
    assert "with more digits in results.json" in page_of(control(make_findings()))
