"""Column and Table: the frozen values from which docs, templates, validation and made-up data all come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Type = Literal["text", "integer", "number", "date", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column. `allowed` lists codes (code, meaning); `minimum`/`maximum` bound numbers (both ends closed).

    `identifies`: could point to a person. `may_leave`: may appear in an output once disclosure control has passed it
    (as an aggregate; no row ever leaves).
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    allowed: tuple[tuple[str, str], ...] = ()
    nullable: bool = False
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    references: str = ""  # "table.column" that must hold the value
    identifies: bool = False
    may_leave: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The allowed codes, in the schema's order."""
        return tuple(code for code, _ in self.allowed)


@dataclass(frozen=True)
class Check:
    """A rule across the columns of one row: `condition` is SQL that is true (or null) for every good row."""

    name: str
    condition: str
    meaning: str


@dataclass(frozen=True)
class One:
    """A rule across rows: for each value that the reference column `by` may take, exactly one row meets `condition` (SQL)."""

    name: str
    by: str
    condition: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns, its unique key, rules across columns, and what a reader must know."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    provenance: str
    lag: str
    missing: str
    caveats: str
    checks: tuple[Check, ...] = field(default=())
    ones: tuple[One, ...] = field(default=())

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)
