"""Reads one cell by its field: a clean value, or the rule that it breaks. Nothing here keeps or says a value."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from datalab.intake.dates import Order, parse_day
from datalab.schema.form import Field

FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
HARMLESS_NUMBER = re.compile(r"^[+-]?[\d][\d ().,]*%?$")  # a score below nought, a telephone number
BLANK_WORDS = frozenset({"n/a", "na", "none", "null", "nil", "#n/a", "tbc", "nk", "not known", "unknown", "missing"})
LONGEST_NAME = 100
LONGEST_TEXT = 200
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)


@dataclass(frozen=True)
class Reading:
    """What a cell holds: text or day; both empty where it is blank. rule: what it breaks; note: said, value kept."""

    text: str | None = None
    day: date | None = None
    rule: str = ""
    note: str = ""


BLANK = Reading()


def read_cell(text: str, field: Field, today: date, order: Order | None) -> Reading:
    """Reads a cell as its field says. `order`: day or month first, None where the file leaves it open."""
    plain = plain_text(text)
    if rule := unsafe_rule(plain, LONGEST_NAME if field.kind == "name" else LONGEST_TEXT):
        return Reading(rule=rule)
    if not any(sign.isalnum() for sign in plain):
        return BLANK
    if field.kind in {"name", "code"}:  # "none" may be a surname, "unknown" is a sex that may be given
        return _name(plain, field) if field.kind == "name" else _code(plain, field)
    if plain.lower() in BLANK_WORDS:
        return BLANK
    return _date(plain, field, order) if field.kind == "date" else _identifier(plain, field, today)


def plain_text(text: str) -> str:
    """The text in composed form, white space single, invisible joiners out."""
    return " ".join(unicodedata.normalize("NFC", text).translate(INVISIBLE).split())


def unsafe_rule(plain: str, longest: int = LONGEST_TEXT) -> str:
    """The rule that a text breaks which no table should hold: `formula`, `control`, `unreadable`, `too_long`; or "".

    >>> unsafe_rule("=1+1"), unsafe_rule("-12"), unsafe_rule("Leeds")
    ('formula', '', '')
    """
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Co"} or sign in BIDI_CONTROLS for sign in plain):
        return "control"
    if "\ufffd" in plain:
        return "unreadable"
    if plain.startswith(FORMULA_SIGNS) and any(map(str.isalnum, plain)) and not HARMLESS_NUMBER.match(plain):
        return "formula"
    return "too_long" if len(plain) > longest else ""


def _name(plain: str, field: Field) -> Reading:
    cleaned = field.clean(plain) if field.clean else plain
    if not cleaned:
        return Reading(rule="not_a_name")
    if cleaned in field.placeholders:
        return Reading(rule="placeholder")
    return Reading(text=cleaned, note="name_prefix" if field.prefix and field.prefix(plain) else "")


def _code(plain: str, field: Field) -> Reading:
    code = dict(field.entries).get(plain.lower())
    return Reading(text=code) if code else Reading(rule="unknown_code")


def _date(plain: str, field: Field, order: Order | None) -> Reading:
    found = parse_day(plain, order)
    if found.day is None:
        return Reading(rule=found.rule)
    return Reading(rule="placeholder") if found.day.isoformat() in field.placeholders else Reading(day=found.day)


def _identifier(plain: str, field: Field, today: date) -> Reading:
    canonical = field.canonise(plain, today) if field.canonise else plain
    if canonical is None:
        return Reading(rule=f"{field.name}_form")
    return Reading(rule="placeholder") if canonical in field.placeholders else Reading(text=canonical)
