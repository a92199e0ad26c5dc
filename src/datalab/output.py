"""Writes an output folder whole: report, annex and results, then the manifest that names every file's hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datalab
from datalab import disclosure, report
from datalab.disclosure.results import Releasable
from datalab.manifest import RELEASE, assemble, hash_body
from datalab.progress import Timed
from datalab.store import canonical_json, sha256_file, whole_folder, write_json, write_new

RELEASE_FORMAT = 1


@dataclass(frozen=True)
class Output:
    """A finished run: what may be shown, where the files are, the hash of the manifest's body, and what there is to know.

    releasable: the release, sealed by disclosure control. seconds: of each stage. notes: sentences, such as why no PDF is there.

    >>> from datalab import evaluate
    >>> output = evaluate("people.csv", treatment="part", outcomes="back:binary", sensitivity=False).write("out/third")
    >>> output.folder.name, output.releasable.release.kind
    ('third', 'evaluate')
    """

    releasable: Releasable
    folder: Path
    manifest_sha256: str
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()


def write_output(
    folder: Path,
    releasable: Releasable,
    body: dict[str, Any],
    locations: Mapping[str, Path],
    timed: Timed,
    *,
    overwrite: bool,
    private: Callable[[Path], object] | None = None,
) -> Output:
    """Writes everything to a temporary folder and gives it its name at the end, so a failed run leaves nothing behind.

    locations: where inputs lie, by their part in the run; kept relative to the folder, so that a tree that is moved whole
    can be run again and no name of a machine is told. private: writes what may not leave (doubtful links) into the folder
    it is given. Every format is written from the release as it is stored, so it can be written again from that file alone.
    Raises UsageError where the target is in the way.
    """
    body, stored = with_release(body, releasable), disclosure.as_stored(releasable)
    digest = hash_body(body)
    beside = {role: relative_location(path, folder) for role, path in locations.items()}
    with whole_folder(folder, overwrite=overwrite) as work:
        timed.stage("report")
        written = report.write_report(work, stored, manifest_sha256=digest, version=datalab.__version__)
        write_new(work / RELEASE, release_bytes(stored))
        outputs = written.files | {RELEASE: body["release_sha256"]}
        if private is not None:
            private(work / "private")
        timed.close()
        kept = {path.relative_to(work).as_posix(): sha256_file(path) for path in sorted((work / "private").glob("*"))}
        write_json(work / "manifest.json", assemble(body, outputs, beside, timed.seconds, kept, written.printed))
    return Output(stored, folder, digest, timed.seconds, (written.note,) if written.note else ())


def with_release(body: Mapping[str, Any], releasable: Releasable) -> dict[str, Any]:
    """A manifest's body with the SHA-256 of the release in it, so that the hash printed in a report holds its numbers too."""
    return {**body, "release_sha256": hashlib.sha256(release_bytes(releasable)).hexdigest()}


def release_bytes(releasable: Releasable) -> bytes:
    """release.json: the release and its decisions as canonical JSON on one line. Same release, same bytes."""
    document = disclosure.release_document(releasable.release, releasable.decisions)
    return canonical_json({"format": RELEASE_FORMAT, **document}) + b"\n"


def relative_location(path: Path, folder: Path) -> str:
    """Where `path` lies as seen from `folder`, with forward slashes; absolute where they share no root (two drives).

    >>> relative_location(Path("country/studies/a.toml"), Path("out/run"))
    '../../country/studies/a.toml'
    """
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
