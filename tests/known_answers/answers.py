"""A known answer: figures of ours beside those of somebody else. Tests check each; `page.py` prints them all as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2].joinpath("docs", "known-answers.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Answer:
    """what: one row of the table. source: whose figures, with the version. tolerance: largest difference allowed, relative
    to the figure where that is above 1. why: where ours is meant to differ, or differs beyond rounding, the reason."""

    area: str
    what: str
    source: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    tolerance: float = 1e-6
    why: str = ""

    @property
    def difference(self) -> float:
        """The largest, measured as the tolerance is."""
        theirs = np.array(self.theirs)
        return float(np.max(np.abs(np.array(self.ours) - theirs) / np.maximum(1.0, np.abs(theirs))))

    def check(self) -> None:
        assert len(self.ours) == len(self.theirs) > 0
        assert self.difference <= self.tolerance, self.what
        assert f"| {self.what} | {self.source} |" in PAGE, "docs/known-answers.md lacks this row: print it again"


# Makes the answers of one part when asked, so that nothing is computed while tests are collected.
Makers = dict[str, Callable[[], list[Answer]]]


def parametrise(makers: Makers) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("make", makers.values(), ids=list(makers))


def check_all(answers: list[Answer]) -> None:
    assert answers
    for answer in answers:
        answer.check()
