"""Output folders made of the findings of findings_factory, as a run writes them, and a PDF read back by Poppler's commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.findings_factory import Made, make_analysis, make_findings

from datalab.disclosure import control, own_data
from datalab.disclosure.results import Releasable
from datalab.effects.results import Findings
from datalab.manifest import RELEASE, InputRecord, assemble, collect
from datalab.output import Output, release_bytes, with_release, write_output
from datalab.progress import Silent, Timed
from datalab.store import write_json

HASH = "ab" * 32


def several_findings(count: int, **changes: object) -> Findings:
    """Findings of a study with so many analyses, of people drawn apart."""
    base = make_findings(matched=1500, pool=9000, **changes)
    parts = (
        make_analysis(f"part{i}", replace(Made(), matched=700 + 100 * i, pool=6000, seed=i + 5, **changes))
        for i in range(count - 1)
    )
    return replace(base, analyses=(base.analyses[0], *parts))


def releasable_of(findings: Findings, profile: str = "default") -> Releasable:
    """What may be shown of them, as the kind of study has it."""
    return own_data(findings) if findings.kind == "evaluate" else control(findings, profile)


def write_folder(folder: Path, releasable: Releasable) -> Output:
    """The output folder of a run with this release, its manifest included."""
    release = releasable.release
    settings = {"disclosure_profile": release.disclosure_profile, "plan_sha256": release.plan_sha256}
    inputs = (InputRecord("upload", "0" * 64, 3),)
    body = collect(release.kind, settings, inputs, versions={"thresholds": "1"}, counts={})
    return write_output(folder, releasable, body, {"study": folder.parent / "gone.toml"}, Timed(Silent()), overwrite=True)


def write_release(folder: Path, releasable: Releasable) -> Path:
    """Only release.json and the manifest that vouches for it: what a reader of stored releases needs, without any report."""
    release = releasable.release
    settings = {"disclosure_profile": release.disclosure_profile, "plan_sha256": release.plan_sha256}
    body = with_release(
        collect(release.kind, settings, (InputRecord("upload", "0" * 64, 3),), versions={}, counts={}), releasable
    )
    folder.mkdir(parents=True)
    (folder / RELEASE).write_bytes(release_bytes(releasable))
    write_json(folder / "manifest.json", assemble(body, {RELEASE: body["release_sha256"]}, {}, {}))
    return folder


def poppler(command: str, *arguments: object) -> str:
    """What a command of Poppler prints; the test is skipped where it is not installed (in CI: a failure)."""
    if shutil.which(command) is None:
        sentence = f"{command} is not installed, so the PDF is not read back: apt-get install poppler-utils"
        if os.environ.get("DATALAB_CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    return subprocess.run([command, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@dataclass
class Node:
    """One element of a tagged PDF's structure: its tag, how deep it lies, and the elements in it."""

    tag: str
    depth: int
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        """Every element of this tag inside, in order; not those inside another of the same tag."""
        found: list[Node] = []
        for child in self.children:
            found += [child] if child.tag == tag else child.all(tag)
        return found


def structure(path: Path) -> Node:
    """The structure of a tagged PDF."""
    root = Node("", -1)
    stack = [root]
    for line in poppler("pdfinfo", "-struct", path).splitlines():
        depth, told = len(line) - len(line.lstrip()), line.strip()
        while stack[-1].depth >= depth:
            stack.pop()
        if not told.startswith("/"):  # an attribute
            node = Node(re.split(r"[ :<]", told)[0], depth)
            stack[-1].children.append(node)
            stack.append(node)
    return root
