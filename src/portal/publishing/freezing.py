"""Fixes what a release will publish: the cleared outputs, copied and checked against what two reviewers cleared, and the
bulletin; one hash over every file. What is published is this, byte for byte, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from portal.config.refusals import Refused
from portal.publishing.models import Entry, Release
from portal.review.models import Clearance
from portal.runs.output import content_sha256, output_folder
from portal.wording import say

REPORTS = "reports"


def cleared_output(clearance: Clearance) -> Path:
    """The folder of a cleared output. Raises Refused where it is no longer what was cleared."""
    folder = output_folder(clearance.round.job)
    if not folder.is_dir() or content_sha256(folder) != clearance.content_sha256:
        raise Refused(say("publishing.refusals.changed"), status=409)
    return folder


def freeze(release: Release, entries: Sequence[Entry], bulletin: dict[str, bytes]) -> str:
    """Copies every cleared output and writes the bulletin's files; the hash of it all.

    An earlier attempt's folder is replaced: it was never public. Raises Refused where an output is not what was cleared.
    """
    made = release.folder.with_name(f".{release.public_id}")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True, mode=0o700)
    for entry in entries:
        shutil.copytree(cleared_output(entry.clearance), made / REPORTS / entry.public_id)
    for name, content in bulletin.items():
        (made / name).write_bytes(content)
    shutil.rmtree(release.folder, ignore_errors=True)
    made.replace(release.folder)
    return content_sha256(release.folder)


def is_as_fixed(release: Release) -> bool:
    """Whether the pages are still those that were fixed, and each output the one that was cleared."""
    if not release.folder.is_dir() or content_sha256(release.folder) != release.content_sha256:
        return False
    entries = release.entries.filter(dropped=False).select_related("clearance")
    return all(content_sha256(report_folder(release, entry)) == entry.clearance.content_sha256 for entry in entries)


def report_folder(release: Release, entry: Entry) -> Path:
    """Where the files of one report lie."""
    return release.folder / REPORTS / entry.public_id


def freeze_correction(place: Path, clearance: Clearance) -> str:
    """Copies a cleared output to where a new version lies; its hash. Raises Refused where it is not what was cleared."""
    source = cleared_output(clearance)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place)
    return content_sha256(place)
