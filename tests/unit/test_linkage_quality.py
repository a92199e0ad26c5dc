"""The quality of links from choices made by hand: shares, expected errors, groups and the warning about gaps."""

from __future__ import annotations

from typing import Any

import pytest
from tests.linkage_country import TODAY, submission, submitted

from datalab.linkage.blocking import lost_share
from datalab.linkage.candidates import Candidate
from datalab.linkage.choice import Choice
from datalab.linkage.index import IndexSize
from datalab.linkage.model import load_model
from datalab.linkage.quality import AGE_BANDS, NOT_GIVEN, OLDEST, measure_quality
from datalab.linkage.results import LinkageQuality
from datalab.wording import say

MODEL = load_model()
SIZE = IndexSize(50_000, 1.0, 0.5, 1.0)


def choice(row: int, status: Any, probability: float) -> Choice:
    best = Candidate(row, f"p{row}", "probabilistic", 7.0, probability, probability)
    return Choice(row, status, "probabilistic", best, (best,) if status == "review" else (), probability)


def measure(choices: list[Choice], records: list[dict[str, Any]]) -> LinkageQuality:
    ethnicity = {f"p{item.row}": "white" for item in choices}
    return measure_quality(choices, submission(records).people, ethnicity, SIZE, model=MODEL, today=TODAY)


def test_expected_errors_follow_from_the_probabilities() -> None:
    choices = [choice(2, "accepted", 0.99), choice(3, "accepted", 1.0), choice(4, "review", 0.7), choice(5, "unlinked", 0.1)]
    quality = measure([*choices, choice(6, "merged", 1.0)], [submitted(n, "A", "B", "1980-01-01") for n in range(2, 7)])
    share = lost_share(MODEL, SIZE, frozenset())
    everyone = 2.79 / (1 - share)
    assert quality.linked_share == 0.5
    assert quality.false_links == pytest.approx(0.005)
    assert quality.lost_to_blocking == pytest.approx(share)
    assert quality.missed_links == pytest.approx((0.8 + everyone * share) / everyone)
    assert quality.awaiting_review == 1


def test_groups_count_every_standing_row_once() -> None:
    records = [submitted(2, "A", "B", "1980-01-01", sex="F", postcode="SW1A 1AA"), submitted(3, "A", "B", "1930-01-01")]
    quality = measure([choice(2, "accepted", 0.99), choice(3, "unlinked", 0.1)], records)
    found = {(group.characteristic, group.level): (group.submitted, group.linked) for group in quality.groups}
    assert found == {
        ("sex", "F"): (1, 1),
        ("sex", "M"): (1, 0),
        ("age_band", "30_39"): (1, 1),
        ("age_band", OLDEST): (1, 0),
        ("postcode_area", "SW"): (1, 1),
        ("postcode_area", NOT_GIVEN): (1, 0),
        ("ethnicity_of_linked", "white"): (1, 1),
    }


def rows(women_linked: int, women: int, men: int) -> LinkageQuality:
    """All men are linked, and so many of the women."""
    records = [submitted(2 + n, "A", "B", "1980-01-01", sex="F" if n < women else "M") for n in range(women + men)]
    choices = [choice(2 + n, "accepted" if n < women_linked or n >= women else "unlinked", 0.99) for n in range(women + men)]
    return measure(choices, records)


@pytest.mark.parametrize(
    ("linked", "women", "men", "warned"), [(30, 40, 100, True), (36, 40, 100, False), (10, 29, 400, False)], ids=str
)
def test_a_large_gap_in_a_large_enough_group_is_told(linked: int, women: int, men: int, warned: bool) -> None:
    told = [text for text in rows(linked, women, men).warnings if text.startswith("Linkage differs by sex")]
    assert bool(told) == warned
    if warned:
        assert "75 % of the people in the group women were linked, against 93 % overall" in told[0]


def test_every_level_has_a_name() -> None:
    for level in (*(name for _, name in AGE_BANDS), OLDEST, NOT_GIVEN, "M", "F", "U"):
        assert say(f"linkage.levels.{level}")
