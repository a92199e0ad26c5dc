"""Spells of life outside custody: a job or a benefit ends when custody begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic.draws import Ints
from datalab.synthetic.episodes import Columns

_SPAN = 10**6  # larger than any day number, so that person * span + day sorts by person, then day
_SHIFT = 10**5


def cut_by_custody(person: Ints, start: Ints, end: Ints, block: Columns) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Spells (n,) shortened to their part before custody, or to the part after it where they begin inside.

    block: custody of all people, sorted by person and start, not overlapping. Returns start, end, and which are left.
    """
    starts = np.asarray(block["start"], np.int64)
    ends = np.asarray(block["end"], np.int64)
    marks = np.asarray(block["person"], np.int64) * _SPAN + starts + _SHIFT
    if not marks.size:
        return start, end, end >= start
    place = np.searchsorted(marks, person * _SPAN + start + _SHIFT, side="right")
    before = np.maximum(place - 1, 0)
    inside = (place > 0) & (block["person"][before] == person) & (ends[before] > start)
    start = np.where(inside, ends[before] + 1, start)
    after = np.minimum(place, marks.size - 1)
    cut = (place < marks.size) & (block["person"][after] == person) & (starts[after] <= end)
    end = np.where(cut, starts[after] - 1, end)
    return start, end, end >= start
