"""The differencing register: what it keeps, what it refuses, and that nothing gets round it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest

from datalab.disclosure.differencing import Population, find_exposure
from datalab.errors import InputError, UsageError
from datalab.register import Register, open_register

DAY = "2016-01-31"


def ids(*numbers: int | range) -> list[str]:
    """Person ids of numbers and ranges of numbers."""
    return [f"P{number:05d}" for part in numbers for number in ([part] if isinstance(part, int) else part)]


@pytest.fixture
def register(tmp_path: Path) -> Register:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    return open_register(tmp_path / "register.sqlite", tmp_path / "key")


def test_a_first_release_is_taken_and_told_again(register: Register) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    assert register.releases() == (("first", DAY),)
    assert [len(item.members) for item in register.populations()] == [100]


def test_the_same_release_again_changes_nothing(register: Register) -> None:
    for _ in range(3):
        register.record("first", {"everyone": ids(range(100)), "completers": ids(range(40))}, DAY)
    assert len(register.populations()) == 2


@pytest.mark.parametrize("extra", range(1, 10))
def test_one_to_nine_more_people_are_refused_and_nothing_is_written(register: Register, extra: int) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    with pytest.raises(InputError, match="first: everyone; second: everyone"):
        register.record("second", {"everyone": ids(range(100 + extra))}, DAY)
    assert register.releases() == (("first", DAY),)


def test_ten_more_people_and_other_people_pass(register: Register) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    register.record("second", {"everyone": ids(range(110))}, DAY)
    register.record("other organisation", {"everyone": ids(range(200, 260))}, DAY)
    assert len(register.releases()) == 3


def test_a_release_repeated_over_a_few_more_people_is_refused_too(register: Register) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    with pytest.raises(InputError):
        register.record("first", {"everyone": ids(range(104))}, DAY)
    register.record("first", {"everyone": ids(range(120))}, DAY)
    assert {item.table for item in register.populations()} == {"everyone", "everyone (2)"}


@pytest.mark.parametrize(
    ("case", "tables"),
    [
        ("yearly from pooled", {"2011": range(60), "2012": range(60, 130), "pooled": range(136)}),
        ("two sexes and everyone", {"men": range(90), "women": range(90, 130), "everyone": range(133)}),
        ("within one release, a rest", {"completers": range(95), "everyone": range(100)}),
    ],
)
def test_sums_of_tables_that_leave_a_few_are_refused(register: Register, case: str, tables: dict[str, Iterable[int]]) -> None:
    with pytest.raises(InputError, match="fewer than 10"):
        register.record(case, {name: ids(*numbers) for name, numbers in tables.items()}, DAY)


def test_a_chain_over_three_organisations_is_found(register: Register) -> None:
    register.record("a", {"all": ids(range(100))}, DAY)
    register.record("b", {"all": ids(range(50, 150))}, DAY)
    register.record("c", {"all": ids(range(50))}, DAY)
    # a - c is 50 to 99; b less that is 100 to 149; so a table of 100 to 152 tells about three people.
    with pytest.raises(InputError, match="d: all"):
        register.record("d", {"all": ids(range(100, 153))}, DAY)


def test_few_shared_people_between_large_tables_are_no_difference(register: Register) -> None:
    register.record("a", {"all": ids(range(100))}, DAY)
    register.record("b", {"all": ids(range(97, 200))}, DAY)
    assert len(register.releases()) == 2


def test_the_answer_agrees_with_trying_every_combination_of_small_weights() -> None:
    """Brute force: integer combinations with weights -2 to 2 of random tables."""
    import itertools
    import random

    seen = {True: 0, False: 0}
    for seed in range(120):
        rng = random.Random(seed)
        groups = [rng.choice([2, 4, 12, 30]) for _ in range(4)]
        starts = [sum(groups[:place]) for place in range(5)]
        members = [frozenset(bytes([n]) for n in range(starts[p], starts[p + 1])) for p in range(4)]
        tables = [frozenset().union(*rng.sample(members, rng.randint(1, 4))) for _ in range(3)]
        exposed = False
        for weights in itertools.product(range(-2, 3), repeat=3):
            total = dict.fromkeys(frozenset().union(*tables), 0)
            for weight, table in zip(weights, tables, strict=True):
                for code in table:
                    total[code] += weight
            exposed |= 0 < sum(value != 0 for value in total.values()) < 10
        new = [Population("r", str(place), table) for place, table in enumerate(tables)]
        assert (find_exposure(new, []) is not None) == exposed, seed
        seen[exposed] += 1
    assert min(seen.values()) > 20


def test_no_person_id_is_in_the_file_and_the_codes_need_the_key(register: Register, tmp_path: Path) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    content = register.path.read_bytes()
    assert not any(person.encode() in content for person in ids(range(100)))
    (tmp_path / "other").write_bytes(bytes(32))
    assert Register(register.path, bytes(32)).code("P00001") != register.code("P00001")
    assert stat.S_IMODE(register.path.stat().st_mode) == 0o600


def test_another_key_a_short_key_and_no_key_are_refused(register: Register, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(bytes(32))
    (tmp_path / "short").write_bytes(b"secret")
    for name, words in (("other", "made with"), ("short", "at least 32 bytes"), ("none", "must be a file")):
        with pytest.raises(UsageError, match=words):
            open_register(register.path, tmp_path / name)


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    (tmp_path / "text").write_text("not a register " * 1000)
    (tmp_path / "empty").write_bytes(b"")
    for name in ("text", "empty"):
        with pytest.raises(InputError, match="could not be used"):
            open_register(tmp_path / name, tmp_path / "key")
    with pytest.raises(UsageError, match="folder"):
        open_register(tmp_path / "no" / "register", tmp_path / "key")


@pytest.mark.parametrize("statement", ["delete from member", "update release set id = 'x'", "delete from population"])
def test_rows_cannot_be_changed_by_plain_sql(register: Register, statement: str) -> None:
    register.record("first", {"everyone": ids(range(100))}, DAY)
    with sqlite3.connect(register.path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
