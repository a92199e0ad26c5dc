"""Makes small uploads for the tests of intake: sound rows, changed where a test says, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from datalab.fields.justice.upload import UPLOAD
from datalab.intake import Submission, describe_faults, read_submission
from datalab.schema.coverage import Coverage, Window

TODAY = date(2016, 1, 31)
COVERAGE = Coverage(
    (
        Window("reoffending", "cohort", date(2012, 1, 1), date(2012, 12, 31)),
        Window("reoffending", "events", date(2000, 1, 1), date(2015, 6, 30)),
    )
)
LETTERS = "ABCDEFGHJK"


def record(number: int, **changed: str) -> dict[str, str]:
    """One sound row; `number` makes the person different from all others."""
    return {
        "reference": f"R{number}",
        "forename": "Zebedee",
        "surname": f"Qwx{LETTERS[number // 10 % 10]}{LETTERS[number % 10]}",
        "date_of_birth": f"{13 + number % 15}/04/1984",
        "sex": "M",
        "programme_start": "16/04/2012",
        "programme_end": "29/06/2012",
        "index_date": "13/07/2012",
    } | changed


def records(count: int = 6, **rows: Mapping[str, str]) -> list[dict[str, str]]:
    """`count` sound rows; `row3={...}` changes the row that a spreadsheet shows as 3 (the headings are row 1)."""
    return [record(number, **dict(rows.get(f"row{number + 2}", {}))) for number in range(count)]


def csv_text(people: Sequence[Mapping[str, str]], headings: Sequence[str] = UPLOAD.names) -> str:
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, headings, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(people)
    return made.getvalue()


def check(
    path: Path,
    content: str | bytes,
    *,
    coverage: Coverage | None = COVERAGE,
    date_order: str = "auto",
    minimum_rows: int = 1,
) -> Submission:
    """The submission of a file with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_submission(path, TODAY, coverage, date_order, minimum_rows)


def sentences(submission: Submission) -> list[str]:
    return describe_faults(submission)
