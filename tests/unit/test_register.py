"""The differencing register: what it keeps, what it refuses, and that nothing gets round it."""

from __future__ import annotations

import itertools
import random
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.register_tables import ids, of

from datalab.disclosure import differencing
from datalab.disclosure.differencing import Population, find_exposure
from datalab.errors import InputError, UsageError
from datalab.register import Register, open_register
from datalab.register.tables import Kind, ShownTable

DAY = "2016-01-31"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    return open_register(tmp_path / "register.sqlite", tmp_path / "key")


def test_a_first_release_is_taken_and_told_again(register: Register) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    assert register.releases() == (("first", DAY),)
    assert [len(item.members) for item in register.populations()] == [100]


def test_the_same_release_again_changes_nothing(register: Register) -> None:
    for _ in range(3):
        register.record("first", {"everyone": of(ids(range(100))), "completers": of(ids(range(40)))}, DAY)
    assert len(register.populations()) == 2


@pytest.mark.parametrize("extra", range(1, 10))
def test_one_to_nine_more_people_are_refused_and_nothing_is_written(register: Register, extra: int) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    with pytest.raises(InputError, match="first: everyone; second: everyone"):
        register.record("second", {"everyone": of(ids(range(100 + extra)))}, DAY)
    assert register.releases() == (("first", DAY),)


def test_ten_more_people_and_other_people_pass(register: Register) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    register.record("second", {"everyone": of(ids(range(110)))}, DAY)
    register.record("other organisation", {"everyone": of(ids(range(200, 260)))}, DAY)
    assert len(register.releases()) == 3


def test_a_release_repeated_over_a_few_more_people_is_refused_too(register: Register) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    with pytest.raises(InputError):
        register.record("first", {"everyone": of(ids(range(104)))}, DAY)
    register.record("first", {"everyone": of(ids(range(120)))}, DAY)
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
        register.record(case, {name: of(ids(*numbers), "analysis") for name, numbers in tables.items()}, DAY)


def test_a_chain_over_three_organisations_is_found(register: Register) -> None:
    register.record("a", {"all": of(ids(range(100)))}, DAY)
    register.record("b", {"all": of(ids(range(50, 150)))}, DAY)
    register.record("c", {"all": of(ids(range(50)))}, DAY)
    # a - c is 50 to 99; b less that is 100 to 149; so a table of 100 to 152 tells about three people.
    with pytest.raises(InputError, match="d: all"):
        register.record("d", {"all": of(ids(range(100, 153)))}, DAY)


def test_few_shared_people_between_large_tables_are_no_difference(register: Register) -> None:
    register.record("a", {"all": of(ids(range(100)))}, DAY)
    register.record("b", {"all": of(ids(range(97, 200)))}, DAY)
    assert len(register.releases()) == 2


def test_the_answer_agrees_with_trying_every_combination_of_small_weights() -> None:
    """Brute force: integer combinations with weights -2 to 2 of random tables."""
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


@pytest.mark.parametrize("moved", range(1, 10))
@pytest.mark.parametrize("part", ["event", "clock"])
def test_the_same_people_with_a_few_other_events_or_clocks_are_refused(register: Register, moved: int, part: str) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    table = of(ids(range(100)), events=dict.fromkeys(ids(range(moved)), "second"))
    if part == "clock":
        of_first = tuple((person, "first", whole) for person, _, whole in table.members)
        table = ShownTable("headline", of_first)
    with pytest.raises(InputError, match="first: everyone; second: everyone"):
        register.record("second", {"everyone": table}, DAY)
    assert register.releases() == (("first", DAY),)


def test_ten_people_with_other_events_and_everybody_with_another_follow_up_pass(register: Register) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    for moved, name in ((10, "second"), (100, "all later")):
        register.record(name, {"everyone": of(ids(range(100)), events=dict.fromkeys(ids(range(moved)), name))}, DAY)
    assert len(register.releases()) == 3


def test_people_are_counted_once_however_many_events_they_have(register: Register) -> None:
    """Six persons of whom each table has another event: twelve events, and six persons who would be told of."""
    register.record("first", {"everyone": of(ids(range(100)), events=dict.fromkeys(ids(range(6)), "second"))}, DAY)
    with pytest.raises(InputError):
        register.record("second", {"everyone": of(ids(range(100)), events=dict.fromkeys(ids(range(6)), "third"))}, DAY)


