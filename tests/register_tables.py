"""Tables for tests of the register: persons by number, each with an index event and its clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from datalab.effects.results import Findings
from datalab.register.roll import Roll, SubmittedRow
from datalab.register.tables import Kind, ShownTable


def ids(*numbers: int | range) -> list[str]:
    """Person ids of numbers and ranges of numbers."""
    return [f"P{number:05d}" for part in numbers for number in ([part] if isinstance(part, int) else part)]


def of(people: Iterable[str], kind: Kind = "headline", events: Mapping[str, str] | None = None) -> ShownTable:
    """A table of these people, whose index event is the first unless another is given; steps have no events."""
    if kind == "rows":
        return ShownTable(kind, tuple((person, "1") for person in people))
    if kind == "people":
        return ShownTable(kind, tuple((person,) for person in people))
    given = events or {}
    found = [(person, given.get(person, "first")) for person in people]
    return ShownTable(kind, tuple((person, event, f"{event} clock") for person, event in found))


def roll_of(findings: Findings, moved: frozenset[int] = frozenset()) -> Roll:
    """A roll that fits made-up findings: rows lost at each step, then those eligible, who are the people of row ids 0, 1, …

    moved: row ids of whom another index event is in the study.
    """
    (head,) = (found for found in findings.analyses if found.name == findings.headline_analysis)
    lost = [line for line in findings.attrition if line.step not in ("in_analysis", "matched")]
    rows = [
        SubmittedRow(f"{line.step} {number}", "1", line.reason.rsplit(".", maxsplit=1)[-1])
        for line in lost
        for number in range(line.lost)
    ]
    rows += [SubmittedRow(f"P{number:05d}", "1", "") for number in range(lost[-1].n)]
    events = {row: (f"P{row:05d}", event := "second" if row in moved else "first", event) for row in range(head.people.treated)}
    return Roll(events, tuple(rows))
