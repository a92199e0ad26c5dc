"""Writes stored results of made-up studies, with the manifest `run` would write, for tests of what reads stored results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.findings_factory import make_findings

from datalab.disclosure import control, own_data
from datalab.manifest import InputRecord, assemble, collect, hash_body
from datalab.report.results import results_json
from datalab.store import write_json


def write_run(folder: Path, today: str = "2014-01-31", study: Mapping[str, Any] | None = None, **changes: Any) -> Path:
    """results.json and manifest.json of a made-up study; `changes` are those of `make_findings`, study: settings of its plan."""
    findings = make_findings(**{"survival": False, "overlap": False, "sensitivity": False, **changes})
    plan = {"study": {"today": today, **(study or {})}} if findings.kind == "run" else {}
    made = {name: str(value) for name, value in changes.items()}
    body = collect(findings.kind, {**plan, "made": made}, (InputRecord("upload", "0" * 64),), versions={}, counts={})
    releasable = control(findings) if findings.kind == "run" else own_data(findings)
    content = results_json(releasable, manifest_sha256=hash_body(body))
    folder.mkdir(parents=True)
    (folder / "results.json").write_bytes(content)
    write_json(folder / "manifest.json", assemble(body, {"results.json": hashlib.sha256(content).hexdigest()}, {}, {}))
    return folder
