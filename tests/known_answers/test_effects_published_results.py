"""Every published result that holds its counts: interval and verdict made again (`python -m scripts.published`)."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from scripts.published import classic, default, judge, published_markdown, read_published, whole_percent, why_not

ROWS = read_published()
MADE = [row for row in ROWS if not why_not(row)]
# Published with people and rates; the only two that our own interval, without covariates, does not give back.
NOT_OURS = {"BLUESKY-2013": "lower", "LANDWORKS-2026": "more_people"}


def test_no_row_is_dropped_and_every_one_left_out_has_its_reason() -> None:
    text = resources.files("datalab.data").joinpath("published_results.csv").read_text(encoding="utf-8")
    assert len(ROWS) == len(list(csv.DictReader(text.splitlines()))) == 94
    page = published_markdown()
    for row in ROWS:
        assert f"| {row['line']} | {row['report_id']} |" in page
        complete = all(row[name] for name in ("n_treated", "treated_value", "comparison_value"))
        answered = bool(row["ci_low"] or row["conclusion"])
        is_rate = row["outcome"] in ("one_year_rate", "other") and row["units"].startswith("percent")
        assert bool(why_not(row)) != (complete and answered and is_rate), row["report_id"]
    assert len(MADE) == 12


@pytest.mark.parametrize("row", MADE, ids=lambda row: row["report_id"])
def test_the_services_own_test_gives_what_was_published(row: dict[str, str]) -> None:
    """Interval (to whole points) and verdict, at the printed rates or at rates that are printed so."""
    assert judge(row, classic).within_rounding


@pytest.mark.parametrize("row", MADE, ids=lambda row: row["report_id"])
def test_our_default_agrees_but_for_the_rows_that_are_named(row: dict[str, str]) -> None:
    assert judge(row, default).within_rounding == (row["report_id"] not in NOT_OURS)


def test_the_row_that_separates_the_tests() -> None:
    """90 people, 12 of them reoffending, against 21 %: the t test finds a reduction, an interval of shares does not."""
    assert classic(12 / 90, 0.21, 90).high < 0 < default(12 / 90, 0.21, 90).high


def test_an_interval_by_hand() -> None:
    """Blue Sky: 31 % of 72 against 43 %. s = sqrt(0.31 x 0.69 / 71) = 0.05489, t(0.975, 71) = 1.9939: 12 +- 10.94 points."""
    effect = classic(0.31, 0.43, 72)
    assert (effect.low, effect.high) == pytest.approx((-0.2294, -0.0106), abs=5e-5)


def test_halves_are_rounded_away_from_nought() -> None:
    assert [whole_percent(share) for share in (0.125, -0.125, 0.285, 0.1249)] == [13, -13, 29, 12]
