"""Who is linked to whom and why: one small country, one submitted row a case."""
# ruff: noqa: E501 (a case is a line)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.linkage_country import TODAY, central, identity, identity_table, pnc, prison, submission, submitted

from datalab.linkage.checks import require_valid_links
from datalab.linkage.linking import link
from datalab.linkage.results import Links

FORENAMES = ["Bruce", "Clive", "Donald", "Ernest", "Fergus", "Gordon", "Hector", "Irwin"]
SURNAMES = ["Pollard", "Quayle", "Rudge", "Sotheby", "Tranter", "Underhill", "Vickers", "Wigmore"]


def crowd(count: int = 2_000) -> list[dict[str, Any]]:
    """People who have nothing to do with any case."""
    random = np.random.default_rng(5)
    return [
        identity(
            f"z{number}",
            FORENAMES[random.integers(8)],
            SURNAMES[random.integers(8)] + SURNAMES[random.integers(8)].lower(),
            f"{random.integers(1950, 1995)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
            postcode=f"YO{random.integers(1, 30)} {random.integers(1, 9)}AB",
            pnc_id=pnc(50_000 + number),
        )
        for number in range(count)
    ]


KNOWN = [
    identity("a1", "Peter", "Marlowe", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(1), prison_number=prison(1)),
    identity("c1", "Barry", "Lockyer", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(21), prison_number=prison(21)),
    identity("c2", "Martin", "Dunstable", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(22), prison_number=prison(22)),
    identity("c3", "Howard", "Penrose", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(23), prison_number=prison(23)),
    identity("c4", "Graham", "Fotheringay", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(24), prison_number=prison(24)),
    identity("c5", "Leslie", "Cuthbert", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(25), prison_number=prison(25)),
    identity("c6", "Vernon", "Haddock", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(26), prison_number=prison(26)),
    identity("c7", "Clement", "Ormskirk", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(27), prison_number=prison(27)),
    identity("c8", "Basil", "Thackeray", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(28), prison_number=prison(28)),
    identity("c9", "Norman", "Entwhistle", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(29), prison_number=prison(29)),
    identity("a2", "Simon", "Hartnell", "1985-07-19", postcode="M4 5HN", pnc_id=pnc(2)),
    identity("a2", "Simon", "Blackwood", "1985-07-19", is_alias=True),
    identity("a3", "Colin", "Jessop", "1978-11-02", postcode="B12 3CD", pnc_id=pnc(3)),
    identity("a3", "Colin", "Jessop", "1979-05-21", is_alias=True),
    identity("a4", "Darren", "Whitlock", "1990-09-09", postcode="NE3 6XY", pnc_id=pnc(4)),  # the twin is not in the records
    identity("a5", "Mark", "Tolliver", "1988-02-14", postcode="SW9 1AA", pnc_id=pnc(5)),
    identity("a6", "Neil", "Tolliver", "1988-02-14", postcode="SW9 1AA", pnc_id=pnc(6)),
    identity("a7", "Alan", "Prowse", "1975-06-30", postcode="L1 2AB", pnc_id=pnc(7)),
    identity("a8", "Alan", "Prowse", "1975-06-30", postcode="L8 9ZZ", pnc_id=pnc(8)),
    identity("a9", "Ray", "Stanmore", "1969-12-25", postcode="LE2 2LE", pnc_id=pnc(9)),
    identity("b1", "Ray", "Stanmore", "1969-12-25", postcode="LE2 2LE", pnc_id=pnc(9)),  # one person filed twice
    identity("b2", "josé", "o'neill-smith", "1983-08-08", postcode="bs15ab", pnc_id=pnc(12), sex="M"),
    identity("b3", "Terence", "Oldfield", "1971-04-17", postcode="NF1 1NF", pnc_id=pnc(13)),
    identity("b4", "Lisa", "Cranmer", "1986-01-29", postcode="EX4 4QJ", pnc_id=pnc(14), sex="F"),
    identity("b5", "George", "Ambler", "1992-10-11", middle_names="Wilfred", postcode="CF10 1AA"),
]
CASES: list[tuple[str, dict[str, Any], str, str | None, str | None]] = [
    ("pnc, surname and birth agree; forename differs", submitted(2, "ZED", "MARLOWE", "1980-03-04", pnc_id=pnc(1)), "accepted", "pnc_id", "a1"),
    ("pnc and names agree; birth differs", submitted(2, "BARRY", "LOCKYER", "1960-01-02", pnc_id=pnc(21)), "accepted", "pnc_id", "c1"),
    ("prison number, forename and birth agree", submitted(2, "MARTIN", "ZEDDER", "1980-03-04", prison_number=prison(22)), "accepted", "prison_number", "c2"),
    ("both numbers agree: the PNC ID is named", submitted(2, "HOWARD", "PENROSE", "1980-03-04", pnc_id=pnc(23), prison_number=prison(23)), "accepted", "pnc_id", "c3"),
    ("pnc of somebody else, own record found by name", submitted(2, "SIMON", "HARTNELL", "1985-07-19", postcode="M4 5HN", pnc_id=pnc(1)), "accepted", "probabilistic", "a2"),
    ("pnc of somebody else, no record of one's own", submitted(2, "OSWALD", "NIGHTINGALE", "1964-02-20", pnc_id=pnc(1)), "unlinked", None, None),
    ("pnc agrees with the surname alone", submitted(2, "OSWALD", "FOTHERINGAY", "1964-02-20", pnc_id=pnc(24)), "review", "different_forename", "c4"),
    ("no identifier, all else agrees", submitted(2, "LESLIE", "CUTHBERT", "1980-03-04", postcode="LS1 4AP"), "accepted", "probabilistic", "c5"),
    ("no identifier, moved", submitted(2, "VERNON", "HADDOCK", "1980-03-04", postcode="OX1 2JD"), "accepted", "probabilistic", "c6"),
    ("names swapped", submitted(2, "ORMSKIRK", "CLEMENT", "1980-03-04", postcode="LS1 4AP"), "accepted", "probabilistic", "c7"),
    ("alias surname with the filed birth", submitted(2, "SIMON", "BLACKWOOD", "1985-07-19", postcode="M4 5HN"), "accepted", "probabilistic", "a2"),
    ("alias surname counts for the deterministic rule", submitted(2, "SI", "BLACKWOOD", "1985-07-19", pnc_id=pnc(2)), "accepted", "pnc_id", "a2"),
    ("alias birth with the filed name", submitted(2, "COLIN", "JESSOP", "1979-05-21", postcode="B12 3CD"), "accepted", "probabilistic", "a3"),
    ("one edit in the birth", submitted(2, "SIMON", "HARTNELL", "1985-07-18", postcode="M4 5HN"), "accepted", "probabilistic", "a2"),
    ("day and month exchanged", submitted(2, "BASIL", "THACKERAY", "1980-04-03", postcode="LS1 4AP"), "accepted", "probabilistic", "c8"),
    ("one letter wrong", submitted(2, "NORMAN", "ENTWHISTL", "1980-03-04", postcode="LS1 4AP"), "accepted", "probabilistic", "c9"),
    ("surname changed, same address", submitted(2, "LISA", "NIGHTINGALE", "1986-01-29", postcode="EX4 4QJ", sex="F"), "accepted", "probabilistic", "b4"),
    ("surname changed, known by PNC ID", submitted(2, "LISA", "NIGHTINGALE", "1986-01-29", sex="F", pnc_id=pnc(14)), "accepted", "pnc_id", "b4"),
    ("surname changed and moved", submitted(2, "LISA", "NIGHTINGALE", "1986-01-29", postcode="OX1 2JD", sex="F"), "review", "probabilistic", "b4"),
    ("twin of somebody in the records", submitted(2, "KEVIN", "WHITLOCK", "1990-09-09", postcode="NE3 6XY"), "review", "different_forename", "a4"),
    ("both twins in the records", submitted(2, "NEIL", "TOLLIVER", "1988-02-14", postcode="SW9 1AA"), "accepted", "probabilistic", "a6"),
    ("one twin under the other's PNC ID", submitted(2, "NEIL", "TOLLIVER", "1988-02-14", postcode="SW9 1AA", pnc_id=pnc(5)), "review", "conflict", "a5"),
    ("same name and birth at two people", submitted(2, "ALAN", "PROWSE", "1975-06-30"), "review", "tie", "a7"),
    ("the same, and the postcode tells", submitted(2, "ALAN", "PROWSE", "1975-06-30", postcode="L8 9ZZ"), "accepted", "probabilistic", "a8"),
    ("the same, and the PNC ID tells", submitted(2, "ALAN", "PROWSE", "1975-06-30", pnc_id=pnc(8)), "accepted", "pnc_id", "a8"),
    ("one PNC ID filed at two people", submitted(2, "RAY", "STANMORE", "1969-12-25", pnc_id=pnc(9)), "review", "tie", "a9"),
    ("lower case, accents, hyphen, apostrophe", submitted(2, "JOSE", "ONEILL SMITH", "1983-08-08", postcode="BS1 5AB"), "accepted", "probabilistic", "b2"),
    ("no fixed abode is no agreement", submitted(2, "ROY", "OLDFIELD", "1971-04-18", postcode="NF1 1NF"), "unlinked", None, None),
    ("a second forename in the forename cell", submitted(2, "GEORGE WILFRED", "AMBLER", "1992-10-11", postcode="CF10 1AA"), "accepted", "probabilistic", "b5"),
    ("known by the second forename", submitted(2, "WILFRED", "AMBLER", "1992-10-11", postcode="CF10 1AA"), "accepted", "probabilistic", "b5"),
    ("nobody like that", submitted(2, "OSWALD", "NIGHTINGALE", "1964-02-20", postcode="OX1 2JD"), "unlinked", None, None),
]  # fmt: skip


