"""The cleaning rules: a table of cases for each step, and for each field that a chain of them makes."""

# ruff: noqa: E501 (a table is a line a step)

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from datalab.linkage import cleaning
from datalab.linkage.cleaning import FIELDS, MACROS, STEPS, cleaned, cleaning_hash

Cases = tuple[tuple[Any, Any], ...]
STEP_CASES: dict[str, Cases] = {
    "capitals": ((" josé ", "JOSÉ"), ("mcDonald", "MCDONALD"), (None, None)),
    "prefixes": (("DUPLICATE_SMITH", "SMITH"), ("MIG_ERROR_DUPLICATE_SMITH", "SMITH"), ("SMITH_NO_SHOW_", "SMITH_NO_SHOW_")),
    "apostrophes": (("O'NEILL", "ONEILL"), ("O’NEILL", "ONEILL"), ("D`SOUZA", "DSOUZA"), ("N´DIAYE", "NDIAYE")),
    "plain_letters": (("ŁUCZAK", "LUCZAK"), ("SØRENSEN", "SORENSEN"), ("ĐINH", "DINH"), ("İBRAHIM", "IBRAHIM")),
    "accents": (("JOSÉ", "JOSE"), ("MÜLLER", "MULLER"), ("NGŨGĨ", "NGUGI"), ("ŠKODA", "SKODA")),
    "letter_pairs": (("ÆRØ", "AERØ"), ("ŒUVRE", "OEUVRE"), ("ÞOR", "THOR"), ("STRAẞE", "STRASSE")),
    "words": (("SMITH-JONES", "SMITH JONES"), ("ST. JOHN", "ST JOHN"), ("SMITH2", "SMITH"), ("李 明", "李 明"), ("--", "")),
    "titles": (("MR JOHN", "JOHN"), ("REV DR JOHN", "JOHN"), ("DR", "DR"), ("MRS MISS ANN", "ANN"), ("DREW", "DREW"), ("ANN MS", "ANN MS")),
    "suffixes": (("SMITH JNR", "SMITH"), ("SMITH II", "SMITH"), ("JR", "JR"), ("JUNIOR", "JUNIOR"), ("SMITH SR", "SMITH"), ("KUMAR SEN", "KUMAR SEN")),
    "closed_up": (("MC DONALD", "MCDONALD"), ("SMITH JONES", "SMITHJONES"), ("VAN DER BERG", "VANDERBERG"), ("", None)),
    "first_word": (("ANNA MARIA", "ANNA"), ("ANNA", "ANNA"), ("", None)),
    "after_first": (("ANNA MARIA LUISA", "MARIA LUISA"), ("ANNA", ""), ("", "")),
    "full_word": (("J MARIA", "MARIA"), ("J", None), ("", None)),
    "code": (("1990/0000123a", "19900000123A"), ("a 1234-bc", "A1234BC"), ("-", None)),
    "no_abode": (("NF11NF", None), ("ZZ993VZ", None), ("LS14AP", "LS14AP"), (None, None)),
    "whole_postcode": (("LS1", None), ("LS14AP", "LS14AP"), ("M11AA", "M11AA")),
    "no_placeholder": ((dt.date(1900, 1, 1), None), (dt.date(1970, 1, 1), None), (dt.date(1971, 1, 1), dt.date(1971, 1, 1)), (None, None)),
    "known_sex": (("U", None), ("F", "F"), (None, None)),
}  # fmt: skip
FIELD_CASES: dict[str, Cases] = {
    "surname": (
        ("Smith-Jones", "SMITHJONES"), ("Smith Jones", "SMITHJONES"), ("SmithJones", "SMITHJONES"),
        ("Mc Donald", "MCDONALD"), ("McDonald", "MCDONALD"), ("MCDONALD", "MCDONALD"), ("O’ Brien", "OBRIEN"), ("d'Souza", "DSOUZA"),
        ("Smith (Jnr)", "SMITH"), ("duplicate_Łuczak", "LUCZAK"), ("  ", None), (None, None),
    ),
    "forename": (("Mr. John Paul", "JOHN"), ("Anna-Maria", "ANNA"), ("Prof Ann", "ANN"), ("Mr", "MR"), ("José María", "JOSE"), ("?", None)),
    "postcode": (("ls1 4ap", "LS14AP"), ("NF1 1NF", None), ("LS1", None), ("zz99 3vz", None)),
    "identifier": (("a1234bc", "A1234BC"), ("1990/0000123A", "19900000123A")),
}  # fmt: skip
# Middle names come from both cells: the rest of the forename's words first.
MIDDLE_CASES = (
    ("Anna Maria", None, "MARIA"),
    ("Anna", "Maria Luisa", "MARIA"),
    ("Mrs Anna Maria", "Luisa", "MARIA"),
    ("Anna J", "Maria", "MARIA"),
    ("Anna", "J", None),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with duckdb.connect(":memory:") as made:
        for macro in MACROS:
            made.execute(macro).fetchall()
        yield made


def value(connection: Any, expression: str, given: Any, kind: str) -> Any:
    held = {"x": given, "placeholders": ["1900-01-01", "1970-01-01"]}
    named = {name: held[name] for name in held if f"${name}" in expression or name == "x"}
    return connection.execute(f"select {expression} from (select cast($x as {kind}) as x)", named).fetchall()[0][0]


def kind(name: str) -> str:
    return "date" if name == "no_placeholder" else "varchar"


STEP_LINES = [(name, *case) for name, cases in STEP_CASES.items() for case in cases]


@pytest.mark.parametrize(("name", "given", "wanted"), STEP_LINES)
def test_each_step_does_what_it_says(name: str, given: Any, wanted: Any, connection: Any) -> None:
    assert value(connection, STEPS[name].of("x"), given, kind(name)) == wanted


FIELD_LINES = [(name, *case) for name, cases in FIELD_CASES.items() for case in cases]


@pytest.mark.parametrize(("field", "given", "wanted"), FIELD_LINES)
def test_each_field_is_cleaned_by_its_steps_in_order(field: str, given: Any, wanted: Any, connection: Any) -> None:
    assert value(connection, cleaned(field, "x"), given, "varchar") == wanted


@pytest.mark.parametrize(
    ("macro", "field"), [("joined", "surname"), ("first", "forename"), ("postcode", "postcode"), ("code", "identifier")]
)
def test_the_macros_are_the_chains(macro: str, field: str, connection: Any) -> None:
    for given, wanted in FIELD_CASES[field]:
        assert value(connection, f"linkage_{macro}(x)", given, "varchar") == wanted


@pytest.mark.parametrize(("forename", "middle", "wanted"), MIDDLE_CASES)
def test_middle_names_come_from_both_cells(forename: str, middle: str | None, wanted: str | None, connection: Any) -> None:
    made = connection.execute("select linkage_middle(?, ?)", [forename, middle]).fetchall()
    assert made == [(wanted,)]


def test_every_step_has_cases_and_a_field() -> None:
    assert set(STEP_CASES) == set(STEPS)
    assert {name for chain in FIELDS.values() for name in chain} | {"full_word"} == set(STEPS)


def test_another_rule_is_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cleaning_hash()
    monkeypatch.setattr(cleaning, "_ALL", cleaning._ALL[1:])
    assert cleaning_hash() != before
