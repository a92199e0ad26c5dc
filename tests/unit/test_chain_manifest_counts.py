"""The manifest leaves with the report, so its counts must not tell what disclosure control hides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings_factory import make_findings

from datalab.chain import safe_counts
from datalab.disclosure import control

COUNTS = {"events": 8909, "candidates": 8890, "pool": 8866, "died_in_follow_up_treated": 5, "died_in_follow_up_pool": 36}


def counted(submitted: int, losses: dict[str, int], profile: str = "default", **made: Any) -> dict[str, int]:
    release = control(make_findings(**made), profile).release
    evidence: Any = SimpleNamespace(
        cohort=SimpleNamespace(counts={**COUNTS, **losses}),
        submission=SimpleNamespace(submitted=submitted, readable=submitted - 3),
    )
    return safe_counts(evidence, release)


def test_only_the_pool_and_the_shown_start_are_counted() -> None:
    shown = counted(345, {"died": 24})
    assert shown == {"submitted": 345, "pool_events": 8909, "pool_candidates": 8890, "pool_pool": 8866, "pool_died": 24}


@pytest.mark.parametrize("profile", [{"steps": (("submitted", "submitted", 0), ("linked", "not_linked", 3)), "left_out": 0}])
def test_a_start_that_the_ladder_hides_is_not_counted(profile: dict[str, Any]) -> None:
    assert "submitted" not in counted(243, {"died": 24}, **profile)


def test_a_few_lost_hide_every_loss() -> None:
    assert "pool_died" not in counted(345, {"died": 21, "custody": 3})


def test_totals_a_few_people_apart_are_not_told_side_by_side() -> None:
    shown = counted(345, {"events": 1785, "candidates": 1781, "pool": 1775, "died": 4, "custody": 2})
    assert shown == {"submitted": 345, "pool_pool": 1775, "pool_events": 1785}
    apart = counted(345, {"events": 1785, "candidates": 1781, "pool": 1770, "died": 11})
    assert apart == {"submitted": 345, "pool_pool": 1770, "pool_candidates": 1781}


def test_a_total_a_few_people_from_the_pool_that_the_release_shows_is_not_told() -> None:
    shown = counted(345, {"events": 4030, "candidates": 4020, "pool": 4006, "died": 14}, pool=4000)
    assert shown == {"submitted": 345, "pool_candidates": 4020, "pool_events": 4030}


def test_a_pool_that_the_release_hides_is_counted_nowhere() -> None:
    assert counted(345, {"died": 24}, comparison_share=0.999) == {"submitted": 345}


def test_every_count_of_the_strict_profile_is_a_multiple_of_5() -> None:
    shown = counted(345, {"died": 24}, "strict")
    assert shown == {"submitted": 345, "pool_events": 8910, "pool_candidates": 8890, "pool_pool": 8865, "pool_died": 25}