def test_the_answer_for_events_agrees_with_trying_every_combination() -> None:
    """Brute force as above; of each person every table has the one or the other event, and persons are counted."""
    seen = {True: 0, False: 0}
    for seed in range(80):
        rng = random.Random(seed)
        kinds = [(rng.choice([1, 3, 6, 11]), [rng.choice([b"1", b"2", None]) for _ in range(3)]) for _ in range(5)]
        tables: list[set[tuple[bytes, bytes]]] = [set(), set(), set()]
        number = 0
        for size, events in kinds:
            for person in range(number, number + size):
                for table, event in zip(tables, events, strict=True):
                    if event is not None:
                        table.add((bytes([person]), event))
            number += size
        exposed = False
        for weights in itertools.product(range(-2, 3), repeat=3):
            total: Counter[tuple[bytes, bytes]] = Counter()
            for weight, table in zip(weights, tables, strict=True):
                for column in table:
                    total[column] += weight
            exposed |= 0 < len({person for (person, _), value in total.items() if value}) < 10
        new = [
            Population("r", str(place), frozenset(person for person, _ in table), (frozenset(table),))
            for place, table in enumerate(tables)
        ]
        by_persons = find_exposure([replace(item, parts=()) for item in new], []) is not None
        assert (find_exposure(new, []) is not None) == (exposed or by_persons), seed
        seen[exposed] += 1
    assert min(seen.values()) > 10


@pytest.mark.parametrize("kind", ["people", "rows"])
def test_a_step_that_differs_by_a_few_people_is_refused_and_ten_pass(register: Register, kind: Kind) -> None:
    register.record("first", {"step submitted": of(ids(range(100)), kind)}, DAY)
    for people in (ids(range(91)), ids(range(109)), ids(range(4, 104))):
        with pytest.raises(InputError, match="first: step submitted; second: step submitted"):
            register.record("second", {"step submitted": of(people, kind)}, DAY)
    register.record("more", {"step submitted": of(ids(range(110)), kind)}, DAY)
    register.record("less", {"step submitted": of(ids(range(90)), kind)}, DAY)
    register.record("same", {"step submitted": of(ids(range(100)), kind)}, DAY)


def test_a_step_is_compared_with_analyses_and_with_other_steps(register: Register) -> None:
    register.record("first", {"step linked": of(ids(range(100)), "people"), "men, analysed": of(ids(range(60)))}, DAY)
    for name, table in {
        "everyone, analysed": of(ids(range(97))),
        "step eligible": of(ids(range(97)), "people"),
        "step matched": of(ids(range(58)), "people"),
    }.items():
        with pytest.raises(InputError, match=f"second: {name}"):
            register.record("second", {name: table}, DAY)
    # Of rows a person may have several, and who sends them knows their number: they are compared with the same step's.
    register.record("second", {"step submitted": of(ids(range(97)), "rows")}, DAY)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("few", [1, 9])
def test_a_step_that_two_others_add_up_to_but_for_a_few_is_refused(register: Register, few: int, order: tuple[int, ...]) -> None:
    """100 found of one year, 90 of the next, and of both together three fewer: three were found once and not again."""
    years = of(ids(range(100)), "people"), of(ids(range(100, 190)), "analysis"), of(ids(range(190 - few)), "people")
    *known, last = (years[place] for place in order)
    for place, table in enumerate(known):
        register.record(f"year {place}", {"step linked": table}, DAY)
    with pytest.raises(InputError, match="year 0: step linked; year 1: step linked; last: step linked"):
        register.record("last", {"step linked": last}, DAY)


@pytest.mark.parametrize("both", [range(190), range(180), range(30, 190)])
def test_a_step_that_two_others_add_up_to_passes_but_for_ten(register: Register, both: range) -> None:
    register.record("one", {"step linked": of(ids(range(100)), "people")}, DAY)
    register.record("two", {"step linked": of(ids(range(100, 190)), "people")}, DAY)
    register.record("both", {"step linked": of(ids(both), "people")}, DAY)
    assert len(register.releases()) == 3


def test_people_in_both_years_are_counted_by_their_sum(register: Register) -> None:
    """Four people are in both years: submitted rows of the years less those of both together."""
    register.record("one", {"step submitted": of(ids(range(100)), "rows")}, DAY)
    register.record("two", {"step submitted": of(ids(range(96, 190)), "rows")}, DAY)
    with pytest.raises(InputError, match="one: step submitted; two: step submitted; both: step submitted"):
        register.record("both", {"step submitted": of(ids(range(190)), "rows")}, DAY)


