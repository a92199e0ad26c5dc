"""For every hidden count: how far may it lie from the truth, given every figure that was published?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from tests.attacks.hidden_counts import LEAST, Cell, secrets
from tests.attacks.outsider import read
from tests.attacks.tables import Study, make_study, studies

from datalab.disclosure import control
from datalab.report.results import results_json

PROPERTY = "disclosure attacks"  # the summary of the tests prints it: see conftest
CHUNKS, STUDIES = 4, 130  # each study is released in both profiles: more than a thousand sets of tables


@dataclass(frozen=True)
class Range:
    """A hidden count, and what the outsider is left with."""

    cell: Cell
    low: float
    high: float
    safe: bool

    def __str__(self) -> str:
        return f"{self.cell.name}: {self.cell.count:g} in {self.low:.2f} to {self.high:.2f}"


class Tally:
    """How many sets of tables were attacked, how many counts in them, and the narrowest range of a small one.

    (Where a published total leaves less, as of 4 people in all, no table could do better, and its range says nothing.)
    """

    def __init__(self) -> None:
        self.sets = self.attacks = 0
        self.narrowest: tuple[float, str] = (float("inf"), "")

    def add(self, ranges: list[Range]) -> None:
        self.sets += 1
        self.attacks += len(ranges)
        for found in (one for one in ranges if one.cell.count < LEAST and not one.cell.is_bounded):
            self.narrowest = min(self.narrowest, (round(found.high - found.low, 3), str(found)))


def attack(study: Study, profile: str) -> list[Range]:
    """Every hidden count of the study released in a profile, with the range that the outsider is left with."""
    content = results_json(control(study.findings, profile), manifest_sha256="ab" * 32)
    files = {"results.json": content}
    cells = list(secrets(study.findings, json.loads(content), study.public))
    ends = read(files, study.public).reach([cell.terms for cell in cells])
    doubtful = [cell for cell, (low, high) in zip(cells, ends, strict=True) if not cell.is_safe(low, high)]
    left = read(files, study.public, totals_only=True).reach([cell.terms for cell in doubtful]) if doubtful else []
    possible = dict(zip(map(id, doubtful), left, strict=True))
    return [
        Range(cell, low, high, cell.is_safe(low, high, possible.get(id(cell))))
        for cell, (low, high) in zip(cells, ends, strict=True)
    ]


@pytest.fixture(autouse=True)
def no_constants_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis tries numbers that it reads in the modules loaded so far: a seed would mean other studies with every import."""
    monkeypatch.setattr(providers, "_get_local_constants", Constants)
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", LRUCache(1024))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_hidden_count_is_narrowed_down(chunk: int, record_property: Callable[[str, Any], None]) -> None:
    tally = Tally()

    @seed(chunk)
    @settings(max_examples=STUDIES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(studies())
    def run(chosen: dict[str, Any]) -> None:
        study = make_study(**chosen)
        for profile in ("default", "strict"):
            ranges = attack(study, profile)
            tally.add(ranges)
            told = [str(found) for found in ranges if not found.safe]
            assert not told, (profile, told)

    run()
    assert tally.sets >= 2 * STUDIES
    record_property(PROPERTY, (tally.sets, tally.attacks, *tally.narrowest))