def batches() -> list[list[int]]:
    """Places of CASES in few runs, no two of a run about the same person (they would merge)."""
    found: list[list[int]] = []
    for place, case in enumerate(CASES):
        person = case[4]
        free = (run for run in found if person is None or person not in {CASES[other][4] for other in run})
        run = next(free, None)
        if run is None:
            found.append([place])
        else:
            run.append(place)
    return found


@pytest.fixture(scope="module")
def outcomes() -> dict[int, tuple[dict[str, Any], Links]]:
    """The link record of each case, and the Links of its run."""
    found = {}
    with central(identity_table([*KNOWN, *crowd()])) as connection:
        for run in batches():
            sent = submission([{**CASES[place][1], "row": place + 2} for place in run])
            links = require_valid_links(link(connection, sent, today=TODAY), sent)
            found.update({record["row"] - 2: (record, links) for record in links.links.to_pylist()})
    return found


@pytest.mark.parametrize("place", range(len(CASES)), ids=[case[0] for case in CASES])
def test_each_case_is_linked_as_the_rules_say(place: int, outcomes: dict[int, tuple[dict[str, Any], Links]]) -> None:
    _, _, status, rule, person = CASES[place]
    record, _ = outcomes[place]
    assert (record["status"], record["rule"], record["person_id"]) == (status, rule, person), record


def test_a_tie_shows_both_people_and_keeps_both_out_of_the_pool(outcomes: dict[int, tuple[dict[str, Any], Links]]) -> None:
    place = next(n for n, case in enumerate(CASES) if case[0] == "same name and birth at two people")
    record, links = outcomes[place]
    shown = [pair for pair in links.doubtful.to_pylist() if pair["row"] == record["row"]]
    assert [pair["person_id"] for pair in shown] == ["a7", "a8"]
    assert links.seen_person_ids >= {"a7", "a8"}
    assert [pair["probability"] for pair in shown] == pytest.approx([0.5, 0.5], abs=0.01)
    assert shown[0]["submitted_surname"] == shown[0]["central_surname"] == "PROWSE"
    assert links.quality.awaiting_review >= 1
