"""The thresholds in force as people read them: the engine's one file, with its comments."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from datalab.disclosure import load_thresholds


@dataclass(frozen=True)
class Line:
    """A threshold: its name and value."""

    name: str
    value: str


def lines() -> tuple[Line, ...]:
    """Every threshold, in the file's order."""
    found = load_thresholds()
    return tuple(
        Line(field.name.replace("_", " "), str(getattr(found, field.name)))
        for field in dataclasses.fields(found)
        if field.name != "version"
    )
