"""What the commands print of a report: the same cells as the page, suppressed numbers as symbols, narrow enough to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release, seal

from datalab.disclosure.results import Releasable, Suppressed
from datalab.output import Output, relative_location
from datalab.report import people_grid, results_grid, verdict_lines
from datalab.report.result_tables import results_table
from datalab.terminal import COMPACT_WIDTH, Terminal

TRUTH = {"rate": -0.0512, "frequency": -0.2}


def hidden() -> Releasable:
    """A release whose group sizes and rate may not be shown."""
    release = make_release(make_findings()).release
    analysis, c = release.analyses[0], Suppressed("c")
    rate, *others = analysis.outcomes
    assert rate.effect is not None
    effect = replace(rate.effect, estimate=c, low=c, high=c)
    people = replace(analysis.people, matched=c, effective_pool=c)
    outcomes = (replace(rate, treated=c, comparison=c, effect=effect), *others)
    return seal(replace(release, analyses=(replace(analysis, people=people, outcomes=outcomes), *release.analyses[1:])))


def test_results_are_rate_frequency_and_time_with_the_cells_of_the_report() -> None:
    made = make_release(make_findings())
    grid = results_grid(made)
    assert len(grid.headings) == 6
    measures = [outcome.measure for outcome in made.release.analyses[0].outcomes]
    assert len(grid.rows) == len({"rate", "frequency", "days_to_first"} & set(measures))
    table = results_table(made.release)
    places = [next(i for i, c in enumerate(table.columns) if c.name == name) for name in ("treated", "comparison", "estimate")]
    assert grid.rows[0][1:4] == tuple(table.rows[0][place].text for place in places)


def test_the_truth_stands_beside_with_a_decimal_more_and_time_has_none() -> None:
    grid = results_grid(make_release(make_findings()), TRUTH)
    assert grid.headings[-1] == "True effect*"
    last = {row[0].split(",")[0]: row[-1] for row in grid.rows}
    assert last["Reoffending rate"] == "−5.1"
    assert last["Number of reoffences"] == "−0.200"
    assert set(last.values()) <= {"−5.1", "−0.200", "–"}


def test_suppressed_numbers_are_printed_as_symbols(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal library takes [c] for a colour unless it is told not to."""
    Terminal().show_output(Output(hidden(), tmp_path / "out", "0" * 64, {}))
    lines = capsys.readouterr().out.splitlines()
    people = next(line for index, line in enumerate(lines) if index and set(lines[index - 1].strip()) == {"─"})
    assert people.split().count("[c]") == 2
    rate = next(line for line in lines if line.strip().startswith("Reoffending rate"))
    assert rate.split().count("[c]") == 4


def test_people_are_one_row_and_a_merged_step_is_told_as_a_share() -> None:
    made = make_release(make_findings())
    grid = people_grid(made)
    assert len(grid.rows) == 1
    assert len(grid.rows[0]) == len(grid.headings) == 5
    without = tuple(step for step in made.release.attrition if step.step != "linked")
    shares = people_grid(seal(replace(made.release, attrition=without))).rows[0]
    assert shares[1].endswith("%")
    assert shares[2:] == grid.rows[0][2:]


def test_grids_fit_a_hundred_columns(capsys: pytest.CaptureFixture[str]) -> None:
    made = make_release(make_findings())
    for grid in (people_grid(made), results_grid(made, TRUTH)):
        Terminal().grid("Title [c]", grid.headings, grid.rows, COMPACT_WIDTH)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].strip() == "Title [c]"
    assert not [line for line in lines if line.rstrip().endswith("…")]


def test_a_refused_analysis_says_why() -> None:
    made = make_release(make_findings())
    analysis = replace(made.release.analyses[0], status="balance_failed", reason="balance_failed", outcomes=(), balance=None)
    refused = seal(replace(made.release, status="balance_failed", verdict="withheld", analyses=(analysis,)))
    assert len(verdict_lines(refused)) == 2
    assert results_grid(refused).rows == ()


def test_locations_are_seen_from_the_folder(tmp_path: Path) -> None:
    assert relative_location(tmp_path / "a" / "s.toml", tmp_path / "out" / "x") == "../../a/s.toml"
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert relative_location(tmp_path / "real" / "s.toml", tmp_path / "link" / "run") == "../s.toml"
