"""What is known of every event of a cohort that an analysis may be limited to: kind, region, year, sex, the upload's groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datalab.cohort.results import Cohort
from datalab.table import Bools

CUSTODY, COMMUNITY = "custody", "community"
Texts = NDArray[Any]


@dataclass(frozen=True)
class EventFacts:
    """Facts of n events, in the order of event_id.

    recorded: variable to values (n,), known for treated and pool alike: setting, index_kind, region, cohort_year (of the index
    date), sex. groups: `group:` column of the upload to values (n,), folded (see `fold`), "" for the pool and for an empty
    cell. submitted: `group:` column to its folded values in any usable row of the upload, with each as it was written.
    quarter: calendar quarter (n,) of the index date. died: deaths in follow-up (n,).
    """

    treated: Bools
    recorded: Mapping[str, Texts]
    groups: Mapping[str, Texts]
    submitted: Mapping[str, Mapping[str, str]]
    quarter: Texts
    died: Bools

    def values(self, variable: str) -> Texts:
        """The values (n,) of a variable, whichever it is."""
        return self.recorded[variable] if variable in self.recorded else self.groups[variable]


def fold(text: str) -> str:
    """A group's value as it is compared: small letters, single spaces, so that "Yes" and "yes " are one.

    >>> fold(" HMP  Kingsmere ")
    'hmp kingsmere'
    """
    return " ".join(text.split()).casefold()


def gather_facts(cohort: Cohort, people: pa.Table, group_columns: tuple[str, ...]) -> EventFacts:
    """The facts of a cohort's events. people: the usable rows of the upload with its `group:` columns.

    A person whose rows were merged has the groups of the row that stands for them.
    """
    events = cohort.events.sort_by("event_id")
    kinds = _texts(events["kind"])
    years = np.asarray(pc.year(events["index_date"]).to_numpy(), dtype=np.int64)
    folded = {name: [fold(value or "") for value in people[name].to_pylist()] for name in group_columns}
    return EventFacts(
        treated=np.asarray(events["treated"].to_numpy(), dtype=np.bool_),
        recorded={
            "setting": np.where(kinds == "release", CUSTODY, COMMUNITY),
            "index_kind": kinds,
            "region": _texts(events["region"]),
            "cohort_year": years,
            "sex": _texts(events["sex"]),
        },
        groups={name: _of_rows(events, people, values) for name, values in folded.items()},
        submitted={name: _written(values, people[name].to_pylist()) for name, values in folded.items()},
        quarter=_texts(events["quarter"]),
        died=np.asarray(events["died_after"].to_numpy(), dtype=np.bool_),
    )


def _texts(column: pa.ChunkedArray) -> Texts:
    return np.asarray(column.fill_null("").to_pylist(), dtype=str)


def _of_rows(events: pa.Table, people: pa.Table, values: list[str]) -> Texts:
    by_row = dict(zip(people["row"].to_pylist(), values, strict=True))
    return np.asarray(["" if row is None else by_row[row] for row in events["row"].to_pylist()], dtype=str)


def _written(folded: list[str], written: list[str | None]) -> dict[str, str]:
    """Folded value -> as it was written, of several spellings the first in the alphabet, without what cannot be printed."""
    pairs = sorted({(value, " ".join((text or "").split())) for value, text in zip(folded, written, strict=True) if value})
    found: dict[str, str] = {}
    for value, text in pairs:
        found.setdefault(value, "".join(letter for letter in text if letter.isprintable())[:60])
    return found
