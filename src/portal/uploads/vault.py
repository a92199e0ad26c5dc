"""Files of people, encrypted (age). Each has a key of its own, which is itself encrypted for the worker: the web process can
put a file in and cannot read it again. Destroying a file destroys its key first, so that a copy of the file is worth nothing.

Layout of the home folder: `vault/<id>.age` the file, `keys/files/<id>.age` its key, `keys/worker.public` for whom keys are
encrypted, `keys/worker.secret` the worker's own (mode 0600; on a server only the worker's account can read it).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pyrage
from django.conf import settings


@dataclass(frozen=True)
class Place:
    """Where one file and its key lie."""

    file: Path
    key: Path


def place_of(name: str) -> Place:
    """The places of a file by its random identifier."""
    home: Path = settings.HOME
    return Place(home / "vault" / f"{name}.age", home / "keys" / "files" / f"{name}.age")


def make_worker_keys() -> None:
    """The worker's pair of keys, at first start. Nothing is replaced."""
    folder: Path = settings.HOME / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "worker.public").is_file():
        return
    identity = pyrage.x25519.Identity.generate()
    _write(folder / "worker.secret", str(identity).encode())
    _write(folder / "worker.public", str(identity.to_public()).encode())


def seal(name: str, content: bytes) -> None:
    """Encrypts a file under a new key of its own, and the key for the worker."""
    place = place_of(name)
    own = pyrage.x25519.Identity.generate()
    public = (settings.HOME / "keys" / "worker.public").read_text(encoding="ascii")
    worker = pyrage.x25519.Recipient.from_str(public)
    _write(place.key, pyrage.encrypt(str(own).encode(), [worker]))
    _write(place.file, pyrage.encrypt(content, [own.to_public()]))


def unseal(name: str) -> bytes:
    """The file as it was. Only the worker can; raises OSError or pyrage.DecryptError elsewhere, or where it is destroyed."""
    place = place_of(name)
    secret = (settings.HOME / "keys" / "worker.secret").read_text(encoding="ascii")
    worker = pyrage.x25519.Identity.from_str(secret)
    own = pyrage.x25519.Identity.from_str(pyrage.decrypt(place.key.read_bytes(), [worker]).decode())
    return pyrage.decrypt(place.file.read_bytes(), [own])


def destroy(name: str) -> tuple[str, ...]:
    """Destroys a key and its file; the names of those that were there. Done again it finds nothing and does no harm."""
    place, gone = place_of(name), []
    for what, path in (("key", place.key), ("file", place.file)):
        if path.is_file():
            # What a disk may keep of a key is overwritten; of the file only what the lost key had encrypted is left.
            size = path.stat().st_size if what == "key" else 0
            with path.open("r+b") as out:
                out.write(os.urandom(size))
                out.flush()
                os.fsync(out.fileno())
            path.unlink()
            gone.append(what)
    return tuple(gone)


def is_there(name: str) -> bool:
    """Whether anything of a file is left."""
    place = place_of(name)
    return place.file.exists() or place.key.exists()


def beside(name: str) -> tuple[str, ...]:
    """The names of the files that were kept with something (`<name>.<what>`), where a file or a key of them is left."""
    home: Path = settings.HOME
    found = [path for folder in ("vault", "keys/files") for path in (home / folder).glob(f"{name}.*.age")]
    return tuple(sorted({path.name.removesuffix(".age") for path in found}))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    made.replace(path)
