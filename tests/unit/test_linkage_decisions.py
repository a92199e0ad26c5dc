"""Decisions about doubtful pairs: read, refused with every fault, applied; and the private files they come from."""

from __future__ import annotations

import datetime as dt
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.linkage_country import TODAY, central, identity, identity_table, pnc, submission, submitted

from datalab.errors import CentralDataError, InputError, InternalError
from datalab.intake.results import Submission
from datalab.linkage.checks import require_valid_links
from datalab.linkage.decisions import Decisions
from datalab.linkage.linking import link
from datalab.linkage.readers import read_decisions
from datalab.linkage.results import Links
from datalab.linkage.writers import write_private

HEADER = "row,person_id,decision,by,when\n"
PEOPLE = [
    identity("a1", "Alan", "Prowse", "1975-06-30", postcode="L1 2AB", pnc_id=pnc(1)),
    identity("a2", "Alan", "Prowse", "1975-06-30", postcode="L8 9ZZ", pnc_id=pnc(2)),
    identity("a3", "Peter", "Marlowe", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(3)),
    *(
        identity(f"z{n}", "Bruce", f"Pollard{chr(97 + n % 26)}{chr(97 + n // 26)}", f"19{50 + n % 45}-05-05", pnc_id=pnc(100 + n))
        for n in range(400)
    ),
]
SENT = [
    submitted(2, "ALAN", "PROWSE", "1975-06-30"),
    submitted(3, "PETER", "MARLOWE", "1980-03-04", postcode="LS1 4AP"),
    submitted(5, "PETER", "MARLOWE", "1980-03-04", postcode="LS1 4AP", pnc_id=pnc(3)),
    submitted(7, "PETER", "MARLOWE", "1980-03-04"),
    submitted(9, "OSWALD", "NIGHTINGALE", "1964-02-20"),
]


def run(decisions: Decisions | None = None, sent: Submission | None = None) -> Links:
    with central(identity_table(PEOPLE)) as connection:
        return link(connection, sent or submission(SENT), today=TODAY, decisions=decisions)


@pytest.fixture(scope="module")
def links() -> Links:
    return run()


def write(folder: Path, text: str) -> Path:
    path = folder / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def by_row(links: Links) -> dict[int, dict[str, Any]]:
    return {record["row"]: record for record in links.links.to_pylist()}


def test_rows_of_one_person_merge_into_the_most_complete(links: Links) -> None:
    found = by_row(links)
    assert [found[row]["status"] for row in (3, 5, 7)] == ["merged", "accepted", "merged"]
    assert {found[row]["person_id"] for row in (3, 5, 7)} == {"a3"}
    assert (found[2]["status"], found[9]["status"]) == ("review", "unlinked")
    assert links.quality.linked_share == pytest.approx(1 / 3)  # of rows 2, 5 and 9


def test_equally_complete_rows_merge_into_the_first() -> None:
    found = by_row(run(sent=submission([{**SENT[1], "row": 8}, {**SENT[1], "row": 4}])))
    assert (found[4]["status"], found[8]["status"]) == ("accepted", "merged")


def test_accepting_a_pair_links_it(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "2,a2,accept,JS,2016-01-30\n")
    decisions = read_decisions(path)
    links = run(decisions)
    assert by_row(links)[2]["person_id"] == "a2"
    assert (by_row(links)[2]["status"], by_row(links)[2]["rule"]) == ("accepted", "decision")
    assert links.doubtful.num_rows == 0
    assert links.seen_person_ids == {"a2", "a3"}
    assert len(decisions.sha256) == 64


def test_rejecting_every_pair_unlinks_the_row(tmp_path: Path) -> None:
    links = run(read_decisions(write(tmp_path, HEADER + "2,a1,reject,JS,2016-01-30\n2,a2,reject,JS,2016-01-30\n")))
    assert (by_row(links)[2]["status"], by_row(links)[2]["rule"], by_row(links)[2]["person_id"]) == ("unlinked", "decision", None)


def test_rejecting_one_of_a_tie_leaves_the_other_to_the_model(tmp_path: Path) -> None:
    links = run(read_decisions(write(tmp_path, HEADER + "2,a1,reject,JS,2016-01-30\n")))
    assert (by_row(links)[2]["status"], by_row(links)[2]["person_id"]) == ("accepted", "a2")


def test_an_automatic_link_may_be_rejected(tmp_path: Path) -> None:
    links = run(read_decisions(write(tmp_path, HEADER + "".join(f"{row},a3,reject,JS,2016-01-30\n" for row in (3, 5, 7)))))
    assert {by_row(links)[row]["status"] for row in (3, 5, 7)} == {"unlinked"}


