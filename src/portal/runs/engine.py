"""Lays out a folder for the engine, starts it sealed, hears what it tells, and takes in what it made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings

import datalab
from portal.ops import linkage, thresholds
from portal.ops.models import CentralLoad
from portal.requests.plans import with_inputs
from portal.runs import register
from portal.runs.models import Job
from portal.runs.pairs import decisions_file
from portal.uploads import vault
from portal.wording import say

# Limits of the engine's process; an installation may set others (DATALAB_ENGINE_*).
MEMORY = int(os.environ.get("DATALAB_ENGINE_MEMORY", str(12 * 1024**3)))
LIMITS, MODEL = "thresholds.toml", "model.json"
SECONDS = int(os.environ.get("DATALAB_ENGINE_SECONDS", str(2 * 3600)))


@dataclass(frozen=True)
class Answer:
    """What the engine said last: what it found, or an error in words; neither where it was stopped. ours: our fault."""

    found: Mapping[str, Any] | None = None
    error: str = ""
    ours: bool = False


class Stopped(Exception):
    """The engine was stopped because nobody wants the answer any more."""


@contextmanager
def laid_out(job: Job, load: CentralLoad) -> Iterator[Path]:
    """A folder of its own for a job, readable by the worker alone, gone afterwards: upload, study, decisions, register."""
    root: Path = settings.HOME / "work"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=root, prefix="job-") as name:
        work = Path(name)
        (work / "tmp").mkdir()
        (work / "owner").write_text(str(os.getpid()), encoding="ascii")
        if job.run is not None:
            _write_limits(work)
            register.lay_out(work)
            register.lay_out_run(job.run, work)
        else:
            _lay_out_upload(job, work, load)
        yield work


def _lay_out_upload(job: Job, work: Path, load: CentralLoad) -> None:
    if job.upload is None:
        raise ValueError("a job has an upload")
    upload = f"upload.{job.upload.kind}"
    (work / upload).write_bytes(vault.unseal(job.upload.public_id))
    if job.plan is not None:
        _write_study(job, work, upload, load)
        register.lay_out(work)


def _write_study(job: Job, work: Path, upload: str, load: CentralLoad) -> None:
    first = job.request.plans.order_by("number").first()
    inputs = f'[inputs]\nupload = "{upload}"\ncentral = "central"\n'
    if first is not None and job.plan is not None and first.id != job.plan.id:
        (work / "registered.toml").write_text(with_inputs(first.text, inputs), encoding="utf-8")
        inputs += 'registered = "registered.toml"\n'
    if _write_limits(work):
        inputs += f'thresholds = "{LIMITS}"\n'
    if model := linkage.text_in_force():
        (work / MODEL).write_text(model, encoding="utf-8")
        inputs += f'linkage_model = "{MODEL}"\n'
    (work / "study.toml").write_text(with_inputs(job.plan.text if job.plan else "", inputs), encoding="utf-8")
    (work / "central").symlink_to(load.path)
    decisions = decisions_file(job.request)
    if decisions:
        (work / "decisions.csv").write_text(decisions, encoding="utf-8")


def _write_limits(work: Path) -> bool:
    """The lab's own thresholds, where they are tighter than the engine's; whether they are."""
    limits = thresholds.text_in_force()
    if limits:
        (work / LIMITS).write_text(limits, encoding="utf-8")
    return bool(limits)


def ask(job: Job, work: Path, load: CentralLoad, hear: Callable[[Mapping[str, Any]], None], wanted: Callable[[], bool]) -> Answer:
    """Runs the engine sealed on a laid-out folder. hear: is told of progress; wanted: asked every second whether to go on.

    Raises Stopped where it is no longer wanted.
    """
    order = {
        "do": str(job.kind),
        "work": str(work),
        "readable": [str(path) for path in _readable(load)],
        "memory": MEMORY,
        "seconds": SECONDS,
        "central": str(load.path),
        "upload": f"upload.{job.upload.kind}" if job.upload else "",
        "today": load.extracted_on.isoformat(),
        "decisions": (work / "decisions.csv").is_file(),
        "release": job.run.found["study"] if job.run else "",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.runs.sealed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=work,
        env=_environment(work),
        start_new_session=True,
        text=True,
    )
    try:
        return _converse(process, order, hear, wanted)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _converse(
    process: subprocess.Popen[str],
    order: Mapping[str, Any],
    hear: Callable[[Mapping[str, Any]], None],
    wanted: Callable[[], bool],
) -> Answer:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the engine's process has no pipes")
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.close()
    lines: list[str] = []
    reader = Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    read, deadline, last = 0, time.monotonic() + SECONDS, Answer(error=say("runs.errors.stopped"), ours=True)
    while reader.is_alive() or read < len(lines):
        reader.join(0.5)
        for line in lines[read:]:
            told, read = json.loads(line), read + 1
            if "found" in told:
                last = Answer(found=told["found"])
            elif "error" in told:
                last = Answer(error="\n".join([told["error"], *told["faults"]]), ours=told["ours"])
            else:
                hear(told)
        if not wanted():
            raise Stopped
        if time.monotonic() > deadline:
            return Answer(error=say("runs.errors.too_long"), ours=True)
    return last


def _read(stream: Iterable[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line)


def _environment(work: Path) -> dict[str, str]:
    """Nothing of ours but where the code is: no address of a database, no secret."""
    source = str(Path(datalab.__file__).parents[1])
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": source,
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "HOME": str(work / "tmp"),
        "TMPDIR": str(work / "tmp"),
        "LANG": "C.UTF-8",
    }


def _readable(load: CentralLoad) -> list[Path]:
    """What the engine may read: code, the system's libraries and fonts, the central records. Not our home, not the database."""
    code = {Path(datalab.__file__).parents[1], Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_paths()["purelib"])}
    system = [
        Path(name)
        for name in (
            "/usr",
            "/lib",
            "/lib64",
            "/bin",
            "/etc",
            "/proc",
            "/sys",
            "/dev/urandom",
            "/dev/shm",  # noqa: S108 (read only)
            "/var/cache/fontconfig",
        )
    ]
    return [*sorted(code), *system, load.path.resolve()]
