"""How long work says where it is: stages with counts, shown by whoever called (a bar, plain lines, or nothing)."""

from __future__ import annotations

import time
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


class Timed:
    """Passes everything on to another Progress and keeps the seconds that each stage took (wall clock)."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._open: str | None = None
        self._since = 0.0
        self.seconds: dict[str, float] = {}

    def stage(self, name: str, total: int = 0) -> None:
        """Closes the stage before and opens `name`."""
        self.close()
        self._open, self._since = name, time.perf_counter()
        self._inner.stage(name, total)

    def step(self, done: int) -> None:
        """Passed on."""
        self._inner.step(done)

    def close(self) -> None:
        """Ends the open stage, if there is one."""
        if self._open is not None:
            spent = time.perf_counter() - self._since
            self.seconds[self._open] = self.seconds.get(self._open, 0.0) + spent
            self._open = None
