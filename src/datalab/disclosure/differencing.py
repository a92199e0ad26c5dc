"""Differencing: can any sum or difference of published tables tell about a few people alone? (The register keeps the tables.)

A published table tells sums over its population. People who are in exactly the same tables are one atom; what can be worked
out is every linear combination of the tables, as a row of numbers over the atoms. If some combination is 0 for all but a few
people, those few are exposed: this holds the subtraction of two tables, of yearly tables from a pooled one, of men from
everyone, and chains of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datalab.table import Floats

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Code = bytes
Members = frozenset[Code]
# For one program; a web of tables too tangled to be cleared in that time is refused.
MOST_SECONDS = 10.0
SOLVED, INFEASIBLE = 0, 2  # as scipy's `milp` has them
_ZERO = 1e-9
_SEEN = 1e-6  # the solver's own tolerance


@dataclass(frozen=True)
class Population:
    """Who is in one published table. release, table: names for people; members: codes of persons, never who they are."""

    release: str
    table: str
    members: Members


@dataclass(frozen=True)
class Exposure:
    """Tables that together tell about `people` people alone (0: too many tables hang together to be sure that none do)."""

    tables: tuple[str, ...]
    people: int


class TooManyError(Exception):
    """Too many tables hang together to be sure within reasonable time."""


@dataclass(frozen=True)
class _Web:
    """Tables by atoms: incidence (m, a) of 0 and 1, people in each atom (a,)."""

    names: tuple[str, ...]
    incidence: Floats
    sizes: tuple[int, ...]


def find_exposure(new: Sequence[Population], earlier: Sequence[Population], fewest: int = 10) -> Exposure | None:
    """How the new tables, with each other and with earlier ones, would expose fewer than `fewest` people; None if they do not.

    Exact: every linear combination of all tables that hang together with the new ones by shared people is considered. The
    plain case is named first: two tables whose populations differ by 1 to `fewest` - 1 people. Source: the differencing
    problem of statistical disclosure control (Duncan, Elliot and Salazar 2011).

    >>> year, more = frozenset(bytes([i]) for i in range(40)), frozenset(bytes([i]) for i in range(43))
    >>> find_exposure([Population("b", "all", more)], [Population("a", "all", year)])
    Exposure(tables=('a: all', 'b: all'), people=3)
    """
    distinct = _distinct([*new, *_hanging_together(new, earlier)])
    return _plain_difference(distinct, {item.members for item in new}, fewest) or _combination(_web(distinct), fewest)


def _distinct(populations: Sequence[Population]) -> tuple[Population, ...]:
    """One table a population: the same people twice tell nothing new. Order: by size, then name, for the same answer always."""
    kept: dict[Members, Population] = {}
    for item in populations:
        if item.members:
            kept.setdefault(item.members, item)
    return tuple(sorted(kept.values(), key=lambda item: (len(item.members), item.release, item.table)))


def _hanging_together(new: Sequence[Population], earlier: Sequence[Population]) -> tuple[Population, ...]:
    """Earlier tables that share people with the new ones, or with such a table, and so on."""
    reached = set().union(*(item.members for item in new))
    kept: list[Population] = []
    waiting = list(earlier)
    while touching := [item for item in waiting if item.members & reached]:
        kept += touching
        waiting = [item for item in waiting if not item.members & reached]
        reached |= set().union(*(item.members for item in touching))
    return tuple(kept)


def _plain_difference(tables: Sequence[Population], new: set[Members], fewest: int) -> Exposure | None:
    for one in tables:
        for other in tables:
            if one is other or not {one.members, other.members} & new or not one.members & other.members:
                continue
            few = len(other.members - one.members)
            if one.members < other.members and few < fewest:
                return Exposure((_name(one), _name(other)), few)
    return None


def _name(item: Population) -> str:
    return f"{item.release}: {item.table}"


def _web(tables: Sequence[Population]) -> _Web:
    in_tables: defaultdict[Code, list[int]] = defaultdict(list)
    for place, item in enumerate(tables):
        for code in item.members:
            in_tables[code].append(place)
    sizes: defaultdict[tuple[int, ...], int] = defaultdict(int)
    for places in in_tables.values():
        sizes[tuple(places)] += 1
    atoms = sorted(sizes)
    incidence = np.zeros((len(tables), len(atoms)))
    for column, atom in enumerate(atoms):
        incidence[list(atom), column] = 1.0
    return _Web(tuple(_name(item) for item in tables), incidence, tuple(sizes[atom] for atom in atoms))


def _combination(web: _Web, fewest: int) -> Exposure | None:
    """The tables of a combination that tells about fewer than `fewest` people, by name."""
    try:
        found = combine_to_few(web.incidence, web.sizes, fewest)
    except TooManyError:
        return Exposure(web.names, 0)
    if found is None:
        return None
    weights, atoms = found
    used = np.abs(weights) > _ZERO
    names = tuple(name for name, is_used in zip(web.names, used, strict=True) if is_used)
    return Exposure(names, sum(web.sizes[atom] for atom in atoms))


def combine_to_few(incidence: Floats, sizes: Sequence[int], fewest: int) -> tuple[Floats, tuple[int, ...]] | None:
    """A combination of tables that is 0 on all but fewer than `fewest` people: its weights (m,) and the atoms left; or None.

    incidence (m, a): 1 where atom a (people in the same tables) is in table m. sizes: people in each atom. Combinations that
    are 0 on every atom of `fewest` people or more are the null space of those columns; among them one is sought whose other
    atoms together are few. Raises TooManyError where that cannot be settled in MOST_SECONDS.

    >>> combine_to_few(np.array([[1.0, 1.0], [1.0, 0.0]]), (50, 3), 10)[1]
    (1,)
    """
    small = [place for place, size in enumerate(sizes) if size < fewest]
    large = [place for place, size in enumerate(sizes) if size >= fewest]
    free = null_space(incidence[:, large].T) if large else np.eye(incidence.shape[0])
    told = free.T @ incidence[:, small]
    if not small or not told.size or np.abs(told).max() < _ZERO:
        return None
    people = np.array([sizes[place] for place in small], dtype=np.float64)
    for largest in range(len(small)):
        if np.abs(told[:, largest]).max() < _ZERO:
            continue
        if (found := _fewest_with(told, people, largest, fewest)) is not None:
            left = tuple(small[place] for place in np.flatnonzero(np.abs(found @ told) > _SEEN))
            return np.asarray(free @ found, dtype=np.float64), left
    return None


def _fewest_with(told: Floats, people: Floats, largest: int, fewest: int) -> Floats | None:
    """The combination (r,) of the rows of `told` with the fewest people, if fewer than `fewest`, among those whose largest
    entry is 1 at the atom `largest`.

    A mixed integer program: the number of people in the atoms that are used, each used where its entry is not 0. Since no entry
    is beyond 1, its relaxation bounds it from below, so most atoms are done with a linear program. Raises TooManyError where
    the program is not solved to the end.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (slow to load, and most releases need none)

    rows, atoms = told.shape
    entries, used = np.hstack([told.T, np.zeros((atoms, atoms))]), np.hstack([np.zeros((atoms, rows)), np.eye(atoms)])
    limits = [LinearConstraint(entries - used, -np.inf, 0.0), LinearConstraint(-entries - used, -np.inf, 0.0)]
    limits.append(LinearConstraint(entries[largest], 1.0, 1.0))
    bounds = Bounds(np.r_[np.full(rows, -np.inf), np.zeros(atoms)], np.r_[np.full(rows, np.inf), np.ones(atoms)])
    cost = np.r_[np.zeros(rows), people]
    relaxed = milp(cost, constraints=limits, bounds=bounds)
    if relaxed.status == INFEASIBLE or _people_of(relaxed) >= fewest - _SEEN:
        return None
    whole = np.r_[np.zeros(rows), np.ones(atoms)]
    exact = milp(cost, constraints=limits, bounds=bounds, integrality=whole, options={"time_limit": MOST_SECONDS})
    if exact.status != SOLVED or exact.x is None:
        raise TooManyError
    return np.asarray(exact.x[:rows]) if _people_of(exact) < fewest - _SEEN else None


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


def populations(release: str, tables: Mapping[str, Members]) -> tuple[Population, ...]:
    """The tables of one release as populations, in order of their names."""
    return tuple(Population(release, name, tables[name]) for name in sorted(tables))
