"""The lab's own differencing register: each run compares with a copy of it, and what was cleared is adopted into it, compared
once more, before anything of it leaves the lab. One process at a time has it in hand."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from portal.runs.models import Job
from portal.uploads import vault

FILE, KEY, OF_THE_RUN = "register.sqlite", "register.key", "run.sqlite"


def private_name(job: Job, what: str) -> str:
    """The vault's name of a private file of a run."""
    return f"{job.public_id}.{what.partition('.')[0]}"


def _place() -> Path:
    folder: Path = settings.HOME / "register"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / FILE


def lay_out(work: Path) -> None:
    """A copy of the register, and its key, for the engine."""
    (work / KEY).write_bytes(register_key())
    if _place().is_file():
        shutil.copyfile(_place(), work / FILE)


def lay_out_run(run: Job, work: Path) -> None:
    """What a run recorded in its copy, for it to be adopted. Only the worker can read it."""
    (work / OF_THE_RUN).write_bytes(vault.unseal(private_name(run, FILE)))


def keep_copy(job: Job, work: Path) -> None:
    """Keeps what a run recorded, encrypted, until it is cleared or destroyed."""
    if (work / FILE).is_file():
        vault.seal(private_name(job, FILE), (work / FILE).read_bytes())


def keep_adopted(work: Path) -> None:
    """The register with what was adopted takes the old one's place, whole or not at all."""
    made = _place().with_name(f".{FILE}.{os.getpid()}")
    shutil.copyfile(work / FILE, made)
    made.chmod(0o600)
    with made.open("rb") as written:
        os.fsync(written.fileno())
    made.replace(_place())


@contextmanager
def in_hand() -> Iterator[None]:
    """Waits until no other process adopts into the register; a process that dies lets go of it."""
    with _place().with_name("lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def register_key() -> bytes:
    """The key of the register's codes, made once, outside the database."""
    path: Path = settings.HOME / "keys" / "register"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
    return path.read_bytes()
