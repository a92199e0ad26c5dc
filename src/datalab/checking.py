"""`check`: an upload against every rule, on the provider's own computer if they like; nothing is kept, no value shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalab.engines import duckdb as engine
from datalab.errors import UsageError
from datalab.intake import FaultGroup, group_faults, read_submission
from datalab.linkage import check_index
from datalab.links import IDENTITY, model_of
from datalab.schema.coverage import Coverage
from datalab.schema.store import open_central
from datalab.wording import say


@dataclass(frozen=True)
class UploadCheck:
    """What `check` found: rows with anything in them, rows that can be used, and like faults together, with their grade."""

    submitted: int
    readable: int
    groups: tuple[FaultGroup, ...]

    @property
    def ok(self) -> bool:
        """True where there is nothing but notes: no fault of the file or of a row."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each fault of the file, then of rows."""
        return tuple(group.sentence for group in self.groups if group.severity != "note")

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each thing to know that stops nothing."""
        return tuple(group.sentence for group in self.groups if group.severity == "note")

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON. grade: file, row or note."""
        faults = [
            {
                "grade": group.severity,
                "rule": group.rule,
                "column": group.column,
                "count": group.count,
                "rows": list(group.rows),
                "sentence": group.sentence,
            }
            for group in self.groups
        ]
        return {"ok": self.ok, "submitted": self.submitted, "readable": self.readable, "faults": faults}


def check_upload(
    upload: Path,
    *,
    central: Path | None = None,
    date_order: str = "auto",
    today: str | None = None,
    linkage_index: Path | None = None,
    linkage_model: Path | None = None,
) -> UploadCheck:
    """Checks an upload and names every fault at once, with row, column, rule and what to do, and never the value.

    central: a central folder, to check dates against the windows that are loaded. today: ISO date that ages and future
    dates count from; default the computer's date. linkage_index: a prepared index that must fit the central folder and the
    model. Raises UsageError for a `today` that is no date and for an index without a central folder, CentralDataError for an
    index that does not fit.
    """
    if linkage_index is not None and central is None:
        raise UsageError(say("linkage.index.no_central"))
    day = day_of(today)
    coverage = None if central is None else _coverage(central, linkage_index, linkage_model)
    submission = read_submission(upload, today=day, coverage=coverage, date_order=date_order)
    return UploadCheck(submission.submitted, submission.readable, group_faults(submission.faults))


def day_of(today: str | None) -> dt.date:
    """The day of an ISO text; the computer's where there is none. Raises UsageError for a text that is no date.

    >>> day_of("2016-01-31")
    datetime.date(2016, 1, 31)
    """
    try:
        return dt.date.fromisoformat(today) if today else dt.datetime.now(tz=dt.UTC).date()
    except ValueError as error:
        fault = say("errors.errors.out_of_range", what="today", rule="a date such as 2016-01-31", given=today, hint="")
        raise UsageError(fault) from error


def _coverage(folder: Path, linkage_index: Path | None, linkage_model: Path | None) -> Coverage:
    with engine.session() as connection:
        central = open_central(connection, folder, quick=True)
        if linkage_index is not None:
            check_index(connection, linkage_index, model_of(linkage_model), central.sha256[IDENTITY])
        return central.coverage
