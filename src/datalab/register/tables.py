"""What the register keeps of one published table, before it is coded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["headline", "analysis", "people", "rows"]
STEPS = ("people", "rows")


@dataclass(frozen=True)
class ShownTable:
    """Who is behind the numbers of one table.

    kind: the headline analysis, another analysis, a step of the ladder that counts people, or one that counts submitted rows.
    members: (person, …) with what of the person is counted: for an analysis the index event and the event with its clock, for
    rows which of the person's rows.
    """

    kind: Kind
    members: tuple[tuple[str, ...], ...]

    @property
    def can_be_left_out(self) -> bool:
        """Whether a study can do without it."""
        return self.kind == "analysis"
