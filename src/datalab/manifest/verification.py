"""Checks an output folder against its manifest, and compares two sets of results number by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from datalab.errors import InputError
from datalab.manifest.record import hash_body, require_complete_manifest
from datalab.store import read_json, sha256_file
from datalab.wording import say

NAME = "manifest.json"
# The documents that name the manifest they belong to: of a run or an evaluation, and of a feasibility study.
RESULTS = ("results.json", "feasibility.json")
# The release that every format is written from; its hash stands in the manifest's body.
RELEASE = "release.json"
# Numbers may differ by this much, relatively, on another platform (design 4, "Files").
RELATIVE_BOUND = 1e-8


@dataclass(frozen=True)
class Verification:
    """What `verify` found: the files that agree, and one sentence for each that does not."""

    agreed: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where everything agrees."""
        return not self.faults


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest in a file, or in `manifest.json` of a folder. Raises InputError where it is not one."""
    data = read_json(path / NAME if path.is_dir() else path)
    if not isinstance(data, dict) or not {"body", "body_sha256", "outputs"} <= data.keys():
        raise InputError(say("manifest.manifest.not_one", path=path))
    if data.get("format") != 1:
        raise InputError(say("manifest.manifest.format", path=path))
    require_complete_manifest(data["body"])
    return data


def verify_folder(folder: str | Path) -> Verification:
    """Hashes every output that the manifest names, and the manifest's own body.

    Files the manifest does not name are reported too: nothing unexplained may lie in a folder that is handed on
    (`private/` and `manifest.json` itself apart). Raises InputError where there is no folder, or no manifest in it.

    >>> verify_folder("out/first").ok
    True
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(say("manifest.manifest.no_folder", folder=folder))
    manifest = read_manifest(folder)
    faults = []
    if hash_body(manifest["body"]) != manifest["body_sha256"]:
        faults.append(say("manifest.manifest.body_changed"))
    agreed = []
    written = {**manifest["outputs"], **manifest.get("printed", {})}
    if "release_sha256" in manifest["body"]:  # what the hashed body says of it goes first
        written[RELEASE] = manifest["body"]["release_sha256"]
    for name, digest in written.items():
        path = folder / name
        if not path.is_file():
            faults.append(say("manifest.manifest.missing", name=name))
        elif sha256_file(path) != digest:
            faults.append(say("manifest.manifest.changed", name=name))
        else:
            agreed.append(name)
    faults += _private_faults(folder, manifest.get("private", {}))
    faults += [say("manifest.manifest.extra", name=name) for name in _extra(folder, written)]
    faults += _results_faults(folder, manifest)
    return Verification(tuple(agreed), tuple(faults))


def _private_faults(folder: Path, private: Mapping[str, str]) -> list[str]:
    """What was changed in `private/`. A folder without any is fine: it was handed on, or its data were destroyed."""
    if not (folder / "private").is_dir():
        return []
    faults = [say("manifest.manifest.missing", name=name) for name in private if not (folder / name).is_file()]
    there = [name for name in private if (folder / name).is_file()]
    return faults + [say("manifest.manifest.changed", name=name) for name in there if sha256_file(folder / name) != private[name]]


def _extra(folder: Path, outputs: Mapping[str, str]) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in names if name not in outputs and name != NAME and not name.startswith("private/")]


def _results_faults(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    there = [name for name in RESULTS if (folder / name).is_file()]
    return [
        say("manifest.manifest.other_results", name=name)
        for name in there
        if read_json(folder / name).get("manifest_sha256") != manifest["body_sha256"]
    ]


def _numbers(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{path}[{index}]")
    else:
        yield path, value


@dataclass(frozen=True)
class Difference:
    """Two sets of results: the largest relative difference of a number, where it is, and everything else that differs."""

    largest: float
    where: str
    others: tuple[str, ...]


def compare_results(first: Any, second: Any) -> Difference:
    """Compares two `results.json` values leaf by leaf; the manifest's hash is left out.

    >>> compare_results({"a": 1.0, "b": "x"}, {"a": 1.1, "b": "y"}).others
    ('b',)
    """
    ours, theirs = dict(_numbers(first)), dict(_numbers(second))
    largest, where, others = 0.0, "", []
    for key in sorted({*ours, *theirs} - {"manifest_sha256"}):
        a, b = ours.get(key), theirs.get(key)
        if _is_number(a) and _is_number(b):
            gap = abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0
            if gap > largest:
                largest, where = gap, key
        elif a != b:
            others.append(key)
    return Difference(largest, where, tuple(others))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
