"""A collection of results: chosen, graded, put together, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from datalab.constraints import Range, require, unknown
from datalab.errors import UsageError
from datalab.evidence import grade_together
from datalab.evidence.results import EvidenceRecord
from datalab.library.select import Query, by_kind
from datalab.library.sentences import Told, understand
from datalab.library.tables import Form, LibraryRow
from datalab.wording import say

if TYPE_CHECKING:
    import pandas as pd

MOST_KINDS = 4


@dataclass(frozen=True)
class Library:
    """Results of a library, in their order.

    >>> from datalab.library import open_library
    >>> library = open_library()
    >>> len(library.select(kind="education", outcome="rate").records)
    17
    """

    records: tuple[EvidenceRecord, ...]

    def select(self, query: Query | None = None, **asked: object) -> Library:
        """The results that are asked for (see `Query`; its fields may be given by name), never real and made-up ones mixed."""
        wanted = query or Query(**asked)  # type: ignore[arg-type]
        return Library(tuple(record for record in self.records if wanted.takes(record)))

    def rows(self) -> tuple[LibraryRow, ...]:
        """Each result with its strength of evidence among the library's."""
        return tuple(LibraryRow(one, level) for one, level in zip(self.records, grade_together(self.records), strict=True))

    def synthesise(self, outcome: str = "rate", *, kind: str = "", follow_up_months: int = 12) -> Told:
        """The results of one kind of programme (all where "") for an outcome together, in plain words and figures.

        Raises UsageError where there are none, or the library mixes real and made-up results.

        >>> from datalab.library import open_library
        >>> open_library().synthesise(kind="employment").found.verdict
        'more_people'
        """
        kinds = by_kind(self.records)
        if kind and kind not in kinds:
            raise UsageError(unknown(say("library.errors.kind"), kind, [name for name in kinds if name]))
        return understand(self.records, outcome, kind=kind, follow_up_months=follow_up_months)

    def compare(self, kinds: Sequence[str], outcome: str = "rate", *, follow_up_months: int = 12) -> tuple[Told, ...]:
        """Two to four kinds of programme side by side for an outcome, each put together on its own.

        >>> from datalab.library import open_library
        >>> [told.found.pool.k for told in open_library().compare(["education", "employment"])]
        [2, 3]
        """
        require({say("library.errors.most"): Range(2, MOST_KINDS)}, {say("library.errors.most"): len(kinds)})
        return tuple(self.synthesise(outcome, kind=kind, follow_up_months=follow_up_months) for kind in kinds)

    def to_frame(self) -> pd.DataFrame:
        """One row a result, shares from 0 to 1, None where there is no figure."""
        import pandas as pd  # noqa: PLC0415 (a second of imports that only frames need)

        return pd.DataFrame([row.document() for row in self.rows()])

    def export(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the results as .csv, .ods or .json; gives the path. Raises UsageError for another ending.

        >>> from datalab.library import open_library
        >>> open_library().select(kind="family").export("out/family.csv", overwrite=True).name
        'family.csv'
        """
        from datalab.library.store import write_export  # noqa: PLC0415 (the store knows this class)

        target = Path(path)
        ending = target.suffix.lower().removeprefix(".")
        if ending not in get_args(Form):
            raise UsageError(unknown(say("library.errors.ending"), target.suffix or target.name, get_args(Form)))
        if not self.records:
            raise UsageError(say("library.errors.nothing"))
        write_export(self, target, ending, overwrite=overwrite)  # type: ignore[arg-type]
        return target
