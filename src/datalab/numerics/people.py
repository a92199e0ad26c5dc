"""Sums of weights by person: one person may stand in a table with several events."""

from __future__ import annotations

import numpy as np

from datalab.table import Floats, Ints


def is_ascending(codes: Ints) -> bool:
    """True where each code is greater than the one before, so that no two are equal: most tables have a row a person.

    >>> is_ascending(np.array([2, 3, 7])), is_ascending(np.array([2, 2]))
    (True, False)
    """
    return bool((codes[1:] > codes[:-1]).all())


def person_places(person: Ints) -> tuple[Ints, int]:
    """Codes from 0 to at most `size` - 1 that are equal where the persons are equal, and `size`.

    >>> person_places(np.array([10**12, 7, 7]))
    (array([1, 0, 0]), 2)
    """
    low, high = int(person.min(initial=0)), int(person.max(initial=0))
    if low >= 0 and high < 4 * person.size + 1024:
        return person, high + 1  # small codes serve as they are
    distinct, places = np.unique(person, return_inverse=True)
    return places.astype(np.int64), int(distinct.size)


def weights_by_person(person: Ints, weights: Floats) -> Floats:
    """Sum of each person's weights, for persons with a positive one; in order of the person codes.

    >>> weights_by_person(np.array([4, 9, 4]), np.array([0.25, 0.5, 0.25])).tolist()
    [0.5, 0.5]
    """
    used = weights > 0
    if is_ascending(person):
        return weights[used]
    places, size = person_places(person[used])
    sums: Floats = np.bincount(places, weights[used], size).astype(np.float64)
    return sums[sums > 0]


def effective_size(person: Ints, weights: Floats) -> float:
    """Kish's effective number of people: 1 over the sum of squares of the persons' shares of weight; 0 without weight.

    Source: Kish 1965.

    >>> effective_size(np.array([1, 1, 2]), np.array([0.25, 0.25, 0.5]))
    2.0
    """
    sums = weights_by_person(person, weights)
    return float(sums.sum() ** 2 / (sums @ sums)) if sums.size else 0.0
