"""Whether a programme can be evaluated: one rule from counts and dates to can, may or cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from datalab.planning.results import Answer, Criterion, Standing
from datalab.planning.settings import ASKED_MINIMUM, RESULT_MINIMUM

# Below it a result carries the mark "small group".
SMALL_GROUP_BELOW = 60
EFFECTIVE_MINIMUM = 10.0
# More than this share of the people with an event lost to dates that are not loaded is worth a word. (Ours.)
FEW_OUTSIDE = 0.10


@dataclass(frozen=True)
class Counts:
    """What the answer is made of. readable: usable rows of the upload. start, end: of the programme; today: of the study.
    outside: people with an event whose dates, or whose follow-up, are not loaded; followed: those left after that. matched,
    comparison, effective, balanced: of the match, None where none was made.
    """

    readable: int
    start: dt.date
    end: dt.date
    today: dt.date
    outside: int
    followed: int
    matched: int | None = None
    comparison: int | None = None
    effective: float | None = None
    balanced: bool | None = None


def judge(counts: Counts) -> tuple[Answer, tuple[Criterion, ...]]:
    """The answer and every criterion: cannot where one is not met, may where one is in doubt, else can.

    >>> day = dt.date
    >>> judge(Counts(59, day(2012, 1, 1), day(2012, 12, 31), day(2016, 1, 31), 0, 50, 45, 900, 700.0, True))[0]
    'cannot'
    """
    criteria = (
        Criterion("people", _met(counts.readable >= ASKED_MINIMUM)),
        Criterion("period", "met" if counts.start <= counts.end < counts.today else "doubtful"),
        Criterion("coverage", _coverage(counts)),
        Criterion("analysed", _analysed(counts)),
        Criterion("comparison", _comparison(counts)),
        Criterion("balance", "not_reached" if counts.balanced is None else "met" if counts.balanced else "doubtful"),
    )
    standings = {criterion.standing for criterion in criteria}
    answer: Answer = "cannot" if "not_met" in standings else "may" if "doubtful" in standings else "can"
    return answer, criteria


def _met(holds: bool) -> Standing:
    return "met" if holds else "not_met"


def _coverage(counts: Counts) -> Standing:
    placed = counts.outside + counts.followed
    if placed == 0:
        return "not_reached"
    if counts.followed == 0:
        return "not_met"
    return "met" if counts.outside <= FEW_OUTSIDE * placed else "doubtful"


def _analysed(counts: Counts) -> Standing:
    """A group too small to be matched counts by who could have been."""
    number = counts.followed if counts.matched is None else counts.matched
    if number < RESULT_MINIMUM:
        return "not_met"
    if counts.matched is None:
        return "not_reached"
    return "met" if number >= SMALL_GROUP_BELOW else "doubtful"


def _comparison(counts: Counts) -> Standing:
    if counts.comparison is None or counts.effective is None:
        return "not_reached"
    return _met(counts.comparison >= RESULT_MINIMUM and counts.effective >= EFFECTIVE_MINIMUM)
