"""Reads the decisions file: a person's answers about doubtful pairs, every fault told at once and no value of it repeated."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from datalab.errors import InputError
from datalab.linkage.decisions import Decision, Decisions
from datalab.linkage.model import Model, check_model
from datalab.linkage.writers import FORMULA_STARTS
from datalab.store import read_json
from datalab.wording import say

COLUMNS = ("row", "person_id", "decision", "by", "when")


def read_decisions(path: Path) -> Decisions:
    """The decisions of a CSV file (UTF-8) with the columns row, person_id, decision, by, when.

    decision: accept or reject. when: a day, YYYY-MM-DD. A pair is decided once, and a row accepted for one person at
    most. Raises InputError with every fault, each named by its line, never with a value.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(say("linkage.decisions.no_file", path=path)) from error
    lines = _lines(content, path)
    header = tuple(cell.strip() for cell in lines[0]) if lines else ()
    if sorted(header) != sorted(COLUMNS):
        raise InputError(_header_fault(header))
    faults: list[str] = []
    read = [_read_line(number, header, cells, faults) for number, cells in enumerate(lines[1:], start=2) if any(cells)]
    decisions = tuple(item for item in read if item is not None)
    faults.extend(_contradictions(decisions))
    if faults:
        raise InputError(say("linkage.decisions.refused", count=len(faults)), faults)
    return Decisions(decisions, hashlib.sha256(content).hexdigest())


def read_sheet(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """The lines of a CSV file (UTF-8) as texts by column. Raises InputError where it is missing or lacks a needed column."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(say("linkage.review.no_file", path=path)) from error
    fault = say("linkage.review.not_a_sheet", path=path, columns=", ".join(needed))
    try:
        header, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise InputError(fault) from error
    if set(needed) - set(header) or any(len(cells) != len(header) for cells in lines if any(cells)):
        raise InputError(fault)
    return [dict(zip(header, map(_plain, cells), strict=True)) for cells in lines if any(cells)]


def read_model(path: Path) -> Model:
    """The linkage model of a neutral file (JSON), as `datalab index train` writes it.

    Raises InputError where the file is missing, is no JSON, or is no model whose shares lie between 0 and 1.
    """
    return check_model(read_json(path), path)


def _lines(content: bytes, path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(say("linkage.decisions.not_text", path=path)) from error


def _header_fault(header: Sequence[str]) -> str:
    missing = [name for name in COLUMNS if name not in header]
    unknown = sum(name not in COLUMNS for name in header) + len(header) - len(set(header))
    return say("linkage.decisions.columns", columns=", ".join(COLUMNS), missing=", ".join(missing) or "none", unknown=unknown)


def _read_line(line: int, header: Sequence[str], cells: Sequence[str], faults: list[str]) -> Decision | None:
    """The decision of one line, or None with its faults added."""
    if len(cells) != len(header):
        faults.append(say("linkage.decisions.ragged", line=line))
        return None
    cell = {name: _plain(value.strip()) for name, value in zip(header, cells, strict=True)}
    row, when, verdict = _whole(cell["row"]), _day(cell["when"]), cell["decision"].lower()
    bad = {
        "row": row is None,
        "person": not cell["person_id"],
        "decision": verdict not in ("accept", "reject"),
        "by": not cell["by"],
        "when": when is None,
    }
    faults.extend(say(f"linkage.decisions.{name}", line=line) for name, wrong in bad.items() if wrong)
    if row is None or when is None or any(bad.values()):
        return None
    return Decision(line, row, cell["person_id"], "accept" if verdict == "accept" else "reject", cell["by"], when)


def _plain(text: str) -> str:
    """Takes back the quotation mark that `writers` puts before what looks like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _contradictions(decisions: Sequence[Decision]) -> list[str]:
    pairs: set[tuple[int, str]] = set()
    accepted: dict[int, str] = {}
    faults = []
    for item in decisions:
        if (item.row, item.person_id) in pairs:
            faults.append(say("linkage.decisions.twice", line=item.line, row=item.row))
        pairs.add((item.row, item.person_id))
        if item.decision == "accept" and accepted.setdefault(item.row, item.person_id) != item.person_id:
            faults.append(say("linkage.decisions.two_people", line=item.line, row=item.row))
    return faults
