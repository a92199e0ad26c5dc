"""Differencing: can any sum or difference of published tables tell about a few people alone? (The register keeps the tables.)

A published table tells sums over its population. People who are in exactly the same tables are one atom; what can be worked
out is every linear combination of the tables, as a row of numbers over the atoms. If some combination is 0 for all but a few
people, those few are exposed: this holds the subtraction of two tables, of yearly tables from a pooled one, of men from
everyone, and chains of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from datalab.table import Floats, Ints

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Code = bytes
Members = frozenset[Code]
Column = tuple[Code, Code]  # a person, and what of the person
Columns = frozenset[Column]
# For one program; a web of tables too tangled to be cleared in that time is refused.
MOST_SECONDS = 10.0
MOST_SECONDS_IN_ALL = 60.0
SOLVED, INFEASIBLE = 0, 2  # as scipy's `milp` has them
_ZERO = 1e-9
_SEEN = 1e-6  # the solver's own tolerance


@dataclass(frozen=True)
class Population:
    """Who is in one published table. release, table: names for people; members: codes of persons, never who they are.

    parts: what of each person is in the table, as (person, part) codes, in one or several ways of telling: the index event,
    the event with its clock. Of one person two tables may hold different events; their difference then tells about that person.
    """

    release: str
    table: str
    members: Members
    parts: tuple[Columns, ...] = ()

    @property
    def name(self) -> str:
        """The table as people know it."""
        return f"{self.release}: {self.table}"

    def told(self) -> tuple[Columns, ...]:
        """The table by persons, and by every part."""
        return (frozenset((code, b"") for code in self.members), *self.parts)


@dataclass(frozen=True)
class Exposure:
    """Tables that together tell about `people` people alone (0: too many tables hang together to be sure that none do)."""

    tables: tuple[str, ...]
    people: int


class TooManyError(Exception):
    """Too many tables hang together to be sure within reasonable time."""


@dataclass(frozen=True)
class _Table:
    """One table in one way of telling: (person, part) codes."""

    name: str
    columns: Columns


@dataclass(frozen=True)
class _Web:
    """Tables by kinds of part: incidence (m, c) of 0 and 1, the atom that each kind is of (c,), people in each atom (a,)."""

    names: tuple[str, ...]
    incidence: Floats
    atoms: tuple[int, ...]
    sizes: tuple[int, ...]


def find_exposure(new: Sequence[Population], earlier: Sequence[Population], fewest: int = 10) -> Exposure | None:
    """How the new tables, with each other and with earlier ones, would expose fewer than `fewest` people; None if they do not.

    Exact: every linear combination of all tables that hang together with the new ones by shared people is considered, once by
    persons and once by each kind of part. The plain case is named first: two tables whose populations differ by 1 to `fewest`
    - 1 people. Source: the differencing problem of statistical disclosure control (Duncan, Elliot and Salazar 2011).

    >>> year, more = frozenset(bytes([i]) for i in range(40)), frozenset(bytes([i]) for i in range(43))
    >>> find_exposure([Population("b", "all", more)], [Population("a", "all", year)])
    Exposure(tables=('a: all', 'b: all'), people=3)
    """
    for place in range(max((len(item.parts) for item in new), default=0) + 1):
        ours = _distinct(new, place)
        tables = _hanging_together(ours, _unsettled(_distinct([*new, *earlier], place), fewest))
        if (found := _plain_difference(tables, {table.columns for table in ours}, fewest)) is not None:
            return found
        if tables and (found := _combination(_web(tables), fewest)) is not None:
            return found
    return None


def count_apart(one: Population, other: Population) -> tuple[int, ...]:
    """People in whom two tables differ: by persons, then by each kind of part that both know.

    >>> count_apart(Population("a", "all", frozenset({b"1", b"2"})), Population("b", "all", frozenset({b"2"})))
    (1,)
    """
    pairs = zip(one.told(), other.told(), strict=False)
    return tuple(len({person for person, _ in mine ^ theirs}) for mine, theirs in pairs)


def _distinct(populations: Sequence[Population], place: int) -> tuple[_Table, ...]:
    """One table a population: the same people twice tell nothing new. Order: by size, then name, for the same answer always."""
    kept: dict[Columns, _Table] = {}
    for item in sorted(populations, key=lambda item: (len(item.members), item.release, item.table)):
        told = item.told()
        if item.members and place < len(told):
            kept.setdefault(told[place], _Table(item.name, told[place]))
    return tuple(kept.values())


def _unsettled(tables: Sequence[_Table], fewest: int) -> tuple[_Table, ...]:
    """The tables that can have a part in a combination that tells about few people.

    A table with `fewest` people who are in no other cannot: it would tell about them. Without it others are alone in turn.
    """
    within: defaultdict[Column, set[int]] = defaultdict(set)
    for place, table in enumerate(tables):
        for column in table.columns:
            within[column].add(place)
    alone: list[set[Code]] = [set() for _ in tables]
    for (person, _), places in within.items():
        if len(places) == 1:
            alone[next(iter(places))].add(person)
    waiting = [place for place, people in enumerate(alone) if len(people) >= fewest]
    settled: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place in settled:
            continue
        settled.add(place)
        for column in tables[place].columns:
            within[column].discard(place)
            if len(within[column]) == 1:
                (last,) = within[column]
                alone[last].add(column[0])
                waiting += [last] if len(alone[last]) >= fewest else []
    return tuple(table for place, table in enumerate(tables) if place not in settled)


def _hanging_together(ours: Sequence[_Table], tables: Sequence[_Table]) -> tuple[_Table, ...]:
    """The tables that share people with one of ours that is among them, or with such a table, and so on."""
    of_ours = {table.columns for table in ours}
    touching = [table for table in tables if table.columns in of_ours]
    waiting = [table for table in tables if table.columns not in of_ours]
    kept: list[_Table] = []
    while touching:
        kept += touching
        reached = {person for table in touching for person, _ in table.columns}
        near = [any(person in reached for person, _ in table.columns) for table in waiting]
        touching = [table for table, is_near in zip(waiting, near, strict=True) if is_near]
        waiting = [table for table, is_near in zip(waiting, near, strict=True) if not is_near]
    return tuple(sorted(kept, key=lambda table: (len(table.columns), table.name)))


def _plain_difference(tables: Sequence[_Table], new: set[Columns], fewest: int) -> Exposure | None:
    for one in tables:
        for other in tables:
            if {one.columns, other.columns} & new and one.columns < other.columns:
                few = len({person for person, _ in other.columns - one.columns})
                if few < fewest:
                    return Exposure((one.name, other.name), few)
    return None


def _web(tables: Sequence[_Table]) -> _Web:
    """People whose parts are in the same tables are one atom; it has a column for each kind of part that they have."""
    in_tables: defaultdict[Column, list[int]] = defaultdict(list)
    for place, table in enumerate(tables):
        for column in table.columns:
            in_tables[column].append(place)
    kinds: defaultdict[Code, set[tuple[int, ...]]] = defaultdict(set)
    for (person, _), places in in_tables.items():
        kinds[person].add(tuple(places))
    sizes = Counter(tuple(sorted(found)) for found in kinds.values())
    atoms = sorted(sizes)
    parts = [(number, held) for number, atom in enumerate(atoms) for held in atom]
    incidence = np.zeros((len(tables), len(parts)))
    for place, (_, held) in enumerate(parts):
        incidence[list(held), place] = 1.0
    names = tuple(table.name for table in tables)
    return _Web(names, incidence, tuple(number for number, _ in parts), tuple(sizes[atom] for atom in atoms))


def _combination(web: _Web, fewest: int) -> Exposure | None:
    """The tables of a combination that tells about fewer than `fewest` people, by name."""
    try:
        found = combine_to_few(web.incidence, web.sizes, fewest, web.atoms)
    except TooManyError:
        return Exposure(web.names, 0)
    if found is None:
        return None
    weights, atoms = found
    used = np.abs(weights) > _ZERO
    names = tuple(name for name, is_used in zip(web.names, used, strict=True) if is_used)
    return Exposure(names, sum(web.sizes[atom] for atom in atoms))


def combine_to_few(
    incidence: Floats, sizes: Sequence[int], fewest: int, atoms: Sequence[int] | None = None
) -> tuple[Floats, tuple[int, ...]] | None:
    """A combination of tables that is 0 on all but fewer than `fewest` people: its weights (m,) and the atoms left; or None.

    incidence (m, c): 1 where what column c holds (people in the same tables) is in table m. sizes: people in each atom. atoms:
    the atom that each column is of, where people may have several; None: each is one. Combinations that are 0 on every atom of
    `fewest` people or more are the null space of those columns; among them one is sought whose other atoms together are few.
    Raises TooManyError where that cannot be settled in MOST_SECONDS a program and MOST_SECONDS_IN_ALL.

    >>> combine_to_few(np.array([[1.0, 1.0], [1.0, 0.0]]), (50, 3), 10)[1]
    (1,)
    """
    owners = np.arange(incidence.shape[1]) if atoms is None else np.asarray(atoms, dtype=np.int64)
    is_small = np.asarray(sizes)[owners] < fewest
    large, columns = incidence[:, ~is_small], np.flatnonzero(is_small)
    free = null_space(large.T) if large.size else np.eye(incidence.shape[0])
    told = free.T @ incidence[:, columns]
    if not told.size or np.abs(told).max() < _ZERO:
        return None
    left, places = np.unique(owners[columns], return_inverse=True)
    few = _Few(told, places, np.asarray(sizes, dtype=np.float64)[left], fewest)
    end = monotonic() + MOST_SECONDS_IN_ALL
    for largest in range(columns.size):
        if np.abs(told[:, largest]).max() < _ZERO:
            continue
        if monotonic() > end:
            raise TooManyError
        if (found := _fewest_with(few, largest)) is not None:
            shown = np.unique(places[np.abs(found @ told) > _SEEN])
            return np.asarray(free @ found, dtype=np.float64), tuple(left[shown].tolist())
    return None


@dataclass(frozen=True)
class _Few:
    """The columns of small atoms: what r free combinations tell of each (r, c), its atom (c,), people in each atom (a,)."""

    told: Floats
    atoms: Ints
    people: Floats
    fewest: int


def _fewest_with(few: _Few, largest: int) -> Floats | None:
    """The combination (r,) of the rows of `told` with the fewest people, if fewer than `fewest`, among those whose largest
    entry is 1 at the column `largest`.

    A mixed integer program: the number of people in the atoms that are used, each used where an entry of it is not 0. Since no
    entry is beyond 1, its relaxation bounds it from below, so most are done with a linear program. Raises TooManyError where
    the program is not solved to the end.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (slow to load, and most releases need none)

    (rows, columns), atoms = few.told.shape, few.people.size
    entries = np.hstack([few.told.T, np.zeros((columns, atoms))])
    used = np.hstack([np.zeros((columns, rows)), np.eye(atoms)[few.atoms]])
    limits = [LinearConstraint(entries - used, -np.inf, 0.0), LinearConstraint(-entries - used, -np.inf, 0.0)]
    limits.append(LinearConstraint(entries[largest], 1.0, 1.0))
    bounds = Bounds(np.r_[np.full(rows, -np.inf), np.zeros(atoms)], np.r_[np.full(rows, np.inf), np.ones(atoms)])
    cost = np.r_[np.zeros(rows), few.people]
    relaxed = milp(cost, constraints=limits, bounds=bounds)
    if relaxed.status == INFEASIBLE or _people_of(relaxed) >= few.fewest - _SEEN:
        return None
    whole = np.r_[np.zeros(rows), np.ones(atoms)]
    exact = milp(cost, constraints=limits, bounds=bounds, integrality=whole, options={"time_limit": MOST_SECONDS})
    if exact.status != SOLVED or exact.x is None:
        raise TooManyError
    return np.asarray(exact.x[:rows]) if _people_of(exact) < few.fewest - _SEEN else None


def _people_of(program: OptimizeResult) -> float:
    """The number of people that a program came to; -inf where it was not solved, so that nothing is taken for cleared."""
    return float(program.fun) if program.status == SOLVED and program.fun is not None else -np.inf


def null_space(matrix: Floats) -> Floats:
    """Orthonormal columns (n, r) that the matrix (m, n) takes to 0. (numpy's, since scipy's takes longer to load than to run.)

    >>> null_space(np.array([[1.0, 1.0]])).shape
    (2, 1)
    """
    _, values, rows = np.linalg.svd(matrix, full_matrices=True)
    rank = int(np.count_nonzero(values > _ZERO * max(float(values.max(initial=0.0)), 1.0)))
    return np.asarray(rows[rank:].T, dtype=np.float64)
