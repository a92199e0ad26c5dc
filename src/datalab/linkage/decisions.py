"""What a person decided about doubtful pairs, and how that changes the pairs a run may choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from datalab.errors import InputError
from datalab.linkage.candidates import DECISION, Candidate
from datalab.wording import say

Verdict = Literal["accept", "reject"]


@dataclass(frozen=True)
class Decision:
    """One pair (submitted row, central person), what was decided, by whom and on which day. line: where the file says it."""

    line: int
    row: int
    person_id: str
    decision: Verdict
    by: str
    when: date


@dataclass(frozen=True)
class Decisions:
    """All decisions of one file, and the file's SHA-256 for the manifest."""

    decisions: tuple[Decision, ...]
    sha256: str


def apply_decisions(candidates: Sequence[Candidate], decisions: Decisions, rows: frozenset[int], today: date) -> list[Candidate]:
    """The candidates after the decisions: a rejected pair is gone; an accepted one is alone in its row, rule `decision`.

    rows: every submitted row. Raises InputError, with every fault, for a row that was not submitted, a pair that this run
    does not know, or a day after `today`.
    """
    known = {(item.row, item.person_id) for item in candidates}
    faults = [fault for item in decisions.decisions if (fault := _fault(item, known, rows, today))]
    if faults:
        raise InputError(say("linkage.decisions.refused", count=len(faults)), faults)
    rejected = {(item.row, item.person_id) for item in decisions.decisions if item.decision == "reject"}
    accepted = {item.row: item.person_id for item in decisions.decisions if item.decision == "accept"}
    kept = [item for item in candidates if (item.row, item.person_id) not in rejected]
    kept = [item for item in kept if accepted.get(item.row, item.person_id) == item.person_id]
    return [replace(item, rule=DECISION) if item.row in accepted else item for item in kept]


def _fault(item: Decision, known: set[tuple[int, str]], rows: frozenset[int], today: date) -> str | None:
    if item.row not in rows:
        return say("linkage.decisions.unknown_row", line=item.line, row=item.row)
    if (item.row, item.person_id) not in known:
        return say("linkage.decisions.unknown_pair", line=item.line, row=item.row)
    if item.when > today:
        return say("linkage.decisions.future", line=item.line, row=item.row, today=today.isoformat())
    return None
