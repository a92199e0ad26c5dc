"""Reads an upload's bytes once and turns them into sheets of text: CSV here, workbooks in a limited child process."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datalab.intake.archive_checks import ArchiveLimits, archive_fault
from datalab.intake.delimited import parse_delimited
from datalab.intake.headings import heading_score
from datalab.intake.results import Fault
from datalab.intake.sheet import Sheet, SourceFile
from datalab.intake.worker import LINKED, TOO_BIG
from datalab.schema.form import Form

EXTENSIONS = ("csv", "xlsx", "ods")
WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class ReadLimits:
    """Bounds on an upload. memory and seconds bound the child that opens a workbook."""

    file_bytes: int = 30_000_000
    rows: int = 100_000
    columns: int = 200
    cells: int = 4_000_000
    memory_bytes: int = 800_000_000
    seconds: int = 20
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


DEFAULT_LIMITS = ReadLimits()


def read_source(path: Path, form: Form, limits: ReadLimits = DEFAULT_LIMITS) -> SourceFile:
    """The sheets of an upload and what is wrong with the file as such; reads only an ordinary file, once.

    The kind of file is its extension, and the content must agree; `form` helps to tell the delimiter of a CSV. Never
    raises for what a file holds.
    """
    kind = path.suffix.lower().lstrip(".")
    content, fault = _read_bytes(path, limits)
    digest = hashlib.sha256(content).hexdigest()
    if fault is None and kind not in EXTENSIONS:
        fault = _extension_fault(kind)
    if fault is None and not content.strip(b" \t\r\n\0\xef\xbb\xbf"):
        fault = Fault("empty", "file")
    if fault is not None:
        return SourceFile((), (fault,), digest)
    if kind == "csv":
        sheet, faults = parse_delimited(content, limits.rows, limits.columns, lambda row: heading_score(row, form))
        return SourceFile((sheet,) if sheet else (), faults, digest)
    sheets, fault = _read_workbook(content, kind, limits)
    return SourceFile(sheets, (fault,) if fault else (), digest)


def _read_bytes(path: Path, limits: ReadLimits) -> tuple[bytes, Fault | None]:
    try:
        # Not blocking: opening a pipe would otherwise wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return b"", Fault("no_file", "file")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return b"", Fault("not_a_file", "file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        return b"", Fault("too_big", "file", values={"megabytes": limits.file_bytes // 1_000_000})
    return content, None


def _extension_fault(kind: str) -> Fault:
    # The name of a file may be a person's: only a short plain extension is said back.
    said = f".{kind}" if kind.isascii() and kind.isalnum() and len(kind) <= 5 else ""
    return Fault("extension", "file", values={"given": f" ({said})" if said else ""})


def _read_workbook(content: bytes, kind: str, limits: ReadLimits) -> tuple[tuple[Sheet, ...], Fault | None]:
    if fault := archive_fault(content, kind, limits.archive):
        return (), fault
    answer = _ask_child(content, limits)
    if answer is None or answer.get("error") == TOO_BIG:
        values = {"rows": limits.rows, "columns": limits.columns}
        return (), Fault("too_many_cells" if answer else "unsafe", "file", values=values)
    if answer.get("error") == LINKED:
        return (), Fault("links", "file")
    if "error" in answer:
        return (), Fault("not_a_workbook", "file", values={"kind": kind.upper()})
    return tuple(_sheet(number, found) for number, found in enumerate(answer["sheets"], 1)), None


def _ask_child(content: bytes, limits: ReadLimits) -> dict[str, Any] | None:
    numbers = (limits.memory_bytes, limits.seconds, limits.rows, limits.columns, limits.cells)
    command = [sys.executable, "-I", str(WORKER), *(str(number) for number in numbers)]
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds + 5,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _sheet(number: int, found: dict[str, Any]) -> Sheet:
    first_row, first_column = found["start"]
    kinds = {
        wanted: frozenset((i, j) for i, row in enumerate(found["rows"]) for j, (_, kind) in enumerate(row) if kind == wanted)
        for wanted in ("date", "number")
    }
    return Sheet(
        number=number,
        rows=tuple(tuple(text for text, _ in row) for row in found["rows"]),
        first_row=first_row + 1,
        first_column=first_column,
        dates=kinds["date"],
        numbers=kinds["number"],
        merged=frozenset(row + 1 for first, last in found["merged"] for row in range(first, min(last, 1_048_575) + 1)),
        visible=found["visible"],
        hidden_rows=frozenset(found.get("hidden_rows", ())),
        hidden_columns=frozenset(column - 1 for column in found.get("hidden_columns", ())),
        name=found["name"],
    )
