"""`report`: writes the report and every format again from the release that a run stored, without any personal data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalab.disclosure import restore
from datalab.disclosure.results import Releasable, Release
from datalab.errors import InputError, InternalError, UsageError
from datalab.manifest import RELEASE, hash_body, read_manifest
from datalab.output import RELEASE_FORMAT, Output, write_output
from datalab.progress import Progress, Silent, Timed
from datalab.report.parts import Part, report_part
from datalab.store import read_json, sha256_file
from datalab.wording import say

OWN = "evaluate"  # the kind of a release of a person's own table


@dataclass(frozen=True)
class Rendered:
    """A report written again: the output, and which of its files have the bytes of the run's and which have not.

    >>> found = render_again("out/first", "out/first-anew")
    >>> found.output.folder.name, "report.html" in found.same
    ('first-anew', True)
    """

    output: Output
    same: tuple[str, ...]
    different: tuple[str, ...]


def render_again(
    folder: str | Path, out: str | Path | None = None, *, overwrite: bool = False, progress: Progress | None = None
) -> Rendered:
    """The report and every format of a run's folder again, into `out` (default: beside it, with `-report` after its name).

    Only `release.json` and `manifest.json` are read, no record of anybody. The same version of this program gives the same
    bytes. Raises InputError where either was changed or does not belong to the other, or where the last gate of disclosure
    control refuses the release; UsageError where `out` is in the way.

    >>> render_again("out/first", "out/first-again").different
    ()
    """
    source = Path(folder) if Path(folder).is_dir() else Path(folder).parent
    manifest = read_manifest(source)
    releasable = read_release(source, manifest)
    target = source.resolve().with_name(f"{source.resolve().name}-report") if out is None else Path(out)
    if target.resolve() == source.resolve():
        raise UsageError(say("stored.stored.same_folder", folder=source))
    noted = manifest.get("beside", {}).get("locations", {})
    locations = {role: source.resolve() / str(path) for role, path in noted.items()}
    output = write_output(target, releasable, manifest["body"], locations, Timed(progress or Silent()), overwrite=overwrite)
    now = read_manifest(target)["outputs"]
    names = sorted({*manifest["outputs"], *now})
    different = tuple(name for name in names if manifest["outputs"].get(name) != now.get(name))
    return Rendered(output, tuple(name for name in names if name not in different), different)


def draw_stored(folder: str | Path, part: str, place: int = 0) -> Part:
    """Charts and tables of one part of a run's report, drawn from its stored release; nothing is written.

    part: people, match, results, sensitivity or disclosure. place: of the analysis that charts of the match are of, from 0.
    Raises InputError as `render_again`, UsageError for a part or an analysis that is not there.

    >>> [chart.name for chart in draw_stored("out/first", "match").charts]
    ['overlap-everyone', 'love-everyone']
    """
    source = Path(folder)
    return report_part(read_release(source, read_manifest(source)), part, place)


def read_release(folder: Path, manifest: dict[str, Any]) -> Releasable:
    """The stored release of a run's folder, sealed again. Raises InputError as `render_again`."""
    path, body = folder / RELEASE, manifest["body"]
    if RELEASE not in manifest["outputs"] or not path.is_file():
        raise InputError(say("stored.stored.none", folder=folder, name=RELEASE))
    if hash_body(body) != manifest["body_sha256"]:
        raise InputError(say("stored.stored.body_changed"))
    if sha256_file(path) != body.get("release_sha256"):
        raise InputError(say("stored.stored.changed", name=RELEASE, folder=folder))
    document = read_json(path)
    if not isinstance(document, dict) or document.get("format") != RELEASE_FORMAT:
        raise InputError(say("stored.stored.format", path=path, format=RELEASE_FORMAT))
    try:
        releasable = restore(document, own=body["kind"] == OWN)
    except InternalError as error:
        raise InputError(say("stored.stored.refused", name=RELEASE), error.faults) from error
    _require_agreement(releasable.release, body)
    return releasable


def _require_agreement(release: Release, body: dict[str, Any]) -> None:
    """That the release is what the manifest's hashed body says: its kind and, under disclosure control, profile and plan."""
    told = {"kind": release.kind, "disclosure_profile": release.disclosure_profile, "plan_sha256": release.plan_sha256}
    noted = {"disclosure_profile": "none", "plan_sha256": release.plan_sha256, **body["settings"], "kind": body["kind"]}
    for name, value in told.items():
        if value != noted[name]:
            raise InputError(say("stored.stored.mismatch", name=RELEASE, what=name))
