"""`compare`: reads two stored runs, verified against their manifests, and writes the page, the JSON, the CSV and a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from json import loads
from pathlib import Path
from typing import Any

import datalab
from datalab.comparison.change import Change
from datalab.comparison.differences import differences_table
from datalab.comparison.page import Pair, changes_table, headline_change_sentence, pair_up, render_comparison
from datalab.comparison.store import read_stored, write_comparison
from datalab.comparison.stored import Stored
from datalab.disclosure.number import Number
from datalab.errors import InputError
from datalab.manifest import InputRecord, assemble, collect, hash_body
from datalab.output import relative_location
from datalab.report.csv_files import csv_bytes
from datalab.report.results import plain_document, plain_value
from datalab.wording import say, speaking
from datalab.wording.language import ENGLISH

FORMAT = 1


@dataclass(frozen=True)
class Comparison:
    """A written comparison. standing: `lower` or `higher` where a change of the headline measure is claimed, `unclear`, or why
    the two are not compared; sentence: the same in words."""

    folder: Path
    standing: str
    sentence: str
    manifest_sha256: str


def compare_runs(
    earlier: str | Path, later: str | Path, out: str | Path, *, overwrite: bool = False, language: str = ENGLISH
) -> Comparison:
    """Compares two output folders of `run` (or two of `evaluate`) and writes the comparison into the folder `out`.

    Only results.json and manifest.json are read, after every file of both folders was checked against its manifest. Same
    folders, same bytes. language: the folder of wording it is told in. Raises InputError where a folder was changed, where
    both are the same run, or where they are not of one kind; UsageError where `out` is in the way.

    >>> compare_runs("out/first", "out/second", "out/then-and-now").standing
    'unclear'
    """
    earlier, later, out = Path(earlier), Path(later), Path(out)
    stored = read_stored({"earlier": earlier, "later": later})
    _require_pair(stored["earlier"], stored["later"])
    with speaking(language):
        pair = pair_up(stored["earlier"], stored["later"])
        body = _manifest_body(pair, language)
        files = comparison_files(pair, hash_body(body), datalab.__version__)
        outputs = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        places = {"earlier": earlier / "manifest.json", "later": later / "manifest.json"}
        beside = {name: relative_location(path, out) for name, path in places.items()}
        write_comparison(out, files, assemble(body, outputs, beside, {}), overwrite=overwrite)
        return Comparison(out, pair.standing, headline_change_sentence(pair), hash_body(body))


def comparison_files(pair: Pair, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """The content of every file by its name."""
    return {
        "comparison.html": render_comparison(pair, version).encode(),
        "comparison.json": plain_document(_document(pair, manifest_sha256)),
        "comparison.csv": csv_bytes(changes_table(pair, pair.changes, "every")),
        "studies.csv": csv_bytes(differences_table(pair.earlier, pair.later)),
    }


def comparison_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of comparison.json.

    >>> comparison_schema()["title"]
    'Two studies compared'
    """
    source = resources.files("datalab.comparison").joinpath("comparison.schema.json")
    schema: dict[str, Any] = loads(source.read_text(encoding="utf-8"))
    return schema


def _require_pair(earlier: Stored, later: Stored) -> None:
    """Refuses a pair that is no then and now. Raises InputError with every fault."""
    faults = []
    if earlier.release.kind != later.release.kind:
        faults.append(say("compare.refused.both", earlier=earlier.release.kind, later=later.release.kind))
    if earlier.manifest_sha256 == later.manifest_sha256:
        faults.append(say("compare.refused.same"))
    if earlier.today and later.today and later.today < earlier.today:
        faults.append(say("compare.refused.order", earlier=earlier.today, later=later.today))
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _manifest_body(pair: Pair, language: str) -> dict[str, Any]:
    inputs = tuple(
        InputRecord(f"{name}/{file}", digest)
        for name, stored in (("earlier", pair.earlier), ("later", pair.later))
        for file, digest in (("manifest", stored.manifest_sha256), ("results.json", stored.results_sha256))
    )
    return collect("compare", {"language": language}, inputs, versions={}, counts={})


def _document(pair: Pair, manifest_sha256: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": "compare",
        "manifest_sha256": manifest_sha256,
        "synthetic": pair.earlier.release.synthetic or pair.later.release.synthetic,
        "headline": {"standing": pair.standing, "sentence": headline_change_sentence(pair)},
        "earlier": _study(pair.earlier),
        "later": _study(pair.later),
        "changes": [_change(change) for change in pair.changes],
        "studies": _rows(pair),
    }


def _study(stored: Stored) -> dict[str, Any]:
    release = stored.release
    same = ("study_id", "title", "follow_up_months", "plan_sha256", "disclosure_profile", "headline_analysis", "headline_outcome")
    return {
        **{name: getattr(release, name) for name in same},
        "verdict": release.verdict,
        "manifest_sha256": stored.manifest_sha256,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "measure": change.later.measure,
        "label": change.later.label,
        "unit": change.later.unit,
        "earlier": _effect(change.earlier.effect),
        "later": _effect(change.later.effect),
        "change": plain_value(change.change),
        "widest": _ends(change.widest),
        "independent": _ends(change.independent),
        "standing": change.standing,
    }


def _effect(effect: Any) -> dict[str, Any] | None:
    return None if effect is None else {name: plain_value(getattr(effect, name)) for name in ("estimate", "low", "high", "p")}


def _ends(ends: tuple[Number, Number]) -> dict[str, Any]:
    return {name: plain_value(value) for name, value in zip(("low", "high"), ends, strict=True)}


def _rows(pair: Pair) -> list[Mapping[str, str]]:
    table = differences_table(pair.earlier, pair.later)
    return [{column.name: cell.text for column, cell in zip(table.columns, row, strict=True)} for row in table.rows]
