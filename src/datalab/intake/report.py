"""Says the faults of an upload in words: alike ones grouped, counted, with their rows; never a value of a cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datalab.fields.justice.upload import UPLOAD
from datalab.intake.results import Fault, Severity, Submission
from datalab.schema.form import Form
from datalab.wording import say

PART = "intake"  # sentences stand by severity and rule
MOST_SPANS = 20  # rows or runs of rows named in one sentence; the rest is counted
PER_ROW = frozenset({"as_row"})  # values that differ from row to row and do not part a group


@dataclass(frozen=True)
class FaultGroup:
    """Faults of one rule and column. sentence: what must be done and where; rows: all of them, sorted."""

    severity: Severity
    rule: str
    column: str | None
    count: int
    rows: tuple[int, ...]
    sentence: str


def describe_faults(submission: Submission, form: Form = UPLOAD, *, notes: bool = True) -> list[str]:
    """One sentence for each group of like faults: those of the file first, then those of rows, then notes.

    >>> from datetime import date; from pathlib import Path; from datalab.intake.submission import read_submission
    >>> describe_faults(read_submission(Path("absent.csv"), date(2016, 1, 31)))
    ['There is no file there that can be read. Check the name and the folder.']
    """
    return [group.sentence for group in group_faults(submission.faults, form) if notes or group.severity != "note"]


def group_faults(faults: Iterable[Fault], form: Form = UPLOAD) -> tuple[FaultGroup, ...]:
    """Like faults together (same rule, severity, column and told values), in the order of their first."""
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        told = tuple(sorted((name, str(value)) for name, value in fault.values.items() if name not in PER_ROW))
        groups.setdefault((fault.severity, fault.rule, fault.column, told), []).append(fault)
    return tuple(_group(alike, form) for alike in groups.values())


def _group(alike: list[Fault], form: Form) -> FaultGroup:
    first = alike[0]
    rows = tuple(sorted({fault.row for fault in alike if fault.row is not None}))
    told = {"count": len(alike), "rows": row_words(alike), **_nouns(first.column, len(alike), form), **first.values}
    if first.rule == "unknown_column":
        told |= {"said": _optional("said", first), "nearest": _optional("nearest", first)}
    sentence = say(f"{PART}.{first.severity}.{first.rule}", **told)
    return FaultGroup(first.severity, first.rule, first.column, len(alike), rows, sentence)


def _optional(name: str, fault: Fault) -> str:
    return say(f"intake.parts.{name}", value=fault.values[name]) if fault.values[name] else ""


def _nouns(column: str | None, count: int, form: Form) -> dict[str, str]:
    if column is None:
        return {"column": "", "label": "", "noun": ""}
    if column not in form.names:
        return {"column": column, "label": column, "noun": say("intake.parts.entries", count=count, column=column)}
    field = form.field(column)
    return {"column": column, "label": field.label, "noun": field.label if count == 1 else field.labels}


def row_words(faults: Iterable[Fault]) -> str:
    """The rows of some faults in words: runs together, the first twenty spans named, the rest counted.

    >>> row_words([Fault("missing", "row", n) for n in (4, 9, 10, 11, 12)])
    'rows 4 and 9 to 12'
    >>> row_words([Fault("duplicate", "note", 9, values={"as_row": 4})])
    'row 9 (as row 4)'
    """
    numbered = sorted({(fault.row, fault.values.get("as_row")) for fault in faults if fault.row is not None}, key=str)
    spans: list[tuple[int, int, object]] = []
    for row, other in sorted(numbered, key=lambda pair: pair[0] or 0):
        if spans and other is None and row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row, None)
        elif row is not None:
            spans.append((row, row, other))
    if not spans:
        return ""
    texts = [text for span in spans[:MOST_SPANS] for text in _span(*span)]
    left = sum(last - first + 1 for first, last, _ in spans[MOST_SPANS:])
    if left:
        texts.append(say("intake.parts.more", count=left))
    joined = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {say('intake.parts.and')} {texts[-1]}"
    return say("intake.parts.rows", count=len(numbered), rows=joined)


def _span(first: int, last: int, other: object) -> list[str]:
    if other is not None:
        return [say("intake.parts.as_row", row=first, other=other)]
    if last - first < 2:
        return [str(row) for row in range(first, last + 1)]
    return [say("intake.parts.run", first=first, last=last)]
