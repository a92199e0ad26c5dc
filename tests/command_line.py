"""Calls `datalab` inside the test's process, makes studies that stand anywhere, and keeps one finished run a session.

A real process costs seconds of imports; here the arguments go through the same `main` as on a command line.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.quick_pdf import real_pdfs
from tests.world_fixture import shared_root, world_folder

from datalab.cli import main
from datalab.report.pdf import pdf_bytes

STUDY = "thames-workshop"
FEW_FAMILIES = '["demographics", "index"]'


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """The one JSON document on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def call(*arguments: object) -> Answer:
    """`datalab` with these arguments."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        patch.object(sys, "argv", ["datalab", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Answer(code, out.getvalue(), err.getvalue())


def write_study(path: Path, world: Path, *, outcomes: Sequence[str] = ("rate", "frequency"), **changes: str) -> Path:
    """The country's main study at `path`, with its inputs found from there; `key='"value"'` replaces a key, in TOML.

    Two outcomes and few covariates, so that a run takes a few seconds; no analysis a site, since that prints the upload's own
    words (`test_several_analyses.py` asks for it).
    """
    text = (world / "studies" / f"{STUDY}.toml").read_text(encoding="utf-8").replace('"../', f'"{world.as_posix()}/')
    text = text.replace('\n[[analysis]]\neach = "group:site"\n', "")
    text = re.sub(r"outcomes = \[.*?\]", lambda _: f"outcomes = {json.dumps(list(outcomes))}", text, flags=re.DOTALL)
    for key, value in {"families": FEW_FAMILIES, "needs_design": "false", **changes}.items():
        text, count = re.subn(rf"^{key}( *)=.*$", lambda _, k=key, v=value: f"{k} = {v}", text, flags=re.MULTILINE)
        if not count:
            text = text.replace("[inputs]\n", f"[inputs]\n{key} = {value}\n")
    path.write_text(text, encoding="utf-8")
    return path


def upload_rows(world: Path) -> list[list[str]]:
    """The cells of the main study's upload as it was sent in, headings first."""
    with (world / "uploads" / f"{STUDY}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def write_upload(path: Path, rows: Sequence[Sequence[str]]) -> str:
    """Writes an upload as CSV; gives its place as a TOML text."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return json.dumps(str(path))


def finished_run(factory: pytest.TempPathFactory) -> Path:
    """A folder with `study.toml`, its finished run in `out`, and `answer.json`: made once a session. Read it only."""
    world, root = world_folder(factory), shared_root(factory)
    folder = root / "finished-run"
    with _locked(root / "finished-run.lock"):
        if not folder.is_dir():
            work = root / "finished-run.work"
            work.mkdir()
            with real_pdfs():
                answer = call("run", write_study(work / "study.toml", world), "--out", work / "out")
            (work / "answer.json").write_text(json.dumps(asdict(answer)), encoding="utf-8")
            work.rename(folder)
    return folder


def answer_of(folder: Path) -> Answer:
    """What the command printed when `finished_run` made the folder."""
    return Answer(**json.loads((folder / "answer.json").read_text(encoding="utf-8")))


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name from there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def printed_files(*names: str) -> tuple[str, ...]:
    """Those names where a PDF can be made here, none where WeasyPrint or Pango is missing."""
    return names if pdf_bytes("<html lang=en><title>t</title><p>t</p></html>", identifier="t") else ()
