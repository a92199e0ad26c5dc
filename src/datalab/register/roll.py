"""Who is behind the numbers of a study: every submitted row with the step that lost it, and every event with its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datalab.cohort.results import Cohort
from datalab.intake.results import Submission, name_key
from datalab.linkage.results import Links

# As the ladder of the cohort has its reasons.
UNREADABLE, KEPT = "unreadable", ""
_REASONS = {"merged": "duplicate", "review": "awaiting_review", "unlinked": "not_linked"}
_EVENT, _CLOCK = ("kind", "index_date"), ("kind", "index_date", "baseline_date", "clock_start")


@dataclass(frozen=True)
class SubmittedRow:
    """A row of the upload. person: the id, or name and birth where nobody was linked; part: which of that person's rows; lost:
    the reason for which the cohort did without it, "" where it was kept."""

    person: str
    part: str
    lost: str


@dataclass(frozen=True)
class Roll:
    """events: row id of the cohort to (person, index event, event with its clock). rows: of the upload.

    Personal, as linkage's results are: it is coded and forgotten, never written.
    """

    events: Mapping[int, tuple[str, str, str]]
    rows: tuple[SubmittedRow, ...] = ()


def call_roll(submission: Submission, links: Links, cohort: Cohort) -> Roll:
    """The roll of a study. A row without a link is known by its names and date of birth, so that it is known again."""
    events = cohort.events.select(["event_id", "person_id", *_CLOCK]).to_pylist()
    of_events = {
        int(event["event_id"]): (str(event["person_id"]), _text(event, _EVENT), _text(event, _CLOCK)) for event in events
    }
    return Roll(of_events, tuple(_rows(submission, links, cohort)))


def _text(event: Mapping[str, object], names: tuple[str, ...]) -> str:
    return "|".join(str(event[name]) for name in names)


def _rows(submission: Submission, links: Links, cohort: Cohort) -> Iterator[SubmittedRow]:
    """Rows that stand for a person first, so that it is the further rows that are numbered; the order of an upload is nothing."""
    names = ("row", "forename", "surname", "date_of_birth")
    given = {record["row"]: name_key(record) for record in submission.people.select(names).to_pylist()}
    seen: Counter[str] = Counter()
    linked = links.links.select(["row", "person_id", "status"]).to_pylist()
    for link in sorted(linked, key=lambda link: (link["status"] != "accepted", given[link["row"]])):
        row, status = link["row"], link["status"]
        if status in ("accepted", "merged"):
            person = str(link["person_id"])
            seen[person] += 1
            lost = cohort.lost.get(row, KEPT) if status == "accepted" else _REASONS[status]
            yield SubmittedRow(person, str(seen[person]), lost)
        else:
            yield _unlinked(given[row], _REASONS[status], seen)
    for key in submission.unusable:
        yield _unlinked(key, UNREADABLE, seen)


def _unlinked(key: str, lost: str, seen: Counter[str]) -> SubmittedRow:
    """Two rows of one name and birth may be two people: nobody found out."""
    seen[key] += 1
    return SubmittedRow(f"unlinked|{key}|{seen[key]}", "1", lost)
