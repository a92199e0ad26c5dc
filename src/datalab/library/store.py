"""The library file: results of releases that were added, beside the published ones that come with the package."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from datalab.disclosure.results import Releasable
from datalab.errors import InputError, UsageError
from datalab.evidence import read_published
from datalab.evidence.results import EvidenceRecord
from datalab.library.collection import Library
from datalab.library.documents import read_record, record_document
from datalab.library.releases import records_of_release
from datalab.library.tables import Form, export_bytes
from datalab.manifest import read_manifest
from datalab.rendering import read_release
from datalab.store import read_json, write_new
from datalab.wording import say

FORMAT = 1


def open_library(path: str | Path | None = None) -> Library:
    """The published results, and those that were added to the file at `path`, if one is named.

    Raises InputError where the file is missing or is no library.

    >>> len(open_library().records)
    94
    """
    added = () if path is None else _read(Path(path))
    return Library((*read_published(), *added))


def read_released(folder: str | Path) -> Releasable:
    """The stored release of an output folder, of a run or of a feasibility study, once its hashes have been checked.

    Raises InputError where it was changed.

    >>> read_released("out/first").release.kind
    'evaluate'
    """
    place = Path(folder)
    return read_release(place, read_manifest(place))


def released_folder(folder: str | Path) -> Releasable:
    """The stored release of a run's output folder, once its hashes have been checked.

    Raises InputError where it was changed, or is of a feasibility study, which has no results.
    """
    releasable = read_released(folder)
    if releasable.release.kind == "feasibility":
        raise InputError(say("library.errors.feasibility", folder=Path(folder)))
    return releasable


def records_of_folder(
    folder: str | Path, *, organisation: str = "", published: str = "", source: str = ""
) -> tuple[EvidenceRecord, ...]:
    """The evidence records of a run's output folder: what disclosure control let out. Raises InputError as `released_folder`.

    >>> [record.outcome for record in records_of_folder("out/first")][:1]
    ['back']
    """
    return records_of_release(released_folder(folder), organisation=organisation, published=published, source=source)


def add_releases(
    path: str | Path,
    folders: Iterable[str | Path],
    *,
    organisation: str = "",
    published: str = "",
    source: str = "",
    overwrite: bool = False,
) -> tuple[EvidenceRecord, ...]:
    """Adds the results of output folders to the library file at `path`, which is made if it is new; gives what was added.

    organisation, published (a year, month or date), source: texts for all of them. overwrite: results of a study that is
    there already are replaced. Nothing is written where anything is wrong. Raises InputError as `records_of_folder`,
    UsageError where a study is there already.

    >>> added = add_releases("out/library.json", ["out/first"], organisation="Example Trust")
    >>> len(open_library("out/library.json").records) - len(added)
    94
    """
    target = Path(path)
    there = _read(target) if target.exists() else ()
    added: tuple[EvidenceRecord, ...] = ()
    for folder in folders:
        new = records_of_folder(folder, organisation=organisation, published=published, source=source)
        twice = {one.study for one in new} & {one.study for one in (*added, *(() if overwrite else there))}
        if twice:
            raise UsageError(say("library.errors.twice", study=min(twice)))
        added = (*added, *new)
    studies = {one.study for one in added}
    kept = tuple(one for one in there if one.study not in studies)
    content = {"format": FORMAT, "records": [record_document(one) for one in (*kept, *added)]}
    write_new(target, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(), overwrite=True)
    return added


def _read(path: Path) -> tuple[EvidenceRecord, ...]:
    document = read_json(path)
    records = document.get("records") if isinstance(document, dict) and document.get("format") == FORMAT else None
    if not isinstance(records, list):
        raise InputError(say("library.errors.format", path=path, format=FORMAT))
    return tuple(read_record(record, f"records[{place}]") for place, record in enumerate(records))


def write_export(library: Library, path: Path, form: Form, about: Sequence[str] = (), *, overwrite: bool = False) -> None:
    """Writes the library's rows to a file. Raises UsageError where something is in the way."""
    write_new(path, export_bytes(library.rows(), form, about), overwrite=overwrite)
