"""What opening the central data hands on: its name, whether it is made up, its coverage, counts and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from datalab.schema.coverage import Coverage


@dataclass(frozen=True)
class Central:
    """A central folder that obeys its schema; its tables are views of the connection that opened it.

    rows: number of rows by table. sha256: hash of each file by file name, `central.json` included.
    """

    name: str
    synthetic: bool
    coverage: Coverage
    folder: Path
    rows: Mapping[str, int] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
