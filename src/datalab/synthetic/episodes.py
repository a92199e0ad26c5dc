"""The columns that lives leave behind: occasions, offences, custodial spells, orders and times not at risk, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]

TABLES: dict[str, tuple[str, ...]] = {
    "occasion": ("person", "key", "round", "part", "date", "disposal"),
    "offence": (
        "person",
        "key",
        "round",
        "part",
        "place",
        "date",
        "proven",
        "kind",
        "recordable",
        "jurisdiction",
        "police",
        "disposal",
        "days",
    ),
    "custody": ("person", "key", "round", "part", "source_round", "start", "release", "sentence"),
    "order": ("person", "key", "round", "suspended", "start", "end"),
    "block": ("person", "key", "round", "start", "end"),
}


@dataclass(frozen=True)
class Episodes:
    """What happened, one dictionary of columns a table. `key` is the number of the person, plus the replicate times
    REPLICATE."""

    occasion: Columns
    offence: Columns
    custody: Columns
    order: Columns
    block: Columns


def gather(parts: list[dict[str, Columns]]) -> Episodes:
    """One value out of the parts of many rounds, rows in the order person, round, part, place."""
    made: dict[str, Columns] = {}
    for table, names in TABLES.items():
        columns: Columns = {name: np.concatenate([part[table][name] for part in parts]) for name in names}
        keys = [columns[name] for name in ("place", "part", "round", "key") if name in columns]
        order = np.lexsort(keys)
        made[table] = {name: values[order] for name, values in columns.items()}
    return Episodes(**made)


def keep_people(base: Episodes, people: NDArray[np.int64]) -> Episodes:
    """The lives of these people (positions, rising) alone; from then on a person's position is the one among them."""
    made: dict[str, Columns] = {}
    for table, names in TABLES.items():
        rows = getattr(base, table)
        place = np.searchsorted(people, rows["person"])
        keep = people[np.minimum(place, people.size - 1)] == rows["person"]
        made[table] = {name: rows[name][keep] for name in names} | {"person": place[keep]}
    return Episodes(**made)


def replace_people(base: Episodes, other: Episodes, people: NDArray[np.int64]) -> Episodes:
    """`base` with the whole lives of `people` taken from `other` instead."""
    made: dict[str, Columns] = {}
    for table, names in TABLES.items():
        old, new = getattr(base, table), getattr(other, table)
        keep = ~np.isin(old["person"], people)
        columns = {name: np.concatenate([old[name][keep], new[name]]) for name in names}
        keys = [columns[name] for name in ("place", "part", "round", "key") if name in columns]
        order = np.lexsort(keys)
        made[table] = {name: values[order] for name, values in columns.items()}
    return Episodes(**made)
