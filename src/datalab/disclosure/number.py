"""A released number: itself, or the symbol that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Suppressed:
    """A number that may not be shown. symbol: c confidential, x not available, z not applicable, low below display."""

    symbol: Literal["c", "x", "z", "low"] = "c"

    def __str__(self) -> str:
        return f"[{self.symbol}]"


Number = float | int | Suppressed
