"""What lies in the register: how tables are found by the people they share, read, and appended."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from datalab.disclosure.differencing import Population
from datalab.register.tables import ShownTable

Row = tuple[bytes, ...]  # codes of a person and of what of the person is counted
WIDTH = 3
_TOUCHING = """
insert into reached
select distinct m.population, 1 from asked a join member m on m.person = a.person join population p on p.place = m.population
where p.kind not in ('people', 'rows') and m.population not in (select place from reached)"""
_OF_TOUCHING = """
insert or ignore into asked
select m.person from reached r join member m on m.population = r.place where r.is_new"""
ALL = "true"


@dataclass(frozen=True)
class Coded:
    """A table that is to be recorded: what it is, and its people in codes."""

    table: ShownTable
    population: Population
    rows: tuple[Row, ...]


def reach(connection: sqlite3.Connection, analyses: Sequence[Population]) -> str:
    """The places of the analyses that share people with these, or with such an analysis, and so on: found by the index."""
    connection.execute("create temp table reached (place integer primary key, is_new integer not null)")
    connection.execute("create temp table asked (person blob primary key) without rowid")
    ask(connection, set().union(*(item.members for item in analyses)))
    while connection.execute(_TOUCHING).rowcount:
        connection.execute("delete from asked")
        connection.execute(_OF_TOUCHING)
        connection.execute("update reached set is_new = 0")
    return "place in (select place from reached)"


def ask(connection: sqlite3.Connection, people: Collection[bytes]) -> None:
    """Makes these people those whose tables the next query finds."""
    connection.execute("delete from asked")
    connection.executemany("insert into asked values (?)", [(code,) for code in people])


def read_populations(connection: sqlite3.Connection, which: str) -> Iterator[Population]:
    """The populations that a condition on the table `population` chooses, in the order they came."""
    chosen = f"select place, release, name from population where {which} order by place"
    for place, release, name in connection.execute(chosen).fetchall():
        yield population_of(release, name, _rows(connection, place))


def read_coded(connection: sqlite3.Connection, release: str) -> Iterator[Coded]:
    """The tables of one release as they were recorded, in the order they came; who is in them stays in codes."""
    chosen = "select place, name, kind from population where release = ? order by place"
    for place, name, kind in connection.execute(chosen, (release,)).fetchall():
        rows = _rows(connection, place)
        yield Coded(ShownTable(kind, ()), population_of(release, name, rows), tuple(sorted(rows)))


def _rows(connection: sqlite3.Connection, place: int) -> set[Row]:
    found = connection.execute("select person, part, whole from member where population = ?", (place,))
    return {tuple(code for code in row if code) for row in found}


def population_of(release: str, name: str, rows: Collection[Row]) -> Population:
    """A table from its rows: a code of the person, and of each part that is known of everybody in it."""
    known = min((len(row) for row in rows), default=1)
    parts = tuple(frozenset((row[0], row[place]) for row in rows) for place in range(1, known))
    return Population(release, name, frozenset(row[0] for row in rows), parts)


def append(connection: sqlite3.Connection, release: str, new: Sequence[Coded], made_on: str) -> None:
    """Writes the tables of a release that are not there yet.

    A table of a release that is registered over other people gets a name of its own: both were made.
    """
    connection.execute("insert into release values (?, ?) on conflict do nothing", (release, made_on))
    of_ours = connection.execute("select place, kind from population where release = ?", (release,)).fetchall()
    ours = {(kind, frozenset(_rows(connection, place))) for place, kind in of_ours}
    for item in new:
        if (item.table.kind, frozenset(item.rows)) not in ours:
            _append_table(connection, release, item)


def _append_table(connection: sqlite3.Connection, release: str, item: Coded) -> None:
    table = item.population.table
    taken = connection.execute(
        "select count(*) from population where release = ? and (name = ? or name like ? || ' (%')", (release, table, table)
    ).fetchone()[0]
    name = table if not taken else f"{table} ({taken + 1})"
    values = (release, name, item.table.kind, len(item.population.members))
    place = connection.execute("insert into population (release, name, kind, people) values (?, ?, ?, ?)", values).lastrowid
    rows = [(place, *row, *(b"",) * (WIDTH - len(row))) for row in item.rows]
    connection.executemany("insert into member values (?, ?, ?, ?)", rows)
