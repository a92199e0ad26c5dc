"""`rerun`: does a run again from its manifest, and says whether every byte is the same or what differs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datalab
from datalab.chain import run_study
from datalab.comparison import Comparison, compare_runs
from datalab.errors import InputError
from datalab.evaluation import evaluate
from datalab.feasibility import assess_study
from datalab.manifest import compare_results, read_manifest, surroundings
from datalab.manifest.verification import RELATIVE_BOUND, RESULTS, Difference
from datalab.output import Output
from datalab.progress import Progress
from datalab.rendering import render_again
from datalab.store import read_json
from datalab.wording import say

# What is done again from a study file, by the kind of manifest.
STUDIES = {"run": run_study, "feasibility": assess_study}
# The inputs that must be there, by the kind of manifest; a study file for those above.
NEEDED = {"evaluate": ("table",), "compare": ("earlier", "later")}


@dataclass(frozen=True)
class Rerun:
    """What `rerun` found: outputs with the same bytes, those that differ, versions that moved, largest difference.

    stored: whether only disclosure's last gate and the report were done again, from the stored release.

    >>> found = rerun("out/first", release=True)
    >>> found.ok, found.stored, found.versions
    (True, True, ())
    """

    same: tuple[str, ...]
    different: tuple[str, ...]
    versions: tuple[str, ...]
    difference: Difference | None
    stored: bool = False

    @property
    def ok(self) -> bool:
        """True where every output has the same bytes."""
        return not self.different

    @property
    def within_bound(self) -> bool:
        """True where the numbers agree to the bound for another platform, and nothing else differs."""
        return self.difference is not None and self.difference.largest <= RELATIVE_BOUND and not self.difference.others


def _find_inputs(manifest: Mapping[str, Any], folder: Path, given: Mapping[str, Path | None]) -> dict[str, Path]:
    """Where each input of the run's own places lies: as told now, else as the manifest says, seen from its folder.

    Raises InputError naming every one that is not there.
    """
    noted = manifest.get("beside", {}).get("locations", {})
    roles = sorted(
        {*NEEDED.get(manifest["body"]["kind"], ("study",)), *noted, *(role for role, path in given.items() if path is not None)}
    )
    found, faults = {}, []
    for role in roles:
        told = given.get(role)
        if told is None and role not in noted:
            faults.append(say("manifest.manifest.unknown_input", role=role))
            continue
        found[role] = told or (folder.resolve() / str(noted[role])).resolve()
        if not found[role].is_file():
            faults.append(say("manifest.manifest.no_input", role=role, path=found[role]))
    if faults:
        count = len(faults)
        faults.append(say("manifest.manifest.destroyed", path=folder))
        raise InputError(say("errors.errors.faults_found", count=count), faults)
    return found


def _versions(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    moved = []
    for part in ("versions", "packages", "platform"):
        for name, was in before[part].items():
            now = after[part].get(name, "absent")
            if now != was:
                moved.append(say("manifest.manifest.version_differs", name=name, was=was, now=now))
    return tuple(moved)


def _again(manifest: Mapping[str, Any], out: Path, inputs: Mapping[str, Path], progress: Progress | None) -> Output | Comparison:
    """The same job into `out`, from the inputs where they are now."""
    settings = manifest["body"]["settings"]
    if manifest["body"]["kind"] == "compare":
        return compare_runs(inputs["earlier"].parent, inputs["later"].parent, out, language=settings["language"])
    if conduct := STUDIES.get(manifest["body"]["kind"]):
        given: dict[str, Any] = {
            "link_decisions": inputs.get("link-decisions"),
            "linkage_model": inputs.get("linkage-model"),
            "profile": settings["disclosure_profile"],
        }
        if "engine" in settings:  # a feasibility study knows no other engine than the usual one
            given |= {"engine": settings["engine"], "spark_settings": inputs.get("spark-settings")}
        return conduct(inputs["study"], out, **given, progress=progress)
    path = inputs["table"]
    names = ("treatment", "outcomes", "covariates", "exact", "person", "cluster", "horizon", "research", "title")
    more = ("outcome_model", "bootstrap", "seed", "sensitivity")
    asked = {**{name: settings[name] for name in names + more}, "stated_effects": settings.get("stated_effects")}
    found = evaluate(path, **asked, **settings["matching"], progress=progress)
    return found.write(out, locations={"table": path})


def _input_faults(manifest: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    before = {item["role"]: item["sha256"] for item in manifest["body"]["inputs"]}
    after = {item["role"]: item["sha256"] for item in again["body"]["inputs"]}
    faults = [say("manifest.manifest.input_changed", role=role) for role in sorted(before) if before[role] != after.get(role)]
    if manifest["body"]["settings"] != again["body"]["settings"]:
        faults.append(say("manifest.manifest.settings_changed"))
    return faults


def _from_release(manifest: Mapping[str, Any], folder: Path, progress: Progress | None) -> Rerun:
    """What can be done again without the inputs."""
    body = manifest["body"]
    with tempfile.TemporaryDirectory(prefix="datalab-rerun-") as work:
        found = render_again(folder, Path(work) / "again", progress=progress)
    now = {"versions": {**body["versions"], "datalab": datalab.__version__}, **surroundings()}
    return Rerun(found.same, found.different, _versions(body, now), None, stored=True)


def rerun(
    path: str | Path,
    *,
    study: Path | None = None,
    table: Path | None = None,
    link_decisions: Path | None = None,
    spark_settings: Path | None = None,
    release: bool = False,
    progress: Progress | None = None,
) -> Rerun:
    """Runs the job of a manifest again in a temporary folder and compares every output byte for byte.

    path: a manifest.json or the folder that holds it. study, table, link_decisions, spark_settings: where the input is now, if
    it no longer lies in the same place as seen from the manifest. release: only the last gate of disclosure control and the
    report, from the stored release, as can be done when the personal data have been destroyed. Raises InputError where an
    input is not there or has changed. Where bytes differ, the largest relative difference of any number in results.json is
    reported (bound on another platform: 1e-8).

    >>> rerun("out/first").different
    ()
    """
    manifest = read_manifest(Path(path))
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    if release:
        return _from_release(manifest, folder, progress)
    given = {"study": study, "table": table, "link-decisions": link_decisions, "spark-settings": spark_settings}
    inputs = _find_inputs(manifest, folder, given)
    with tempfile.TemporaryDirectory(prefix="datalab-rerun-") as work:
        out = Path(work) / "again"
        _again(manifest, out, inputs, progress)
        again = read_manifest(out)
        faults = _input_faults(manifest, again)
        if faults:
            raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)
        names = sorted({*manifest["outputs"], *again["outputs"]})
        different = tuple(name for name in names if manifest["outputs"].get(name) != again["outputs"].get(name))
        moved = _versions(manifest["body"], again["body"])
        document = next((name for name in RESULTS if (folder / name).is_file()), "")
        both = [read_json(place / document) for place in (folder, out)] if different and document else []
        difference = compare_results(*both) if both else None
    same = tuple(name for name in names if name not in different)
    return Rerun(same, different, moved, difference)
