"""The rules that a study file's values obey: small callables and classes that give a fault in words, or None."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datalab.constraints import unknown
from datalab.wording import say

_ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
# Key of a table -> (needed, rule). A rule takes what and value and gives a fault or None.
TableRules = Mapping[str, tuple[bool, Any]]


def is_text(value: object) -> bool:
    """True for one line of 1 to 200 characters."""
    return isinstance(value, str) and 0 < len(value.strip()) <= 200 and value.isprintable()


def text_rule(what: str, value: object) -> str | None:
    """A text of one line."""
    return None if is_text(value) else say("study.study.text", what=what)


def slug_rule(what: str, value: object) -> str | None:
    """Small letters, digits and hyphens."""
    return None if isinstance(value, str) and _ID.match(value) else say("study.study.slug", what=what)


def date_rule(what: str, value: object) -> str | None:
    """A date of TOML, without a time."""
    good = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return None if good else say("study.study.date", what=what)


def as_slug(text: str) -> str:
    """A text as part of a name: small ASCII letters and digits, everything else a hyphen; "level" where nothing is left.

    >>> as_slug("HMP St. Anne's"), as_slug("Ж")
    ('hmp-st-anne-s', 'level')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "level"


def truth_rule(what: str, value: object) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else say("study.study.truth", what=what)


@dataclass(frozen=True)
class Each:
    """A list of distinct names, each of the options."""

    names: tuple[str, ...]
    empty: bool = True

    def fault(self, what: str, value: object) -> str | None:
        """The first fault of the list, or None."""
        if not isinstance(value, list) or (not value and not self.empty):
            return say("study.study.list", what=what, allowed=", ".join(self.names))
        strange = [item for item in value if item not in self.names]
        if strange:
            return unknown(what, strange[0], self.names)
        return None if len(set(value)) == len(value) else say("study.study.twice", what=what)


def table_faults(table: str, label: str, rules: TableRules, given: Mapping[str, Any]) -> list[str]:
    """Every fault of one table: unknown keys (with the nearest valid one), missing keys, values that break their rule.

    table: how the table is called in a sentence; label: what goes before a key's name.
    """
    faults = [unknown(table, key, rules) for key in given if key not in rules]
    faults += [say("study.study.missing", what=label + key) for key, (needed, _) in rules.items() if needed and key not in given]
    for key, (_, rule) in rules.items():
        if key in given:
            value = str(given[key]) if key == "format" else given[key]
            fault = rule(label + key, value) if callable(rule) else rule.fault(label + key, value)
            faults += [fault] if fault else []
    return faults
