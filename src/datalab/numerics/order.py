"""One order of rows for all sums: by row id, so that the order of the input cannot show in a result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datalab.table import AnalysisTable, Ints, take_rows


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
