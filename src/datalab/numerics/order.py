"""One order of rows for all sums: by row id, so that the order of the input cannot show in a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datalab.table import AnalysisTable, Ints, take_rows

Words = NDArray[np.uint64]
# The finalising steps of SplitMix64 (Steele, Lea and Flood 2014), which spread every bit of a word over all of it.
_STEP, _FIRST, _SECOND = (np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def id_order(table: AnalysisTable) -> Ints | None:
    """Places of the rows in order of their ids, or None where they stand so already.

    >>> from datalab.table import AnalysisTable
    >>> zeros = np.zeros(3, dtype=np.int64)
    >>> id_order(AnalysisTable(np.array([3, 1, 2]), zeros, zeros > 0, (), (), zeros, zeros)).tolist()
    [1, 2, 0]
    """
    ids = table.row_id
    return None if bool((ids[1:] > ids[:-1]).all()) else np.argsort(ids, kind="stable")


def ordered(table: AnalysisTable, order: Ints | None) -> AnalysisTable:
    """The table with its rows in that order, without outcomes and durations, which matching never reads."""
    if order is None:
        return table
    return take_rows(replace(table, outcomes=(), duration=None, event=None), order)


def content_order(columns: Iterable[NDArray[Any]], rows: int) -> Ints:
    """An order of the rows that depends on what they hold alone: by a mixed word of their values, column after column.

    Rows that hold the same stand in the order given, which no figure can tell. The word is as good as random, so that who
    comes first among the rows of one score has nothing to do with the outcome. columns: numbers or codes, (rows,) each.

    >>> one = content_order([np.array([4.0, 7.0, 5.0])], 3)
    >>> other = content_order([np.array([7.0, 5.0, 4.0])], 3)
    >>> np.array([4.0, 7.0, 5.0])[one].tolist() == np.array([7.0, 5.0, 4.0])[other].tolist()
    True
    """
    word = np.zeros(rows, dtype=np.uint64)
    for values in columns:
        word = _mixed(word ^ _bits(values))
    return np.argsort(word, kind="stable")


def _bits(values: NDArray[Any]) -> Words:
    """The bits of the values as numbers: one pattern for 0 and -0, and one for every NaN."""
    numbers = np.asarray(values, dtype=np.float64) + 0.0
    return np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)


def _mixed(word: Words) -> Words:
    word = word + _STEP
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return np.asarray(word ^ (word >> np.uint64(31)))
