"""No programme effect, two traps: a delayed start, and people with many events. The engine's cohort must show no effect.

One country each; `make truth` takes more of them, so that the Monte Carlo error is small. Over seeds 1 to 4 the delayed
start showed -0.09, 0.01, -0.08 and 0.15 points.
"""

from __future__ import annotations

from tests.truth.nulls import delayed_start, many_events


def test_delayed_start_without_effect_shows_none() -> None:
    found = delayed_start(seed=1, people=200_000)
    assert abs(found.estimate) <= 0.3, found
    assert found.naive["at once"] < -1, found


def test_event_level_pool_with_frequent_reoffending_shows_no_effect() -> None:
    found = many_events(seed=2, people=100_000)
    assert abs(found.estimate) <= 0.3, found
    assert found.naive["last"] > 3, found
    assert found.naive["random"] > 1, found
