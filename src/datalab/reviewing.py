"""`links review` and `links decide`: a run's doubtful pairs out to a person, and the answers back as a decisions file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from datalab.errors import UsageError
from datalab.linkage import read_decisions
from datalab.linkage.readers import read_sheet
from datalab.linkage.reviews import ANSWER, PAIR, decide, review_rows, together
from datalab.linkage.writers import write_decisions, write_sheet
from datalab.wording import say

DOUBTFUL = Path("private") / "doubtful.csv"


@dataclass(frozen=True)
class Review:
    """A sheet or a decisions file that was written. pairs: doubtful in the run. decided: answered so far."""

    path: Path
    pairs: int
    decided: int = 0


def review_links(run: Path, out: Path, *, overwrite: bool = False) -> Review:
    """Writes the doubtful pairs of a run, fields side by side and a column for the answer first, to `out` (CSV, mode 0600).

    run: the output folder of `run` or `feasibility`. The sheet names people: it stays in the lab. Raises InputError where the
    folder holds no such pairs, UsageError where a file is in the way.
    """
    pairs = read_sheet(run / DOUBTFUL, PAIR)
    _require_free(out, overwrite)
    write_sheet(review_rows(pairs), out)
    return Review(out, len(pairs))


def decide_links(
    run: Path, sheet: Path, out: Path, *, by: str, when: dt.date, earlier: Path | None = None, overwrite: bool = False
) -> Review:
    """Turns a filled sheet into the decisions file that a run takes, with who decided and when, to `out` (CSV, mode 0600).

    earlier: a decisions file to add to. Raises InputError with every fault of the sheet, each named by its line and never with
    a value; UsageError where nobody is named or a file is in the way. Nothing is written then.
    """
    if not by.strip():
        raise UsageError(say("linkage.review.nobody"))
    pairs = read_sheet(run / DOUBTFUL, PAIR)
    new = decide(read_sheet(sheet, (ANSWER, *PAIR)), pairs, by.strip(), when)
    before = () if earlier is None else read_decisions(earlier).decisions
    decisions = together(before, new)
    _require_free(out, overwrite or out == earlier)
    write_decisions(decisions, out)
    return Review(out, len(pairs), len(decisions))


def _require_free(path: Path, overwrite: bool) -> None:
    if path.exists() and not (overwrite and path.is_file()):
        raise UsageError(say("store.store.file_in_the_way", path=path))
