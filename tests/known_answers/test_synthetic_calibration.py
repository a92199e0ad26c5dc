"""The made-up country against the published figures: both national measures, the rates of every breakdown, frequency, time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.world_fixture import world_folder

from datalab.synthetic import PRESETS, describe_world, draw_description, summarise
from datalab.synthetic.describe import compare_figure
from datalab.synthetic.published import HELD, MAIN, OTHER_YEAR, SOFT, published_figures, window_of

PEOPLE = PRESETS["demo"]
COLUMNS = ("measure", "population", "breakdown", "group", "metric")
BREAKDOWNS = {"all", "sex", "age_band", "previous_offences", "index_offence_group", "index_disposal", "custodial_sentence_length"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world_folder(tmp_path_factory, PEOPLE, 1, replicates=2)


@pytest.fixture(scope="module")
def figures(folder: Path) -> pd.DataFrame:
    return describe_world(folder)


@pytest.fixture(scope="module")
def held(figures: pd.DataFrame) -> dict[tuple[str, ...], float]:
    rows = figures[figures["asked"] == HELD]
    return {tuple(row[name] for name in COLUMNS): row["ours"] for row in rows.to_dict("records")}


def spread(people: int, rate: float) -> float:
    """The standard error of a rate in points, twice as large as of people drawn alone: who is in two groups counts twice."""
    return 100 * 2 * (rate * (1 - rate) / people) ** 0.5


def test_every_breakdown_is_held_and_no_rate_is_farther_than_chance_and_three_points(figures: pd.DataFrame) -> None:
    rates = figures[(figures["asked"] == HELD) & (figures["metric"] == "rate_pct")]
    assert set(rates["breakdown"]) == BREAKDOWNS
    assert len(rates) >= 65
    allowed = [3 + 2 * spread(row.people, row.published / 100) for row in rates.itertuples()]
    far = rates[rates["difference"].abs() > allowed]
    assert far.empty, far.round(1).to_string()
    # Weighted by people, what chance does to groups of a few people falls out of the mean.
    assert summarise(figures)["weighted_points"] < 2.0


def test_both_national_measures_come_out_of_the_same_lives(held: dict[tuple[str, ...], float]) -> None:
    old, new = (held[measure, "All", "all", "all", "rate_pct"] for measure in ("old", "new"))
    # One point is asked of the country at large; the demo's 3,400 entries add one point and a half of chance.
    assert abs(old - 26.2) < 2.5
    assert abs(new - 31.1) < 2.5
    assert 2.5 < new - old < 5.5
    assert held["new", "All", "all", "all", "entries_per_person"] == pytest.approx(1.173, abs=0.06)


def test_frequency_and_time_are_near_the_published(held: dict[tuple[str, ...], float]) -> None:
    for measure, published in (("old", 3.12), ("new", 3.56)):
        assert held[measure, "All", "all", "all", "reoffences_per_reoffender"] == pytest.approx(published, abs=0.4)
    leavers = ("old", "Adult released from custody", "time", "where 42 % reoffend", "days_to_first")
    assert held[leavers] == pytest.approx(122, abs=25)


def test_occasions_a_person_are_those_of_the_real_extract(folder: Path) -> None:
    """20,000,000 occasions of 5,000,000 people: everybody active since 2000 is in, whenever the career began."""
    rows = pq.read_metadata(folder / "central" / "occasion.parquet").num_rows
    assert 3.8 <= rows / PEOPLE <= 4.4


@pytest.mark.parametrize(
    ("group", "when", "points"),
    [
        ("15-49 previous convictions", "2014", 5),
        ("15+ previous convictions or cautions", "2011", 8),
        ("claiming out-of-work benefits", "1 month after release", 8),
        ("claiming out-of-work benefits", "2 years after release", 8),
        ("any out-of-work benefit", "month before sentence", 8),
    ],
)
def test_long_careers_and_claims_are_near_what_was_published(figures: pd.DataFrame, group: str, when: str, points: float) -> None:
    """Soft figures, whose definitions are not known; before careers began earlier and claims resumed they were 13 to 42 away."""
    row = figures[(figures["asked"] == SOFT) & (figures["group"] == group) & (figures["cohort"] == when)].iloc[0]
    assert abs(row["difference"]) < points


def test_what_is_not_calibrated_is_told_apart(figures: pd.DataFrame) -> None:
    assert set(figures["asked"]) == {HELD, OTHER_YEAR, SOFT}
    assert set(figures.loc[figures["asked"] == SOFT, "breakdown"]) == {"history", "work"}
    assert set(figures.loc[figures["asked"] == OTHER_YEAR, "cohort"]).isdisjoint({MAIN, "Jul 2013-Jun 2014"})


def test_the_page_draws_every_breakdown_with_its_table(folder: Path, figures: pd.DataFrame, tmp_path: Path) -> None:
    draw_description(figures, folder, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.count('class="plot"') == 2 * len(BREAKDOWNS)
    assert "Made-up country of 50000 people" in text
    assert "digitised" not in text
    for row in figures[figures["asked"] == HELD].itertuples():
        assert f"{row.published:.1f}" in text


def test_published_figures_are_read_from_the_packaged_files() -> None:
    figures = {(one.cohort, one.measure, one.population, one.group, one.metric): one.value for one in published_figures()}
    assert figures[MAIN, "old", "All", "Female", "rate_pct"] == 19.4
    assert figures[MAIN, "old", "Adult", "11+", "rate_pct"] == 46.6
    assert round(figures[MAIN, "old", "All", "all", "rate_pct"], 1) == 26.2
    assert round(figures["2013/14", "new", "All", "all", "rate_pct"], 1) == 31.1
    assert round(figures["2013/14", "new", "All", "all", "entries_per_person"], 3) == 1.173


@pytest.mark.parametrize(
    ("label", "days"),
    [
        ("Apr 2013-Mar 2014", ("2013-04-01", "2014-03-31")),
        ("12 months to Mar 2006", ("2005-04-01", "2006-03-31")),
        ("12 months to Dec 2006", ("2006-01-01", "2006-12-31")),
        ("Jan-Dec 2011", ("2011-01-01", "2011-12-31")),
        ("calendar 2004", ("2004-01-01", "2004-12-31")),
        ("2009/10", ("2009-04-01", "2010-03-31")),
        ("2000", None),
        ("Apr-Jun 2023", None),
        ("2016/17", None),
        ("2000 Q1", None),
    ],
)
def test_cohort_labels_are_read_as_days(label: str, days: tuple[str, str] | None) -> None:
    found = window_of(label, "old")
    assert (found and (found.first.isoformat(), found.last.isoformat())) == days


def test_groups_without_anybody_are_left_out() -> None:
    assert {bool(compare_figure(figure, {})) for figure in published_figures()} == {False}
