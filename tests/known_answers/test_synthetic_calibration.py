"""The made-up country against the published figures of the cohort April 2013 to March 2014 (12-month measure)."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.world_fixture import world_folder

from datalab.synthetic import PRESETS, describe_world
from datalab.synthetic.describe import compare_figures, published_figures

POINTS = 5.0


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return describe_world(world_folder(tmp_path_factory, PRESETS["demo"], 1, replicates=2))


def test_rates_lie_within_five_points_of_the_published(figures: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    held = figures[(figures["metric"] == "rate_pct") & figures["population"].isin(["All", "Adult"])]
    assert set(held["breakdown"]) == {"all", "sex", "age_band", "previous_offences"}
    assert len(held) == 17
    with capsys.disabled():
        worst = held.loc[held["difference"].abs().idxmax()]
        print(f"\n  worst of 17 rates: {worst['breakdown']} {worst['group']}, {worst['difference']:+.1f} points")  # noqa: T201
    assert held["difference"].abs().max() <= POINTS, held.round(1).to_string()


def test_reoffences_per_reoffender_are_near_the_published(figures: pd.DataFrame) -> None:
    ours = figures[figures["metric"] == "reoffences_per_reoffender"]
    assert ours["difference"].abs().max() < 0.4


def test_the_cohort_is_large_enough_to_analyse(figures: pd.DataFrame) -> None:
    people = figures.set_index(["population", "breakdown", "group", "metric"])["people"]
    assert people["Adult", "all", "all", "rate_pct"] > 0.1 * PRESETS["demo"]


def test_published_figures_are_read_from_the_packaged_file() -> None:
    figures = published_figures()
    assert figures["All", "sex", "Female", "rate_pct"] == 19.4
    assert figures["Adult", "previous_offences", "11+", "rate_pct"] == 46.6
    assert round(figures["All", "all", "all", "rate_pct"], 1) == 26.2


def test_groups_without_anybody_are_left_out() -> None:
    nobody = pd.DataFrame({"person_id": ["a"], "sex": ["M"], "age": [30], "earlier": [0], "reoffences": [2]})
    found = compare_figures(nobody)
    assert set(found["group"]) == {"all", "Male", "30-34", "0"}
    assert set(found.loc[found["metric"] == "rate_pct", "ours"]) == {100.0}
    assert set(found.loc[found["metric"] != "rate_pct", "ours"]) == {2.0}
