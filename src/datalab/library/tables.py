"""The library as a table: the same rows as CSV, ODS and JSON, with the meaning of every symbol and the source of every row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datalab.disclosure.results import Suppressed
from datalab.evidence.results import EffectSize, EvidenceRecord, Strength
from datalab.library.select import canonical_kind
from datalab.library.words import outcome_words, verdict_key
from datalab.report.csv_files import csv_bytes
from datalab.report.numbers import fixed, interval
from datalab.report.ods import ods_bytes
from datalab.report.results import symbols_used
from datalab.report.sheets import Cover, Sheet
from datalab.report.tables import Cell, Column, Kind, Table, number_cell, text_cell
from datalab.wording import say

Form = Literal["csv", "ods", "json"]
FORMAT = 1
NUMBERS = frozenset({"months", "n_treated", "treated", "comparison", "estimate", "low", "high", "strength"})
COLUMNS = (
    "id", "programme", "organisation", "kind", "setting", "people", "outcome", "months", "verdict", "unit", "n_treated",
    "treated", "comparison", "estimate", "low", "high", "strength", "published", "source", "address", "note",
)  # fmt: skip
# Of a unit: the power of ten and the decimals of its figures in a table.
_PRINTED = {"share": (2, 1), "per person": (0, 2), "days": (0, 0)}
_HIDDEN = frozenset({"evidence.reasons.suppressed", "evidence.reasons.withheld"})


@dataclass(frozen=True)
class LibraryRow:
    """A record with its strength of evidence (None: it has no verdict to grade) and where it can be found."""

    record: EvidenceRecord
    strength: Strength | None = None
    address: str = ""

    @property
    def effect(self) -> EffectSize | None:
        """The difference in the outcome's own unit, None where there is no usable number."""
        return self.record.on("risk_difference") or self.record.on("mean_difference")

    @property
    def missing(self) -> Suppressed:
        """The symbol for a figure that is not there: confidential, or not available."""
        return Suppressed("c") if self.record.reason in _HIDDEN else Suppressed("x")

    def document(self) -> dict[str, Any]:
        """The row as JSON's own types: shares from 0 to 1, null where there is no figure, and why in `reason`."""
        record, effect = self.record, self.effect
        return {
            "id": record.id,
            "programme": record.programme,
            "organisation": record.organisation,
            "kind": canonical_kind(record.kind),
            "setting": record.setting,
            "people": record.people,
            "outcome": record.outcome,
            "outcome_name": outcome_words(record.outcome, record.follow_up_months)["short"],
            "follow_up_months": record.follow_up_months,
            "role": record.role,
            "design": record.design,
            "verdict": record.verdict,
            "favourable": record.favourable,
            "unit": record.unit,
            "n_treated": record.n_treated,
            "treated": record.treated,
            "comparison": record.comparison,
            "difference": effect.estimate if effect else None,
            "standard_error": effect.se if effect else None,
            "low": record.low,
            "high": record.high,
            "has_figures": effect is not None,
            "reason": say(record.reason) if record.reason else "",
            "strength": self.strength.level if self.strength else None,
            "published": record.published,
            "origin": record.origin,
            "source": record.source,
            "address": self.address,
            "note": record.note,
        }


def library_table(rows: Iterable[LibraryRow]) -> Table:
    """The rows as a table of the reports; a figure that is not there is its symbol."""
    columns = tuple(Column(say(f"library.columns.{name}"), _kind_of(name), name) for name in COLUMNS)
    return Table("library", say("library.export.title"), columns, tuple(_cells(row) for row in rows))


def _kind_of(name: str) -> Kind:
    return "number" if name in NUMBERS else "text"


def _cells(row: LibraryRow) -> tuple[Cell, ...]:
    record, effect = row.record, row.effect
    shift, decimals = _PRINTED.get(record.unit, (0, 2))
    figures = {
        "treated": record.treated,
        "comparison": record.comparison,
        "estimate": effect.estimate if effect else None,
        "low": record.low,
        "high": record.high,
    }
    plain: dict[str, float | Suppressed | None] = {
        "months": record.follow_up_months,
        "n_treated": record.n_treated,
        "strength": _level(row.strength),
    }
    cells = {name: number_cell(_or(value, row.missing), decimals, shift) for name, value in figures.items()}
    cells |= {name: number_cell(_or(value, row.missing)) for name, value in plain.items()}
    return tuple(cells[name] if name in NUMBERS else text_cell(_text(row, name)) for name in COLUMNS)


def _level(strength: Strength | None) -> int | Suppressed:
    return Suppressed("z") if strength is None else strength.level


def _text(row: LibraryRow, name: str) -> str:
    record = row.record
    own = {
        "kind": lambda: canonical_kind(record.kind),
        "outcome": lambda: outcome_words(record.outcome, record.follow_up_months)["short"],
        "verdict": lambda: say(f"library.verdicts.{verdict_key(record.verdict, record.n_treated)}"),
        "unit": lambda: say(f"library.units.{record.unit.replace(' ', '_')}") if record.unit else "",
        "source": lambda: say(f"library.sources.{record.origin}"),
        "address": lambda: row.address or record.source,
        "note": lambda: " ".join(text for text in (say(record.reason) if record.reason else "", record.note) if text),
    }
    made = own.get(name)
    return made() if made else str(getattr(record, name))


def short_rows(rows: Iterable[LibraryRow]) -> list[list[str]]:
    """The rows as texts for a narrow table: programme, organisation, outcome, verdict, difference, range, strength, published.

    >>> from datalab.evidence import read_published
    >>> short_rows([LibraryRow(read_published()[0])])[0][3:6]
    ['Lower', '−6.5', '−8.0 to −5.0']
    """
    return [_short(row) for row in rows]


def _short(row: LibraryRow) -> list[str]:
    record, effect, missing = row.record, row.effect, row.missing
    shift, decimals = _PRINTED.get(record.unit, (0, 2))
    return [
        *(_text(row, name) for name in ("programme", "organisation", "outcome", "verdict")),
        fixed(effect.estimate if effect else missing, decimals, shift),
        interval(_or(record.low, missing), _or(record.high, missing), decimals, shift),
        fixed(_level(row.strength)),
        record.published,
    ]


def _or(value: float | Suppressed | None, missing: Suppressed) -> float | Suppressed:
    return missing if value is None else value


def export_bytes(rows: Sequence[LibraryRow], form: Form, about: Sequence[str] = ()) -> bytes:
    """The rows as a file: RFC 4180 CSV, an ODS workbook with a cover, or JSON. about: lines such as the licence.

    No cell can start a formula in a spreadsheet. Same rows, same bytes.

    >>> from datalab.evidence import read_published
    >>> export_bytes([LibraryRow(read_published()[0])], "csv")[:17]
    b'Result,Programme,'
    """
    lines = (say("library.export.about"), say("library.export.mixed"), *about)
    if form == "json":
        content = {"format": FORMAT, "about": list(lines), "results": [row.document() for row in rows]}
        return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
    table = library_table(rows)
    if form == "csv":
        return csv_bytes(table)
    cover = Cover(say("library.export.cover"), table.title, (*lines, *symbols_used((table,)).values()))
    return ods_bytes(cover, (Sheet(say("library.export.sheet"), table),))
