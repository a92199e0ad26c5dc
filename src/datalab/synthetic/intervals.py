"""Spells of life outside custody: a job or a benefit ends when custody begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic.calendars import NEVER
from datalab.synthetic.draws import Ints
from datalab.synthetic.episodes import Columns
from datalab.synthetic.settings import WorldSettings

_SPAN = 10**6  # larger than any day number, so that person * span + day sorts by person, then day
_SHIFT = 10**5


def last_begun(rows: Columns, person: Ints, when: Ints) -> Ints:
    """Position (n,) of each person's last row that began by the day; -1 where there is none. rows: by person and start."""
    place = _places(rows, person, when) - 1
    return np.where((place >= 0) & (_at(rows, "person", place) == person), place, -1)


def next_start(rows: Columns, person: Ints, when: Ints) -> Ints:
    """Day (n,) on which each person's first row after the day begins; NEVER where there is none. rows: by person and start."""
    place = _places(rows, person, when)
    size = rows["start"].size
    return np.where((place < size) & (_at(rows, "person", place) == person), _at(rows, "start", place), NEVER)


def last_day(rows: Columns, person: Ints, when: Ints) -> Ints:
    """Last day (n,) of each person's last row that began by the day; a day of long ago where there is none."""
    place = last_begun(rows, person, when)
    return np.where(place >= 0, _at(rows, "end", place), -NEVER)


def cut_by_custody(person: Ints, start: Ints, end: Ints, block: Columns) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Spells (n,) shortened to their part before custody, or to the part after it where they begin inside.

    block: custody of all people, sorted by person and start, not overlapping. Returns start, end, and which are left.
    """
    free = last_day(block, person, start)
    following = next_start(block, person, start)
    start = np.where(free > start, free + 1, start)
    end = np.where(following <= end, following - 1, end)
    return start, end, end >= start


def settle(spells: Columns, block: Columns, settings: WorldSettings) -> Columns:
    """Spells cut by custody and ended by death (`last`: the last day that matters), sorted; one past the end of the extract is
    still going on (NEVER)."""
    last = np.asarray(spells["last"], np.int64)
    end = np.where(last < settings.extract_end, np.minimum(spells["end"], last), spells["end"])
    start, end, left = cut_by_custody(np.asarray(spells["person"], np.int64), np.asarray(spells["start"], np.int64), end, block)
    end = np.where(end > settings.extract_end, NEVER, end)
    left = left & (start <= settings.extract_end) & (start <= last)
    columns: Columns = {**spells, "start": start, "end": end}
    columns.pop("last")
    return sort_spells({name: values[left] for name, values in columns.items()})


def sort_spells(spells: Columns) -> Columns:
    """The spells by person, start and end."""
    order = np.lexsort((spells["end"], spells["start"], spells["person"]))
    return {name: values[order] for name, values in spells.items()}


def join_spells(parts: list[Columns]) -> Columns:
    """The rows of all parts, in their order, of the columns of the last."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[-1]}


def _places(rows: Columns, person: Ints, when: Ints) -> Ints:
    marks = np.asarray(rows["person"], np.int64) * _SPAN + np.asarray(rows["start"], np.int64) + _SHIFT
    return np.asarray(np.searchsorted(marks, person * _SPAN + when + _SHIFT, side="right"), np.int64)


def _at(rows: Columns, name: str, place: Ints) -> Ints:
    """The column at these positions, moved to the nearest there is; -1 where there are no rows at all."""
    values = np.asarray(rows[name], np.int64)
    return values[np.clip(place, 0, values.size - 1)] if values.size else np.full(place.size, -1)
