"""Counts of people: a person with several events counts once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.table import Bools, Ints

# Marks of person x level up to this many are kept as one array of bits rather than sorted.
MOST_MARKS = 200_000_000


@dataclass(frozen=True, eq=False)
class Heads:
    """Rows (m,) of one group with their persons as places below `size`; alone: no person has two rows."""

    rows: Ints
    places: Ints
    size: int
    alone: bool


def heads_of(chosen: Bools, places: Ints, size: int) -> Heads:
    """The heads among the chosen rows (n,), from all rows' person places (n,).

    >>> heads_of(np.array([True, True, False]), np.array([0, 0, 1]), 2).alone
    False
    """
    rows = np.flatnonzero(chosen)
    own = places[rows]
    most = int(np.bincount(own, minlength=1).max()) if rows.size else 0
    return Heads(rows, own, size, most <= 1)


def count_known(heads: Heads, known: Bools | None) -> int:
    """People with at least one row that is known; everyone where `known` (n,) is None.

    >>> count_known(heads_of(np.array([True, True, True]), np.array([0, 0, 1]), 2), None)
    2
    """
    places = heads.places if known is None else heads.places[known[heads.rows]]
    return int(places.size) if heads.alone else int(np.count_nonzero(np.bincount(places, minlength=1)))


def count_by_level(heads: Heads, codes: Ints, levels: int) -> Ints:
    """People with at least one row in each level (levels,), from all rows' level codes (n,).

    >>> heads = heads_of(np.array([True, True, True]), np.array([0, 0, 1]), 2)
    >>> count_by_level(heads, np.array([0, 0, 1]), 2).tolist()
    [1, 1]
    """
    own = codes[heads.rows]
    if heads.alone:
        return np.bincount(own, minlength=levels)
    if heads.size * levels > MOST_MARKS:
        pairs = np.unique(own * np.int64(heads.size) + heads.places)
        return np.bincount(pairs // heads.size, minlength=levels)
    marks = np.zeros((levels, heads.size), dtype=np.bool_)
    marks[own, heads.places] = True
    counts: Ints = marks.sum(axis=1)
    return counts
