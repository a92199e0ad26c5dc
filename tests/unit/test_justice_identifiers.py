"""Identifiers and names: the published examples, the forms that are taken, and those that are not."""

from __future__ import annotations

from datetime import date

import pytest

from datalab.fields.justice.identifiers import (
    canonical_pnc,
    canonical_postcode,
    canonical_prison_number,
    clean_name,
    pnc_check_letter,
)

TODAY = date(2016, 1, 31)


@pytest.mark.parametrize("valid", ["1979/0163001B", "2000/0000223R", "2003/0000003Y"])
def test_the_published_pnc_ids_are_valid(valid: str) -> None:
    assert canonical_pnc(valid, TODAY) == valid


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("79/163001B", "1979/0163001B"),
        ("79/0163001b", "1979/0163001B"),
        (" 1979 / 163001 B ".replace(" B", "B"), "1979/0163001B"),
        ("1979-163001B", "1979/0163001B"),
        ("19790163001B", "1979/0163001B"),
        ("00/223R", "2000/0000223R"),
        ("03/3Y", "2003/0000003Y"),
        ("2017/0000223R", None),  # after today
        ("1899/0000223R", None),
        ("2000/0000223S", None),
        ("2000/0000000Z", None),
        ("200/0000223R", None),
        ("2000/00000223R", None),
        ("2000223R", None),  # no separator and not padded: several readings
        ("", None),
        ("２０００/0000223R", None),  # digits of another script
    ],
)
def test_forms_of_a_pnc_id(text: str, canonical: str | None) -> None:
    assert canonical_pnc(text, TODAY) == canonical


@pytest.mark.parametrize(("today", "year"), [(date(2016, 1, 1), 2016), (date(2015, 12, 31), 1916), (date(2099, 1, 1), 2016)])
def test_the_century_follows_today(today: date, year: int) -> None:
    letter = pnc_check_letter(2016, 77)
    assert canonical_pnc(f"16/77{letter}", today) == f"{year}/0000077{letter}"


@pytest.mark.parametrize(("year", "serial"), [(99, 1), (2000, 0), (2000, 10_000_000), (10_000, 1)])
def test_a_check_letter_needs_a_year_and_a_serial(year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="four-digit year"):
        pnc_check_letter(year, serial)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a1234bc", "A1234BC"),
        ("A 1234-BC", "A1234BC"),
        ("A1234B", None),
        ("1A234BC", None),
        ("A1234BCD", None),
        ("Á1234BC", None),
    ],
)
def test_prison_numbers(text: str, canonical: str | None) -> None:
    assert canonical_prison_number(text) == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("sw1a1aa", "SW1A 1AA"),
        ("M1 1AE", "M1 1AE"),
        ("b33-8th", "B33 8TH"),
        ("CR2  6XH", "CR2 6XH"),
        ("SW1A", None),
        ("12345", None),
        ("", None),
    ],
)
def test_postcodes(text: str, canonical: str | None) -> None:
    assert canonical_postcode(text) == canonical


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Smith-Jones", "SMITH JONES"),
        ("O'Brien", "OBRIEN"),
        ("O’Brien", "OBRIEN"),
        ("O Brien", "OBRIEN"),
        ("Mc Donald", "MCDONALD"),
        ("Jane Mc Donald", "JANE MCDONALD"),
        ("MIG_ERROR_Smith", "SMITH"),
        ("NO_SHOW_DUPLICATE_Smith", "SMITH"),
        ("Siân", "SIAN"),
        ("Łukasz Müller-Øst", "LUKASZ MULLER OST"),
        ("Straße", "STRASSE"),
        ("Smith 2", "SMITH"),
        ("Иван", "ИВАН"),
        ("123", ""),
        ("", ""),
    ],
)
def test_names(text: str, cleaned: str) -> None:
    assert clean_name(text) == cleaned
