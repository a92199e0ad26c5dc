"""Sheet and Cell: what a reader hands to the checks, whatever the file was."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.intake.results import Fault


@dataclass(frozen=True)
class Sheet:
    """One sheet as text. number: 1 is the first. rows[i] is spreadsheet row `first_row + i`, cells stripped of nothing.

    first_column: letter position (0 = A) of the first cell. dates: (row index, column index) of cells that were true
    dates in a workbook. merged: spreadsheet rows that a merged cell covers. name: never said, for it may be
    a person's. delimited: it was a CSV, whose rows may each have another length.
    hidden_rows: spreadsheet rows; hidden_columns: letter positions (0 = A); of XLSX only.
    """

    number: int
    rows: tuple[tuple[str, ...], ...]
    first_row: int = 1
    first_column: int = 0
    dates: frozenset[tuple[int, int]] = frozenset()
    numbers: frozenset[tuple[int, int]] = frozenset()
    merged: frozenset[int] = frozenset()
    visible: bool = True
    delimited: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    name: str = ""

    @property
    def has_content(self) -> bool:
        """Whether any cell holds more than spaces."""
        return any(cell.strip() for row in self.rows for cell in row)


@dataclass(frozen=True)
class SourceFile:
    """What could be read of an upload: its sheets (none where a file fault stopped the reading), faults, and hash."""

    sheets: tuple[Sheet, ...]
    faults: tuple[Fault, ...]
    sha256: str
