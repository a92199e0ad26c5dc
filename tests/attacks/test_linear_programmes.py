"""For every hidden count: how far may it lie from the truth, given every figure that was published?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.attacks.hidden_counts import Cell, secrets
from tests.attacks.outsider import Public, read
from tests.attacks.tables import Study, make_study, studies

from datalab.disclosure import control
from datalab.report.results import results_json

CHUNKS, SETS = 8, 126  # more than a thousand studies, each released in both profiles


class Tally:
    """How many sets of tables were attacked, how many counts in them, and the narrowest range that any attack reached."""

    def __init__(self) -> None:
        self.sets = self.attacks = 0
        self.narrowest: tuple[float, str] = (float("inf"), "")

    def add(self, cells: list[tuple[Cell, float, float]]) -> None:
        self.sets += 1
        self.attacks += len(cells)
        for cell, low, high in cells:
            self.narrowest = min(self.narrowest, (round(high - low, 3), f"{cell.name}: {cell.count:g} in {low:.1f} to {high:.1f}"))


def attack(study: Study, profile: str) -> list[tuple[Cell, float, float]]:
    """Every hidden count of the study released in a profile, with the range that the outsider is left with."""
    content = results_json(control(study.findings, profile), manifest_sha256="ab" * 32)
    system = read({"results.json": content}, study.public)
    cells = list(secrets(study.findings, json.loads(content), study.public))
    return [(cell, *ends) for cell, ends in zip(cells, system.reach([cell.terms for cell in cells]), strict=True)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_hidden_count_is_narrowed_down(chunk: int, record_property: Callable[[str, Any], None]) -> None:
    tally = Tally()

    @seed(chunk)
    @settings(max_examples=SETS, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(studies())
    def run(chosen: dict[str, Any]) -> None:
        study = make_study(**chosen)
        for profile in ("default", "strict"):
            cells = attack(study, profile)
            tally.add(cells)
            told = [f"{cell.name}: {cell.count:g} in {low:.2f} to {high:.2f}" for cell, low, high in cells if not cell.is_safe(low, high)]
            assert not told, (profile, told)

    run()
    assert tally.sets >= 2 * SETS
    record_property("disclosure attacks", (tally.sets, tally.attacks, *tally.narrowest))