def test_decisions_that_do_not_fit_are_refused_by_row_all_at_once(tmp_path: Path) -> None:
    text = HEADER + "2,nobody-77,accept,JS,2016-01-30\n4,a1,accept,JS,2016-01-30\n3,a3,accept,JS,2016-02-01\n"
    with pytest.raises(InputError) as refused:
        run(read_decisions(write(tmp_path, text)))
    assert len(refused.value.faults) == 3
    assert "row 2" in refused.value.faults[0]
    assert "row 4" in refused.value.faults[1]
    assert "2016-01-31" in refused.value.faults[2]
    assert "nobody-77" not in str(refused.value)


FAULTY = [
    ("", 0, "must have the columns"),
    ("row,person_id\n", 0, "decision, by, when"),
    (HEADER + "two,SECRET,accept,JS,2016-01-30\n", 1, "row must be"),
    (HEADER + "2,,maybe,,30/01/2016\n", 4, "Line 2"),
    (HEADER + "2,SECRET,accept,JS\n", 1, "cells"),
    (HEADER + "2,SECRET,accept,JS,2016-01-30\n2,SECRET,reject,JS,2016-01-30\n", 1, "decided once"),
    (HEADER + "2,SECRET,accept,JS,2016-01-30\n2,SECRETB,accept,JS,2016-01-30\n", 1, "one person at most"),
]


@pytest.mark.parametrize(("text", "count", "expected"), FAULTY)
def test_a_faulty_file_is_refused_without_repeating_it(text: str, count: int, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_decisions(write(tmp_path, text))
    assert len(refused.value.faults) == count
    assert expected in str(refused.value)
    assert "SECRET" not in str(refused.value).replace(str(tmp_path), "")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no decisions file"):
        read_decisions(tmp_path / "none.csv")
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"\xff\xfe\x00row")
    with pytest.raises(InputError, match="UTF-8"):
        read_decisions(path)


def test_private_files_are_for_their_owner_only_and_feed_decisions_back(links: Links, tmp_path: Path) -> None:
    folder = tmp_path / "private"
    paths = write_private(links, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]
    lines = paths[1].read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + links.doubtful.num_rows == 3
    row, person = lines[1].split(",")[:2]
    decided = read_decisions(write(tmp_path, HEADER + f"{row},{person},accept,JS,2016-01-30\n"))
    assert by_row(run(decided))[int(row)]["status"] == "accepted"
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_private(run(), folder)] == before


def test_nothing_that_says_something_holds_a_value(links: Links) -> None:
    said = " ".join(links.quality.warnings).upper()
    assert not any(name in said for name in ("PROWSE", "MARLOWE", "1980", "LS1"))


BROKEN = {
    "a person is accepted for one row at most": {"status": ["review", "accepted", "accepted", "merged", "unlinked"]},
    "an unlinked row names nobody": {"status": ["review", "merged", "accepted", "merged", "review"]},
    "every submitted row has one link row, in order": {"row": [2, 3, 5, 7, 8]},
    "a status is one of the four": {"status": ["review", "linked", "accepted", "merged", "unlinked"]},
    "an accepted row has a person, a rule and a probability": {"rule": [None] * 5},
    "a probability lies between 0 and 1": {"probability": [0.5, 0.5, 1.5, 0.5, None]},
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_checker_names_each_invariant_that_breaks(name: str, links: Links) -> None:
    table = links.links
    for column, values in BROKEN[name].items():
        place = table.schema.get_field_index(column)
        table = table.set_column(place, column, pa.array(values, table.schema.field(column).type))
    with pytest.raises(InternalError) as broken:
        require_valid_links(replace(links, links=table), submission(SENT))
    assert name in broken.value.faults


def test_the_checker_wants_everyone_seen(links: Links) -> None:
    with pytest.raises(InternalError) as broken:
        require_valid_links(replace(links, seen_person_ids=frozenset({"a3"})), submission(SENT))
    assert broken.value.faults == ("everyone at review or above was seen",)


def test_an_empty_upload_links_nobody_and_an_empty_country_is_refused() -> None:
    links = run(sent=submission([]))
    assert links.links.num_rows == 0
    assert links.quality.linked_share == 0.0
    with central(identity_table([])) as connection, pytest.raises(CentralDataError):
        link(connection, submission(SENT), today=TODAY)


def test_linking_leaves_nothing_behind_and_may_be_repeated() -> None:
    with central(identity_table(PEOPLE)) as connection:
        before = connection.execute("select table_name from information_schema.tables order by 1").fetchall()
        first = link(connection, submission(SENT), today=TODAY)
        assert connection.execute("select table_name from information_schema.tables order by 1").fetchall() == before
        assert link(connection, submission(SENT), today=TODAY) == first


def test_age_is_counted_at_the_start_of_the_programme() -> None:
    young = submitted(2, "PETER", "MARLOWE", "1994-01-02", programme_start=dt.date(2012, 1, 1))
    groups = run(sent=submission([young])).quality.groups
    assert [group.level for group in groups if group.characteristic == "age_band"] == ["under_18"]
