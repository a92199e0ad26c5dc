"""Cleaning rules as small named steps in DuckDB's SQL: what each field is made of, and the hash that tells one set from another.

A step is one expression of `{x}`; a field is a chain of steps. From them come the macros of a session, the page
`docs/generated/linkage-cleaning.md` and the hash by which a prepared index is known to be made with these rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import reduce

from datalab.fields.justice.identifiers import NAME_PREFIXES, PLACEHOLDER_POSTCODES
from datalab.store import canonical_json

TITLES = ("MR", "MRS", "MISS", "MS", "MX", "DR", "PROF", "REV")
SUFFIXES = ("JR", "JNR", "SR", "SNR", "II", "III")
_NO_ABODE = ", ".join(f"'{postcode.replace(' ', '')}'" for postcode in PLACEHOLDER_POSTCODES)


@dataclass(frozen=True)
class Step:
    """One rule. expression: SQL of `{x}` alone (a text or null, or a date). does: what it does, for a person."""

    name: str
    expression: str
    does: str

    def of(self, inner: str) -> str:
        """The expression with `inner` in the place of its value."""
        return self.expression.replace("{x}", inner)


_ALL = (
    Step("capitals", "upper(trim({x}))", "capitals, and no space at either end"),
    Step("prefixes", f"regexp_replace({{x}}, '^({'|'.join(NAME_PREFIXES)})+', '')", "what clerks put before a name goes"),
    Step("apostrophes", "regexp_replace({x}, '[''\u2019\u2018\u02bc`\u00b4]', '', 'g')", "apostrophes of every kind go"),
    Step("plain_letters", "translate({x}, 'ØŁĐÐİ', 'OLDDI')", "letters that are one plain letter and a stroke or dot"),
    Step("accents", "strip_accents({x})", "accents go"),
    Step(
        "letter_pairs",
        "replace(replace(replace(replace({x}, 'Æ', 'AE'), 'Œ', 'OE'), 'Þ', 'TH'), 'ẞ', 'SS')",
        "letters that are written as two",
    ),
    Step("words", "trim(regexp_replace({x}, '[^\\p{L}]+', ' ', 'g'))", "hyphens, digits and every other sign part words"),
    Step(
        "titles",
        f"regexp_replace({{x}}, '^(?:(?:{'|'.join(TITLES)}) )+(\\p{{L}})', '\\1')",
        "titles before a name go, unless nothing else is there",
    ),
    Step(
        "suffixes",
        f"regexp_replace({{x}}, '(\\p{{L}}) (?:{'|'.join(SUFFIXES)})$', '\\1')",
        "junior, senior and numerals after a name go, unless nothing else is there",
    ),
    Step("closed_up", "nullif(replace({x}, ' ', ''), '')", "words close up: Mc Donald, Smith-Jones and Smith Jones are one word"),
    Step("first_word", "nullif(split_part({x}, ' ', 1), '')", "the first word alone is the forename"),
    Step("after_first", "regexp_replace({x}, '^[^ ]* ?', '')", "the words after the first, which are middle names"),
    Step("full_word", "nullif(regexp_extract({x}, '(\\p{L}{2,})'), '')", "the first word of two letters or more"),
    Step("code", "nullif(regexp_replace(upper({x}), '[^A-Z0-9]', '', 'g'), '')", "letters and digits alone, in capitals"),
    Step("no_abode", f"case when {{x}} not in ({_NO_ABODE}) then {{x}} end", "no fixed abode is missing"),
    Step("whole_postcode", "case when length({x}) >= 5 then {x} end", "a part of a postcode is missing"),
    Step(
        "no_placeholder",
        "case when list_contains($placeholders, strftime({x}, '%Y-%m-%d')) then null else {x} end",
        "dates of birth that stand for none (the model lists them) are missing",
    ),
    Step("known_sex", "nullif({x}, 'U')", "sex not known is missing"),
)
STEPS = {step.name: step for step in _ALL}
_NAME = (
    "capitals",
    "prefixes",
    "apostrophes",
    "plain_letters",
    "accents",
    "letter_pairs",
    "words",
    "titles",
    "suffixes",
)
# What each field of a person goes through, in order.
FIELDS: dict[str, tuple[str, ...]] = {
    "words": _NAME,
    "forename": (*_NAME, "first_word"),
    "more_names": (*_NAME, "after_first"),
    "surname": (*_NAME, "closed_up"),
    "date_of_birth": ("no_placeholder",),
    "sex": ("known_sex",),
    "postcode": ("code", "no_abode", "whole_postcode"),
    "identifier": ("code",),
}


def cleaned(field: str, inner: str) -> str:
    """The SQL of a field's steps around `inner`, the innermost first.

    >>> cleaned("sex", "s")
    "nullif(s, 'U')"
    """
    return reduce(lambda text, name: STEPS[name].of(text), FIELDS[field], inner)


def _macro(name: str, arguments: str, body: str) -> str:
    return f"create or replace temp macro linkage_{name}({arguments}) as {body}"


# One macro a chain, so that no statement repeats it.
MACROS = (
    _macro("words", "x", cleaned("words", "x")),
    _macro("joined", "x", STEPS["closed_up"].of("linkage_words(x)")),
    _macro("first", "x", STEPS["first_word"].of("linkage_words(x)")),
    _macro(
        "middle",
        "f, m",
        STEPS["full_word"].of(f"({STEPS['after_first'].of('linkage_words(f)')} || ' ' || coalesce(linkage_words(m), ''))"),
    ),
    _macro("code", "x", cleaned("identifier", "x")),
    _macro("whole", "x", STEPS["whole_postcode"].of(STEPS["no_abode"].of("x"))),
    _macro("postcode", "x", "linkage_whole(linkage_code(x))"),
    _macro("listed", "x", "case when x is null then null else [x] end"),
)

CLEANED = f"""
    linkage_first(forename) as forename, linkage_middle(forename, middle_names) as middle_name,
    linkage_joined(surname) as surname, {cleaned("date_of_birth", "date_of_birth")} as born,
    {cleaned("sex", "sex")} as sex, linkage_postcode(postcode) as postcode,
    linkage_code(pnc_id) as pnc, linkage_code(prison_number) as prison"""


def cleaning_hash() -> str:
    """SHA-256 of every rule as it stands: another wording of one expression is another hash.

    >>> len(cleaning_hash())
    64
    """
    rules = {"steps": {step.name: step.expression for step in _ALL}, "fields": FIELDS, "macros": MACROS, "columns": CLEANED}
    return hashlib.sha256(canonical_json(rules)).hexdigest()
