"""The register's file (SQLite) and its key: released populations as keyed codes, appended once, never changed.

Not protected: who holds both file and key can test whether a known person id is in a table. Keep the key elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from datalab.disclosure.differencing import Exposure, Population
from datalab.errors import InputError, UsageError
from datalab.register.contents import ALL, Coded, append, population_of, read_coded, read_populations
from datalab.register.near import find_near_or_combined
from datalab.register.tables import ShownTable
from datalab.wording import say

FORMAT = 2
FILE_MODE = 0o600
SHORTEST_KEY = 32  # bytes
CODE_BYTES = 16  # of the HMAC: two people of a billion share a code with a chance below 1e-20
_FINGERPRINT = b"differencing register"
_TABLES = """
create table about (format integer not null, key_fingerprint blob not null);
create table release (id text primary key, made_on text not null) without rowid;
create table population (
    place integer primary key, release text not null references release, name text not null, kind text not null,
    people integer not null, unique (release, name));
create table member (
    population integer not null references population, person blob not null, part blob not null, whole blob not null,
    primary key (population, person, part, whole)) without rowid;
create index member_person on member (person, population)"""
_APPEND_ONLY = tuple(
    f"create trigger no_{act}_{table} before {act} on {table} begin select raise(abort, 'the register is append-only'); end"
    for table in ("about", "release", "population", "member")
    for act in ("update", "delete")
)


@dataclass(frozen=True)
class Register:
    """An open register: where it lies and the key of its codes. Reads and appends; nothing in it is ever changed."""

    path: Path
    key: bytes

    def code(self, person_id: str) -> bytes:
        """The keyed code of a person, or of what of a person is counted (HMAC-SHA256, 16 bytes); without the key it tells
        nothing."""
        return hmac.new(self.key, person_id.encode(), hashlib.sha256).digest()[:CODE_BYTES]

    def releases(self) -> tuple[tuple[str, str], ...]:
        """Every release that is registered and the day it was made, oldest first."""
        with _session(self.path) as connection:
            rows = connection.execute("select id, made_on from release order by made_on, id").fetchall()
        return tuple((str(name), str(day)) for name, day in rows)

    def populations(self) -> tuple[Population, ...]:
        """Every population that is registered, in the order they came."""
        with _session(self.path) as connection:
            return tuple(read_populations(connection, ALL))

    def record(self, release: str, tables: Mapping[str, ShownTable], made_on: str, fewest: int = 10) -> None:
        """Checks the tables and appends them, both under one lock. made_on: the study's day, as 2016-01-31.

        Raises InputError, which names the tables but nobody, where they would expose few people; then nothing is written.
        No flag, profile or signature gets round it. Recording the same tables again changes nothing.
        """
        self._record(release, [self._coded(release, name, tables[name]) for name in sorted(tables)], made_on, fewest)

    def adopt(self, other: Register, release: str, fewest: int = 10) -> int:
        """Records here what another register of the same key holds of a release; how many of its tables were new.

        A run compares with a copy of the register and is recorded in that copy alone; what became of the original meanwhile
        is compared with here. Raises InputError as `record` does, and where the other register has no such release.
        """
        made_on = dict(other.releases()).get(release)
        if made_on is None or not hmac.compare_digest(self.key, other.key):
            raise InputError(say("register.file.no_release", path=other.path, release=release))
        with _session(other.path) as connection:
            coded = list(read_coded(connection, release))
        with _session(self.path) as connection:
            known = {(item.table.kind, item.rows) for item in read_coded(connection, release)}
        coded = [item for item in coded if (item.table.kind, item.rows) not in known]
        self._record(release, coded, made_on, fewest)
        return len(coded)

    def _record(self, release: str, coded: Sequence[Coded], made_on: str, fewest: int) -> None:
        with _session(self.path) as connection:
            connection.execute("begin immediate")
            require_apart(find_near_or_combined(connection, coded, fewest), coded, fewest)
            append(connection, release, coded, made_on)
            connection.execute("commit")

    def _coded(self, release: str, name: str, table: ShownTable) -> Coded:
        """The table in codes; a part's code holds the person too, so that nobody sees who shares a date."""
        rows = {(self.code(person), *(self.code(f"{person}|{part}") for part in parts)) for person, *parts in table.members}
        return Coded(table, population_of(release, name, rows), tuple(sorted(rows)))


def require_apart(exposure: Exposure | None, new: Sequence[Coded], fewest: int = 10) -> None:
    """Refuses a release that would expose few people (InputError); says which tables, and what can be done."""
    if exposure is None:
        return
    key = "exposes" if exposure.people else "tangled"
    ours = [item for item in new if item.population.name in exposure.tables]
    spare = [item.population.table for item in ours if item.table.can_be_left_out]
    advice = (
        say("register.refused.leave_out", tables="; ".join(spare), fewest=fewest)
        if spare
        else say("register.refused.wait", fewest=fewest)
    )
    raise InputError(say(f"register.refused.{key}", tables="; ".join(exposure.tables), fewest=fewest), (advice,))


def open_register(path: Path, key_file: Path) -> Register:
    """The register at `path`, made (mode 0600) where there is none, with the key in `key_file` (32 random bytes or more).

    Raises UsageError where the key is missing or short, or is not the one the register was made with, InputError where the
    file is no register.
    """
    key = _read_key(key_file)
    register = Register(path, key)
    print_of_key = hmac.new(key, _FINGERPRINT, hashlib.sha256).digest()
    if not path.exists():
        _make(path, print_of_key)
    with _session(path) as connection:
        found = connection.execute("select format, key_fingerprint from about").fetchone()
    if found is None or found[0] != FORMAT:
        older = found is not None and found[0] < FORMAT
        raise InputError(say(f"register.file.{'older' if older else 'format'}", path=path, format=FORMAT))
    if not hmac.compare_digest(bytes(found[1]), print_of_key):
        raise UsageError(say("register.file.other_key", path=path))
    return register


def open_asked(path: Path | None, key_file: Path | None) -> Register | None:
    """The register that was asked for, None where neither file was named. Raises UsageError where only one of them was."""
    if path is None and key_file is None:
        return None
    if path is None or key_file is None:
        raise UsageError(say("register.file.both"))
    return open_register(path, key_file)


def _read_key(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(say("register.key.missing", path=path))
    key = path.read_bytes()
    if len(key) < SHORTEST_KEY:
        raise UsageError(say("register.key.short", path=path, least=SHORTEST_KEY, count=len(key)))
    return key


def _make(path: Path, print_of_key: bytes) -> None:
    if not path.parent.is_dir():
        raise UsageError(say("register.file.no_folder", path=path.parent))
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    with _session(path) as connection:
        connection.execute("begin immediate")
        for statement in (*_TABLES.split(";"), *_APPEND_ONLY):
            connection.execute(statement)
        connection.execute("insert into about values (?, ?)", (FORMAT, print_of_key))
        connection.execute("commit")


@contextmanager
def _session(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that rolls back what was not committed; a file that is no register is refused in words."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
            connection.execute("pragma foreign_keys = on")
            yield connection
    except sqlite3.DatabaseError as error:
        raise InputError(say("register.file.unreadable", path=path)) from error
