"""How long work says where it is: stages with counts, shown by whoever called (a bar, plain lines, or nothing)."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a stage may tell. `stage` opens a named stage of `total` steps; `step` says how many are done."""

    def stage(self, name: str, total: int = 0) -> None: ...

    def step(self, done: int) -> None: ...


class Silent:
    """Says nothing; the default of every engine function."""

    def stage(self, name: str, total: int = 0) -> None:
        """Ignored."""

    def step(self, done: int) -> None:
        """Ignored."""
