"""The manifest leaves with the report, so its counts must not tell what disclosure control hides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings_factory import make_findings

from datalab.chain import safe_counts
from datalab.disclosure import control

COUNTS = {"events": 8909, "candidates": 8890, "pool": 8866, "died_in_follow_up_treated": 5, "died_in_follow_up_pool": 36}


def counted(submitted: int, losses: dict[str, int], **made: Any) -> dict[str, int]:
    release = control(make_findings(**made)).release
    evidence: Any = SimpleNamespace(
        cohort=SimpleNamespace(counts=COUNTS | losses), submission=SimpleNamespace(submitted=submitted, readable=submitted - 3)
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
