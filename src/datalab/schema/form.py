"""Field and Form: what an upload may hold, from which the template, the checks and the data dictionary come."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from datalab.schema.blocks import Column

Need = Literal["required", "wanted", "free"]
FieldKind = Literal["name", "date", "code", "identifier", "text"]
GROUP_PREFIX = "group:"


@dataclass(frozen=True)
class Field:
    """One column of an upload.

    need: `required` (a row without it cannot be used), `wanted` (helps), `free` (the provider's own).
    label/labels: the noun for people, one and many. example: plainly fictional. clean: for names, the normal form;
    canonise: for identifiers, the canonical form or None. synonyms: what an entry or a heading is often called.
    placeholders: values (canonical form; dates as yyyy-mm-dd) that stand for "not known".
    """

    column: Column
    need: Need
    kind: FieldKind
    label: str
    labels: str
    example: str = ""
    clean: Callable[[str], str] | None = None
    prefix: Callable[[str], str | None] | None = None
    canonise: Callable[[str, date], str | None] | None = None
    synonyms: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()  # what may be typed for a code (lower case), and the code
    placeholders: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


@dataclass(frozen=True)
class Form:
    """An upload: its fields in order and its limits (ages in years at the programme's start; rows that are usable)."""

    fields: tuple[Field, ...]
    minimum_age_years: int
    maximum_age_years: int
    minimum_rows: int
    examples: tuple[tuple[tuple[str, str], ...], ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(item.name for item in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that every upload must have."""
        return tuple(item.name for item in self.fields if item.need == "required")


def canonical_heading(text: str) -> str:
    """A heading in the form in which headings are compared: lower case, words joined by underscores.

    >>> canonical_heading(" Date of  Birth "), canonical_heading("Group: Course Name")
    ('date_of_birth', 'group:course_name')
    """
    lower = re.sub(r"[\s_\-]+", "_", text.strip().lower()).strip("_* ")
    return re.sub(r"^group_?[:.]_?", GROUP_PREFIX, lower)
