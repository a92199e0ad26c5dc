"""What a chart tells a screen reader is what it draws: its numbers are those of the table behind it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release

from datalab.disclosure import control
from datalab.disclosure.results import Release
from datalab.report.survival_chart import FEW_DAYS, survival_chart

LAST = 274


def described(release: Release) -> tuple[str, list[list[str]]]:
    """The text alternative of the survival chart and the rows of its table."""
    (chart,) = survival_chart(release, release.analyses[0])
    (said,) = {re.search(r"<desc[^>]*>(.*?)</desc>", drawing)[1] for drawing in (chart.wide, chart.narrow)}  # type: ignore[index]
    return said, [[cell.text for cell in row] for row in chart.table.rows]


def ending(release: Release, day: int) -> Release:
    """The release whose curve is shown no further than this day, as where the last steps are hidden."""
    analysis = release.analyses[0]
    assert analysis.survival is not None
    points = tuple(point for point in analysis.survival.points if point.day <= day)
    return replace(release, analyses=(replace(analysis, survival=replace(analysis.survival, points=points)),))


@pytest.mark.parametrize("kind", ["run", "evaluate"])
def test_the_survival_chart_is_described_up_to_its_last_day_with_the_figures_of_its_table(kind: str) -> None:
    release = ending(make_release(make_findings(kind=kind)).release, LAST)
    said, rows = described(release)
    last = rows[-1]
    assert f"to {'day' if kind == 'run' else 'time'} {last[0]}," in said.replace(".", ",")
    assert int(last[0]) <= LAST and "365" not in said
    shares = [f"{100 - Decimal(last[place])}%" for place in (1, 4)]
    assert re.findall(r"[\d.]+%", said)[1:] == shares  # after the 95% of the band


def test_the_survival_chart_is_described_as_it_is_drawn() -> None:
    joined, _ = described(control(make_findings()).release)
    assert joined.startswith("Two lines")
    assert "step" not in joined
    whole = make_release(make_findings()).release
    stepped, _ = described(whole)
    points = whole.analyses[0].survival.points  # type: ignore[union-attr]
    assert stepped.startswith("Two step lines" if len(points) > FEW_DAYS else "Two lines")
