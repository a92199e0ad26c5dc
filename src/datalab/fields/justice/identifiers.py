"""Identifiers and names in one normal form: PNC ID, prison number, postcode, forename and surname. All pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from datalab.fields.justice.tables import POSTCODE_PATTERN, PRISON_NUMBER_PATTERN

CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
EARLIEST_PNC_YEAR = 1900
# "No fixed abode", typed where a postcode is asked for: never evidence that two records are one person.
PLACEHOLDER_POSTCODES = ("NF1 1NF", "NF1 1AA", "ZZ99 3VZ", "ZZ99 9ZZ", "AA1 1AA", "XX1 1XX")
# What clerks and migrations put before a name, as the services' own cleaning rules list them.
NAME_PREFIXES = ("DUPLICATE_", "MIG_ERROR_", "NO_SHOW_")

_PNC = re.compile(r"^(?P<year>\d{4}|\d{2})[/\- ]?(?P<serial>(?<=[/\- ])\d{1,7}|\d{7})(?P<letter>[A-Z])$")
# Letters that no decomposition turns into plain ones.
_FOLDED = str.maketrans({"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "İ": "I"})
_APOSTROPHES = str.maketrans("", "", "'\u2019\u2018\u02bc`\u00b4")


def pnc_check_letter(year: int, serial: int) -> str:
    """The check letter of a PNC ID.

    year: four digits. serial: 1 to 9,999,999. The letter is number `int(YY + serial padded to 7) mod 23` of a list
    without I, O and S. Raises ValueError outside these ranges.

    >>> pnc_check_letter(1979, 163001), pnc_check_letter(2000, 223), pnc_check_letter(2003, 3)
    ('B', 'R', 'Y')
    """
    if not (1000 <= year <= 9999 and 1 <= serial <= 9_999_999):
        raise ValueError("a PNC ID has a four-digit year and a serial from 1 to 9999999")
    return CHECK_LETTERS[(year % 100 * 10_000_000 + serial) % len(CHECK_LETTERS)]


def canonical_pnc(text: str, today: date) -> str | None:
    """The canonical form `YYYY/NNNNNNNC` of a PNC ID, or None where the form or the check letter is wrong.

    Short years (two digits: this century up to the year of `today`, else the last one), unpadded serials, lower case,
    spaces, and a missing or other separator are accepted; a serial without a separator must have all seven digits.

    >>> canonical_pnc("00/223r", date(2016, 1, 31)), canonical_pnc("79/163001B", date(2016, 1, 31))
    ('2000/0000223R', '1979/0163001B')
    >>> canonical_pnc("2000/0000223A", date(2016, 1, 31)) is None
    True
    """
    found = _PNC.match(re.sub(r"\s*([/\-])\s*", r"\1", " ".join(text.upper().split())))
    if found is None or not text.isascii():
        return None
    year, serial = _full_year(found["year"], today), int(found["serial"])
    if serial == 0 or not EARLIEST_PNC_YEAR <= year <= today.year or pnc_check_letter(year, serial) != found["letter"]:
        return None
    return f"{year}/{serial:07d}{found['letter']}"


def _full_year(digits: str, today: date) -> int:
    if len(digits) == 4:
        return int(digits)
    recent = 2000 + int(digits)
    return recent if recent <= today.year else recent - 100


def canonical_prison_number(text: str) -> str | None:
    """The prison number as `A1234BC`, or None where it has another form. Case, spaces and hyphens do not matter.

    >>> canonical_prison_number("a1234 bc"), canonical_prison_number("12345")
    ('A1234BC', None)
    """
    compact = re.sub(r"[\s\-]", "", text.upper())
    return compact if compact.isascii() and re.match(PRISON_NUMBER_PATTERN, compact) else None


def canonical_postcode(text: str) -> str | None:
    """The postcode as `SW1A 1AA`, or None where it has another form. Placeholders keep their form: see `is_placeholder_postcode`.

    >>> canonical_postcode("sw1a1aa"), canonical_postcode("SW1A")
    ('SW1A 1AA', None)
    """
    compact = re.sub(r"[\s\-.]", "", text.upper())
    spaced = f"{compact[:-3]} {compact[-3:]}"
    return spaced if spaced.isascii() and re.match(POSTCODE_PATTERN, spaced) else None


def is_placeholder_postcode(text: str) -> bool:
    """Whether a postcode (any spacing or case) stands for "no fixed abode" or "not known".

    >>> is_placeholder_postcode("nf11nf"), is_placeholder_postcode("LS1 4AP")
    (True, False)
    """
    compact = re.sub(r"\s", "", text.upper())
    return any(compact == placeholder.replace(" ", "") for placeholder in PLACEHOLDER_POSTCODES)


def name_prefix(text: str) -> str | None:
    """The clerk's prefix that stands before a name (one of `NAME_PREFIXES`), or None.

    >>> name_prefix("Duplicate_Smith"), name_prefix("Smith")
    ('DUPLICATE_', None)
    """
    upper = text.strip().upper()
    return next((prefix for prefix in NAME_PREFIXES if upper.startswith(prefix)), None)


def clean_name(text: str) -> str:
    """A forename, middle names or surname in the form that linkage compares; empty where no letter is left.

    Upper case; clerks' prefixes, accents, apostrophes and digits go; hyphens and other signs part words; "Mc Donald"
    and "O Brien" close up. Letters of other scripts stay as they are.

    >>> clean_name("DUPLICATE_Mc Donald"), clean_name("O’Brien-Łuczak"), clean_name(" josé  maría ")
    ('MCDONALD', 'OBRIEN LUCZAK', 'JOSE MARIA')
    """
    upper = text.strip().upper()
    while prefix := name_prefix(upper):
        upper = upper[len(prefix) :].strip()
    plain = unicodedata.normalize("NFKD", upper.translate(_APOSTROPHES).translate(_FOLDED)).upper()
    letters = "".join(sign if sign.isalpha() else " " for sign in plain if not (unicodedata.combining(sign) or sign.isdigit()))
    joined = " ".join(letters.split())
    return re.sub(r"\bMC (?=\w)", "MC", re.sub(r"^O (?=\w{3})", "O", joined))
