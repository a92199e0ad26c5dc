"""The files of the engine's own making: TOML in, JSON out, hashes, and a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datalab.errors import InputError, UsageError
from datalab.wording import say

CHUNK = 1 << 20


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises InputError where it is missing or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(say("study.study.no_file", path=path)) from error
    except UnicodeDecodeError as error:
        raise InputError(say("study.study.not_text", path=path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(say("study.study.not_toml", path=path, problem=error)) from error


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while piece := handle.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no spare space: the bytes that are hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def read_json(path: Path) -> Any:
    """The value in a JSON file. Raises InputError where it is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise InputError(say("store.store.no_file", path=path)) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(say("store.store.not_json", path=path)) from error


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as indented JSON with a line end."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def write_new(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    """Writes a file. Raises UsageError where something is in the way, unless it is a file and `overwrite` is said."""
    if path.exists() and not (overwrite and path.is_file()):
        raise UsageError(say("store.store.file_in_the_way", path=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@contextmanager
def whole_folder(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its name when the block ends well; on an error nothing changes.

    A folder that holds files is replaced only with `overwrite`, and the old one is kept until the new one stands.
    Raises UsageError where it may not be replaced.
    """
    require_free(target, overwrite=overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        work.chmod(0o755)
        yield work
        old = target.parent / f"{work.name}-old"
        if target.exists():
            target.rename(old)
        work.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def require_free(target: Path, *, overwrite: bool) -> None:
    """Refuses a target that is a file, or a folder with files in it unless `overwrite` is said."""
    blocking = next((path for path in (target, *target.parents) if path.is_file()), None)
    if blocking is not None:
        raise UsageError(say("store.store.is_file", path=blocking))
    if target.is_dir() and any(target.iterdir()):
        if not overwrite:
            raise UsageError(say("errors.errors.folder_not_empty", folder=target))
        if not _is_ours(target):
            raise UsageError(say("store.store.not_ours", folder=target))


def _is_ours(folder: Path) -> bool:
    """Whether a folder was made by this package, so that --overwrite never deletes a stranger's files."""
    return any((folder / name).is_file() for name in ("manifest.json", "truth.json"))
