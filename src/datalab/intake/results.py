"""What intake hands on: the people who could be read, and every fault found."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

Severity = Literal["file", "row", "note"]


@dataclass(frozen=True)
class Fault:
    """One fault. `file`: nothing can be read; `row`: this row cannot be used; `note`: the row is kept, the cell is not.

    `rule` is a key of `wording/en/intake.toml`; `values` fill its places and never come from a cell of a person's row.
    `row` is the row number as a spreadsheet shows it (the header is row 1).
    """

    rule: str
    severity: Severity
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """The usable rows of an upload.

    people: one Arrow row a usable upload row, columns `row` (int64, as in the spreadsheet), `reference`, `forename`,
    `middle_names`, `surname` (upper case, cleaned), `date_of_birth` (date32), `sex` (M, F, U), `programme_start`,
    `programme_end`, `index_date`, `conviction_date` (date32 or null), `pnc_id` (canonical), `prison_number`, `postcode`
    (`SW1A 1AA` form), `establishment` (text or null), and every `group:NAME` column (text or null).
    submitted: rows with anything in them. Rows that are not in `people` have a `row` fault. unusable: the `name_key` of each of
    these, for the differencing register alone.
    """

    people: pa.Table
    submitted: int
    faults: tuple[Fault, ...]
    source_sha256: str
    group_columns: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()

    @property
    def readable(self) -> int:
        """Number of usable rows."""
        return int(self.people.num_rows)


def name_key(values: Mapping[str, object]) -> str:
    """A row as it is known again where no person is linked: names without accents, marks and capitals, and date of birth.

    Of a row that has neither, everything else in it.

    >>> name_key({"forename": "Zoë", "surname": "O'Neil ", "date_of_birth": "1980-02-01"})
    'zoe|oneil|1980-02-01'
    """
    known = ("forename", "surname", "date_of_birth")
    names = known if any(values.get(name) for name in known) else sorted(values)
    return "|".join(_plain(str(values.get(name) or "")) for name in names)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum() or letter == "-").strip("-")
