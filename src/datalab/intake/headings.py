"""Finds the sheet and the row that hold the headings, and which column is which."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from datalab.intake.results import Fault
from datalab.intake.sheet import Sheet
from datalab.schema.form import GROUP_PREFIX, Form, canonical_heading
from datalab.wording import words

HEADER_ROWS = 20  # a title and some remarks may stand above the headings, not more
LEAST_HEADINGS = 2  # one known word in a row may be chance
GROUP_NAME = re.compile(r"^group:\w{1,40}$")
SAYABLE = re.compile(r"^[A-Za-z][A-Za-z _/\-]{0,39}$")


@dataclass(frozen=True)
class Layout:
    """Where the people are. header: index into `sheet.rows`. columns: canonical name -> index of the cell in a row."""

    sheet: Sheet
    header: int
    columns: Mapping[str, int]

    @property
    def group_columns(self) -> tuple[str, ...]:
        """The provider's own `group:NAME` columns, in the order of the file."""
        return tuple(name for name in self.columns if name.startswith(GROUP_PREFIX))


def read_heading(text: str, form: Form) -> str:
    """The column that a heading names, whatever its case, spaces, underscores and hyphens; else its canonical form.

    >>> from datalab.fields.justice.upload import UPLOAD
    >>> read_heading("Post code", UPLOAD), read_heading("DATE OF BIRTH", UPLOAD), read_heading("Group: Course", UPLOAD)
    ('postcode', 'date_of_birth', 'group:course')
    """
    name = canonical_heading(text)
    return _names(form).get(name.replace("_", ""), name)


@cache
def _names(form: Form) -> dict[str, str]:
    return {name.replace("_", ""): name for name in form.names}


@cache
def _known(form: Form) -> dict[str, str]:
    # every word that tells of a column, for scores and hints; only the names themselves are taken as headings
    known = {synonym: field.name for field in form.fields for synonym in field.synonyms}
    return {canonical_heading(name): field for name, field in known.items()} | {name: name for name in form.names}


def heading_score(row: Iterable[str], form: Form) -> int:
    """How many different columns of the form a row of cells could be the headings of, common synonyms included."""
    names = {read_heading(cell, form) for cell in row if cell.strip() and len(cell) <= 60}
    return len({_known(form).get(name, name) for name in names if name in _known(form) or name.startswith(GROUP_PREFIX)})


def _header_of(sheet: Sheet, form: Form) -> tuple[int, int]:
    # (score, index) of the row most like headings; the first of equals
    head = sheet.rows[: max(0, HEADER_ROWS - sheet.first_row + 1)]
    scores = [heading_score(row, form) for row in head]
    best = max(scores, default=0)
    return best, scores.index(best) if best else 0


def find_layout(sheets: tuple[Sheet, ...], form: Form) -> tuple[Layout | None, list[Fault]]:
    """The layout of the sheet that holds the people, and what is wrong with sheets and headings.

    The sheet is the visible one with most headings. Several such sheets with rows below are refused: half the people
    would be lost without a word. A sheet is said by its number, for its name may be a person's.
    """
    shown = [sheet for sheet in sheets if sheet.visible and sheet.has_content]
    faults = [Fault("hidden_sheet", "note", values={"sheet": s.number}) for s in sheets if not s.visible and s.has_content]
    found = [(sheet, *_header_of(sheet, form)) for sheet in shown]
    best = max((score for _, score, _ in found), default=0)
    if not shown:
        return None, [*faults, Fault("empty", "file")]
    if best < LEAST_HEADINGS:
        return None, [*faults, Fault("no_header", "file", values={"rows": HEADER_ROWS, "names": ", ".join(form.required)})]
    chosen = [(sheet, header) for sheet, score, header in found if score == best]
    full = [(sheet, header) for sheet, header in chosen if _has_people(sheet, header, form)]
    if len(full) > 1:
        numbers = ", ".join(str(sheet.number) for sheet, _ in full)
        return None, [*faults, Fault("several_sheets", "file", values={"sheets": numbers})]
    sheet, header = (full or chosen)[0]
    if any(other.name not in words("template")["sheets"].values() for other in shown if other is not sheet):
        faults.append(Fault("one_sheet_read", "note", values={"sheet": sheet.number, "sheets": len(shown)}))
    columns, heading_faults = _columns(sheet, header, form)
    return Layout(sheet, header, columns), faults + heading_faults


def _has_people(sheet: Sheet, header: int, form: Form) -> bool:
    # The template's own example does not count: it is known by its forenames and surnames.
    examples = {cell for row in form.examples for name, cell in row if name in {"forename", "surname"}}
    rows = [row for row in sheet.rows[header + 1 :] if any(cell.strip() for cell in row)]
    return any(not examples & {cell.strip() for cell in row} for row in rows)


def _columns(sheet: Sheet, header: int, form: Form) -> tuple[dict[str, int], list[Fault]]:
    headings = [(index, read_heading(cell, form), cell.strip()) for index, cell in enumerate(sheet.rows[header])]
    headings = [heading for heading in headings if heading[1]]
    columns: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for index, name, said in headings:
        if name in form.names or GROUP_NAME.match(name):
            columns.setdefault(name, index)
        else:
            unknown.append((index, said))
    twice = [name for name, count in Counter(name for _, name, _ in headings).items() if count > 1 and name in columns]
    missing = [name for name in form.required if name not in columns]
    faults = [Fault("column_twice", "file", column=name) for name in twice]
    if missing:
        faults.append(Fault("missing_columns", "file", values={"names": ", ".join(missing), "count": len(missing)}))
    hidden = [sheet.first_column + index for index in columns.values() if sheet.first_column + index in sheet.hidden_columns]
    faults += [Fault("hidden_column", "note", values={"letter": column_letter(index)}) for index in hidden]
    return columns, faults + _unknown_faults(sheet, header, unknown, form)


def _unknown_faults(sheet: Sheet, header: int, unknown: list[tuple[int, str]], form: Form) -> list[Fault]:
    if not unknown:
        return []
    below = {cell.strip().lower() for row in sheet.rows[header + 1 :] for cell in row}
    faults: list[Fault] = []
    for index, said in unknown:
        # A heading is said back only where it cannot be somebody's value that slipped into the row of headings.
        nearest = _nearest(canonical_heading(said), form)
        sayable = nearest and SAYABLE.match(said) and said.lower() not in below
        values = {"letter": column_letter(sheet.first_column + index), "said": said if sayable else "", "nearest": nearest}
        faults.append(Fault("unknown_column", "note", values=values))
    return faults


def _nearest(name: str, form: Form) -> str:
    if name.startswith("group"):
        return "group:NAME"
    close = difflib.get_close_matches(name, list(_known(form)), n=1, cutoff=0.7)
    return _known(form)[close[0]] if close else ""


def column_letter(index: int) -> str:
    """The letters by which a spreadsheet names a column; index 0 is A.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
