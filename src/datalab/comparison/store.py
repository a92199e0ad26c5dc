"""The files of a comparison: two output folders that are checked before they are read, and the folder that is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datalab.comparison.stored import Stored, as_stored
from datalab.errors import InputError
from datalab.manifest import read_manifest, verify_folder
from datalab.store import read_json, sha256_file, whole_folder, write_json
from datalab.wording import say

KINDS = ("run", "evaluate")
RESULTS = "results.json"


def read_stored(folders: Mapping[str, Path]) -> dict[str, Stored]:
    """The stored run in each folder, by its name ("earlier", "later"), each checked against its manifest first.

    Raises InputError naming every file that was changed, is missing or is not explained, and folders of another kind.
    """
    faults = [text for name, folder in folders.items() for text in _faults(say(f"compare.names.{name}"), folder)]
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)
    return {name: _read(folder) for name, folder in folders.items()}


def _faults(name: str, folder: Path) -> list[str]:
    try:
        found = verify_folder(folder)
        kind = read_manifest(folder)["body"]["kind"]
    except InputError as error:
        return [say("compare.refused.folder", name=f"{name}:", fault=text) for text in (error.faults or (error.message,))]
    faults = [say("compare.refused.folder", name=f"{name}:", fault=text) for text in found.faults]
    if kind not in KINDS or RESULTS not in found.agreed:
        faults.append(say("compare.refused.kind", name=name, kind=kind))
    return faults


def _read(folder: Path) -> Stored:
    return as_stored(read_json(folder / RESULTS), read_manifest(folder), sha256_file(folder / RESULTS))


def write_comparison(out: Path, files: Mapping[str, bytes], manifest: dict[str, Any], *, overwrite: bool) -> None:
    """Writes every file and manifest.json into `out`, which appears whole or not at all."""
    with whole_folder(out, overwrite=overwrite) as work:
        for name, content in files.items():
            (work / name).write_bytes(content)
        write_json(work / "manifest.json", manifest)
