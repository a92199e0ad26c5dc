"""Clerical review: the doubtful pairs of a run as a sheet for a person, and the filled sheet as decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from datalab.errors import InputError
from datalab.linkage.decisions import Decision
from datalab.wording import say

ANSWER = "decision"
PAIR = ("row", "person_id")
ANSWERS = {"accept": "accept", "a": "accept", "reject": "reject", "r": "reject", "": ""}
Record = Mapping[str, str]


def review_rows(doubtful: Sequence[Record]) -> list[dict[str, str]]:
    """The pairs with an empty column for the answer first, in the order of the run.

    >>> review_rows([{"row": "2", "person_id": "p"}])
    [{'decision': '', 'row': '2', 'person_id': 'p'}]
    """
    return [{ANSWER: "", **record} for record in doubtful]


def decide(sheet: Sequence[Record], doubtful: Sequence[Record], by: str, when: date) -> tuple[Decision, ...]:
    """The decisions of a filled sheet, by one person on one day; pairs without an answer are left open.

    sheet: rows of `review_rows` as they came back, in any order. Raises InputError with every fault, each named by its line:
    an answer that is none, a pair that is not of the run, a pair twice, two people accepted for one row.
    """
    known = {_pair(record) for record in doubtful}
    faults: list[str] = []
    decisions: list[Decision] = []
    seen: dict[tuple[str, str], int] = {}
    accepted: dict[str, int] = {}
    for line, record in enumerate(sheet, start=2):
        pair, answer = _pair(record), ANSWERS.get(record.get(ANSWER, "").strip().lower())
        first = seen.setdefault(pair, line)
        if pair not in known:
            faults.append(say("linkage.review.unknown_pair", line=line))
        elif first != line:
            faults.append(say("linkage.review.twice", line=line, first=first))
        elif answer is None:
            faults.append(say("linkage.review.answer", line=line))
        elif answer == "accept" and accepted.setdefault(pair[0], line) != line:
            faults.append(say("linkage.review.two_people", line=line, first=accepted[pair[0]]))
        elif answer:
            decisions.append(Decision(line, int(pair[0]), pair[1], "accept" if answer == "accept" else "reject", by, when))
    if faults:
        raise InputError(say("linkage.review.refused", count=len(faults)), faults)
    return tuple(decisions)


def _pair(record: Record) -> tuple[str, str]:
    return record["row"].strip(), record["person_id"].strip()


def together(earlier: Sequence[Decision], later: Sequence[Decision]) -> tuple[Decision, ...]:
    """Both, in the order of row and person. Raises InputError where a pair decided before is decided again."""
    before = {(item.row, item.person_id): item for item in earlier}
    again = [say("linkage.review.before", line=item.line) for item in later if (item.row, item.person_id) in before]
    taken = {item.row for item in earlier if item.decision == "accept"}
    again += [say("linkage.review.row_before", line=i.line) for i in later if i.decision == "accept" and i.row in taken]
    if again:
        raise InputError(say("linkage.review.refused", count=len(again)), again)
    return tuple(sorted((*earlier, *later), key=lambda item: (item.row, item.person_id)))
