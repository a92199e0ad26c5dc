"""The manifest: what made the numbers (hashed), and beside it where the inputs lay and how long it took (not hashed)."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import datalab
from datalab.errors import InternalError
from datalab.store import canonical_json

FORMAT = 1
# The packages whose version can move a digit.
PACKAGES = (
    "numpy",
    "scipy",
    "duckdb",
    "splink",
    "sqlglot",
    "pyarrow",
    "pandas",
    "narwhals",
    "altair",
    "vl-convert-python",
    "odfdo",
    "gptables",
    "XlsxWriter",
    "Jinja2",
)
_NEEDED = ("format", "kind", "settings", "inputs", "versions", "packages", "warnings", "counts")


@dataclass(frozen=True)
class InputRecord:
    """One input file: its part in the run, SHA-256, and rows where they were counted."""

    role: str
    sha256: str
    rows: int | None = None


def collect(
    kind: str,
    settings: Mapping[str, Any],
    inputs: tuple[InputRecord, ...],
    *,
    versions: Mapping[str, str],
    counts: Mapping[str, int],
    warnings: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The hashed body of a manifest: settings after defaults (seed and today among them), inputs, versions, counts.

    No clock time and no path is in it, so two runs of the same thing have the same body.
    """
    body = {
        "format": FORMAT,
        "kind": kind,
        "settings": dict(settings),
        "inputs": [
            {"role": item.role, "sha256": item.sha256, "rows": item.rows} for item in sorted(inputs, key=lambda item: item.role)
        ],
        "versions": {"datalab": datalab.__version__, **versions},
        **surroundings(),
        "counts": dict(counts),
        "warnings": list(warnings),
    }
    require_complete_manifest(body)
    return body


def surroundings() -> dict[str, dict[str, str]]:
    """The packages whose version can move a digit, and the platform, as they are here and now."""
    return {
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "platform": {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()},
    }


def hash_body(body: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest's body as canonical JSON."""
    return hashlib.sha256(canonical_json(body)).hexdigest()


def require_complete_manifest(body: Mapping[str, Any]) -> None:
    """Raises InternalError where a part is missing or an input has no hash."""
    missing = [name for name in _NEEDED if name not in body]
    if missing:
        raise InternalError(f"the manifest lacks {', '.join(missing)}")
    if not body["inputs"] or any(len(item["sha256"]) != 64 for item in body["inputs"]):
        raise InternalError("the manifest has an input without a hash")
    if body["format"] != FORMAT:
        raise InternalError(f"the manifest's format must be {FORMAT}")


def assemble(
    body: Mapping[str, Any],
    outputs: Mapping[str, str],
    locations: Mapping[str, str],
    seconds: Mapping[str, float],
    private: Mapping[str, str] | None = None,
    printed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The whole manifest.json: the hashed body, output hashes, and beside them locations and times.

    private: hashes of the files in `private/`, which stay behind or are destroyed in time. printed: hashes of the PDFs, which
    depend on the machine's fonts and so are no part of what another machine must repeat.
    """
    return {
        "format": FORMAT,
        "body": dict(body),
        "body_sha256": hash_body(body),
        "outputs": dict(sorted(outputs.items())),
        "private": dict(sorted((private or {}).items())),
        "printed": dict(sorted((printed or {}).items())),
        "beside": {"locations": dict(locations), "seconds": {stage: round(value, 3) for stage, value in seconds.items()}},
    }
