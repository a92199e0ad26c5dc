"""What people are like: twins, fathers and sons, marriages, common names. Each test says what must happen to them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.linkage_country import TODAY, central, identity, identity_table, pnc, submission, submitted
from tests.spec.test_linkage_rules import crowd

from datalab.linkage.checks import require_valid_links
from datalab.linkage.linking import link
from datalab.linkage.results import Links

# Forty people called John Smith, four of them born on 1 January 1980, as a registry that guesses dates of birth has them.
SMITHS = [
    identity(f"s{n}", "John", "Smith", f"19{60 + n}-03-{1 + n % 28:02d}", postcode=f"YO{1 + n} 4QR", pnc_id=pnc(900 + n))
    for n in range(36)
] + [identity(f"j{n}", "John", "Smith", "1980-01-01", postcode=f"HU{1 + n} 4QR", pnc_id=pnc(950 + n)) for n in range(4)]
KNOWN = [
    *SMITHS,
    identity("twin-a", "Aaron", "Maddox", "1991-05-06", postcode="LS9 8AA", pnc_id=pnc(1)),
    identity("twin-b", "Byron", "Maddox", "1991-05-06", postcode="LS9 8AA", pnc_id=pnc(2)),
    identity("father", "Walter", "Pickering", "1955-02-11", postcode="BD3 7QQ", pnc_id=pnc(3)),
    identity("son", "Walter", "Pickering", "1981-09-30", postcode="BD3 7QQ", pnc_id=pnc(4)),
    identity("only-father", "Eustace", "Threlkeld", "1950-07-14", postcode="CA9 3TT", pnc_id=pnc(5)),
    identity("bride", "Joanna", "Fairweather", "1988-12-02", sex="F", postcode="TR1 2BB", pnc_id=pnc(6)),
    identity("known-bride", "Miriam", "Goldsworthy", "1984-03-27", sex="F", postcode="PL4 1CC", pnc_id=pnc(7)),
    identity("known-bride", "Miriam", "Ashdown", "1984-03-27", sex="F", is_alias=True),
    identity("swapped", "Stewart", "Kelvin", "1979-10-10", postcode="G4 9DD", pnc_id=pnc(8)),
    identity("twice", "Humphrey", "Wainscott", "1968-01-19", postcode="EX2 5EE", pnc_id=pnc(9)),
    identity("one", "Leonard", "Bracewell", "1977-04-04", postcode="NG7 1FF", pnc_id=pnc(10)),
    identity("other", "Leonard", "Bracewell", "1977-04-04", postcode="DE1 2GG", pnc_id=pnc(11)),
]
SENT: dict[str, dict[str, Any]] = {
    "one twin": submitted(2, "BYRON", "MADDOX", "1991-05-06", postcode="LS9 8AA"),
    "son": submitted(3, "WALTER", "PICKERING", "1981-09-30", postcode="BD3 7QQ"),
    "son of an only father": submitted(4, "EUSTACE", "THRELKELD", "1979-01-22", postcode="CA9 3TT"),
    "married, same address": submitted(5, "JOANNA", "HOLLOWAY", "1988-12-02", sex="F", postcode="TR1 2BB"),
    "married, name on file": submitted(6, "MIRIAM", "ASHDOWN", "1984-03-27", sex="F"),
    "names swapped": submitted(7, "KELVIN", "STEWART", "1979-10-10", postcode="G4 9DD"),
    "1 January": submitted(8, "JOHN", "SMITH", "1980-01-01"),
    "1 January, address": submitted(9, "JOHN", "SMITH", "1980-01-01", postcode="HU3 4QR"),
    "twice": submitted(10, "HUMPHREY", "WAINSCOTT", "1968-01-19", postcode="EX2 5EE"),
    "twice, again": submitted(11, "HUMPHREY", "WAINSCOTT", "1968-01-19", postcode="EX2 5EE", reference="7", pnc_id=pnc(9)),
    "fits two": submitted(12, "LEONARD", "BRACEWELL", "1977-04-04"),
    "common, other day": submitted(13, "JOHN", "SMITH", "1983-08-08"),
}
ROWS = {name: record["row"] for name, record in SENT.items()}


@pytest.fixture(scope="module")
def links() -> Links:
    with central(identity_table([*KNOWN, *crowd(1_500)])) as connection:
        sent = submission(list(SENT.values()))
        return require_valid_links(link(connection, sent, today=TODAY), sent)


def found(links: Links, name: str) -> dict[str, Any]:
    return next(record for record in links.links.to_pylist() if record["row"] == ROWS[name])


def doubted(links: Links, name: str) -> set[str]:
    """Everybody shown to the person who decides."""
    return {pair["person_id"] for pair in links.doubtful.to_pylist() if pair["row"] == ROWS[name]}


def test_a_twin_is_linked_to_the_own_record_and_not_to_the_other_twins(links: Links) -> None:
    assert (found(links, "one twin")["status"], found(links, "one twin")["person_id"]) == ("accepted", "twin-b")


def test_father_and_son_of_one_name_are_told_apart_by_birth(links: Links) -> None:
    assert (found(links, "son")["status"], found(links, "son")["person_id"]) == ("accepted", "son")


def test_a_son_whose_father_alone_is_known_is_never_linked_to_the_father(links: Links) -> None:
    record = found(links, "son of an only father")
    assert (record["status"], record["rule"]) == ("review", "different_birth")


def test_a_married_name_is_found_by_birth_and_address(links: Links) -> None:
    assert (found(links, "married, same address")["status"], found(links, "married, same address")["person_id"]) == (
        "accepted",
        "bride",
    )


def test_a_married_name_on_file_is_found_without_an_address(links: Links) -> None:
    record = found(links, "married, name on file")
    assert record["person_id"] == "known-bride"
    assert record["status"] in ("accepted", "review")


def test_swapped_names_are_found(links: Links) -> None:
    assert (found(links, "names swapped")["status"], found(links, "names swapped")["person_id"]) == ("accepted", "swapped")


def test_a_common_name_born_on_1_january_is_never_a_coin(links: Links) -> None:
    """Four people fit as well: a person sees all four, and nobody is linked."""
    assert found(links, "1 January")["status"] == "review"
    assert doubted(links, "1 January") == {"j0", "j1", "j2", "j3"}


def test_an_address_tells_which_of_them_it_is(links: Links) -> None:
    record = found(links, "1 January, address")
    assert record["person_id"] == "j2"
    assert record["status"] == "accepted"


def test_a_common_name_alone_is_no_link(links: Links) -> None:
    assert found(links, "common, other day")["status"] == "unlinked"


def test_two_rows_of_one_person_become_one_the_fuller_standing(links: Links) -> None:
    assert found(links, "twice")["status"] == "merged"
    assert found(links, "twice, again")["status"] == "accepted"
    assert found(links, "twice")["person_id"] == found(links, "twice, again")["person_id"] == "twice"


def test_a_row_that_fits_two_people_waits_and_both_stay_out_of_the_pool(links: Links) -> None:
    assert found(links, "fits two")["status"] == "review"
    assert found(links, "fits two")["rule"] == "tie"
    assert doubted(links, "fits two") == {"one", "other"}
    assert links.seen_person_ids >= {"one", "other"}