def test_forty_more_people_of_whom_three_were_not_found_are_an_honest_repeat(register: Register) -> None:
    def ladder(everybody: int, lost: int) -> dict[str, ShownTable]:
        return {
            "step submitted": of(ids(range(everybody)), "rows"),
            "step linked": of(ids(range(20, everybody - lost)), "people"),
            "everyone, analysed": of(ids(range(40, everybody - lost))),
        }

    register.record("first", ladder(213, 0), DAY)
    register.record("again", ladder(253, 3), DAY)
    assert {release for release, _ in register.releases()} == {"first", "again"}


def test_the_advice_can_be_followed(register: Register) -> None:
    register.record("first", {"everyone": of(ids(range(100))), "step linked": of(ids(range(200)), "people")}, DAY)
    cases: list[tuple[dict[str, ShownTable], str]] = [
        ({"everyone": of(ids(range(300))), "men": of(ids(range(97)), "analysis")}, "Leave these analyses out of the study: men."),
        ({"everyone": of(ids(range(103)))}, "wait until at least 10 more people"),
        ({"step linked": of(ids(range(203)), "people")}, "Send exactly the same people"),
    ]
    for tables, words in cases:
        with pytest.raises(InputError) as refused:
            register.record("second", tables, DAY)
        assert words in " ".join(refused.value.faults)


def test_a_register_of_an_earlier_version_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(32))
    with closing(sqlite3.connect(tmp_path / "old")) as connection:
        connection.execute("create table about (format integer not null, key_fingerprint blob not null)")
        connection.execute("insert into about values (1, x'00')")
        connection.commit()
    with pytest.raises(InputError, match="Name a new file, and run every study in it again"):
        open_register(tmp_path / "old", tmp_path / "key")


def test_tables_too_tangled_to_be_cleared_in_time_are_refused(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differencing, "MOST_SECONDS_IN_ALL", -1.0)
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    with pytest.raises(InputError, match="nobody can be sure"):
        register.record("second", {"everyone": of(ids(range(3, 103)))}, DAY)


def test_no_person_id_is_in_the_file_and_the_codes_need_the_key(register: Register, tmp_path: Path) -> None:
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
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
    register.record("first", {"everyone": of(ids(range(100)))}, DAY)
    with sqlite3.connect(register.path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def _copy(register: Register, tmp_path: Path, name: str) -> Register:
    (tmp_path / name).write_bytes(register.path.read_bytes())
    return open_register(tmp_path / name, tmp_path / "key")


def test_what_a_run_recorded_in_its_copy_is_adopted_once(register: Register, tmp_path: Path) -> None:
    register.record("old", {"everyone": of(ids(range(50)))}, DAY)
    copy = _copy(register, tmp_path, "copy")
    copy.record("new", {"everyone": of(ids(range(100, 200))), "completers": of(ids(range(100, 140)), "analysis")}, DAY)
    assert register.adopt(copy, "new") == 2
    assert register.adopt(copy, "new") == 0
    assert register.releases() == (("new", DAY), ("old", DAY))
    assert {(item.table, item.members, item.parts) for item in register.populations()} == {
        (item.table, item.members, item.parts) for item in copy.populations()
    }


def test_two_runs_that_did_not_know_of_each_other_are_compared_when_they_are_adopted(register: Register, tmp_path: Path) -> None:
    first, second = (_copy(register, tmp_path, name) for name in ("first", "second"))
    first.record("first", {"everyone": of(ids(range(100)))}, DAY)
    second.record("second", {"everyone": of(ids(range(103)))}, DAY)
    register.adopt(first, "first")
    with pytest.raises(InputError, match="first: everyone; second: everyone"):
        register.adopt(second, "second")
    assert register.releases() == (("first", DAY),)


def test_a_run_again_over_other_people_is_adopted_beside_the_first(register: Register, tmp_path: Path) -> None:
    register.record("study", {"everyone": of(ids(range(100)))}, DAY)
    copy = _copy(register, tmp_path, "copy")
    copy.record("study", {"everyone": of(ids(range(150)))}, DAY)
    assert register.adopt(copy, "study") == 1
    assert {item.table for item in register.populations()} == {"everyone", "everyone (2)"}


def test_a_release_that_the_other_register_does_not_hold_is_refused(register: Register, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no release"):
        register.adopt(_copy(register, tmp_path, "copy"), "nothing")
