"""Whether new tables are near what lies in the register: equal to another, or to two together, but for a few people."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from datalab.disclosure.differencing import Exposure, Population, count_apart, find_exposure
from datalab.register.contents import Coded, ask, reach, read_populations
from datalab.register.tables import STEPS

_SHARED = """
select p.place, p.name, p.kind, p.people, count(distinct m.person)
from asked a join member m on m.person = a.person join population p on p.place = m.population group by p.place order by p.place"""


@dataclass(frozen=True)
class Known:
    """A registered table, and how many of the people that were asked for it has."""

    place: int
    name: str
    kind: str
    people: int
    shared: int


Beside = Sequence[tuple[Coded, list[Known]]]  # new tables, each with those that have some of its people


def find_near_or_combined(connection: sqlite3.Connection, new: Sequence[Coded], fewest: int) -> Exposure | None:
    """Of analyses every combination with all that hangs together with them; a step of a ladder beside each other table.

    Steps publish counts alone. In any combination they would tell, of forty more people, that three were not found: that would
    refuse every honest repeat. So of them differences are compared, and sums of two with a third.
    """
    analyses = [item.population for item in new if item.table.kind not in STEPS]
    known = tuple(read_populations(connection, reach(connection, analyses)))
    if (found := find_exposure(analyses, known, fewest)) is not None:
        return found
    beside = [(item, _sharing(connection, item.population.members)) for item in new]
    return _find_near(connection, beside, fewest) or _find_sum(connection, beside, fewest)


def _find_near(connection: sqlite3.Connection, beside: Beside, fewest: int) -> Exposure | None:
    """Two tables, one of them a step of a ladder, that differ by few people. Steps of one release were settled before."""
    for item, sharing in beside:
        mine = len(item.population.members)
        near = [
            other.place for other in sharing if _are_compared(item, other) and mine + other.people - 2 * other.shared < fewest
        ]
        for other in read_populations(connection, f"place in ({', '.join(map(str, near))})"):
            few = [count for count in count_apart(item.population, other) if 0 < count < fewest]
            if few:
                return Exposure((other.name, item.population.name), few[0])
    return None


def _find_sum(connection: sqlite3.Connection, beside: Beside, fewest: int) -> Exposure | None:
    """Three tables, one of them a step of a ladder, of which one is the sum of the others but for a few people.

    One of a pair lies within the other but for a few; where a third has the rest of it, those three tell of the few. Only
    tables of the size of that rest are looked for, so that a register in which there are none is quick.
    """
    sizes = [people for (people,) in connection.execute("select people from population order by people")]
    for item, sharing in beside:
        mine = len(item.population.members)
        for other in sharing:
            lies_within = min(mine, other.people) - other.shared < fewest
            rest = abs(mine - other.people)
            if not lies_within or rest < fewest or not _is_one_of_three(item, other):
                continue
            if bisect_left(sizes, rest - 2 * fewest) == bisect_left(sizes, rest + 2 * fewest):
                continue
            (held,) = read_populations(connection, f"place = {other.place}")
            if (found := _sum_with(connection, item, (held, other), fewest)) is not None:
                return found
    return None


def _sum_with(connection: sqlite3.Connection, item: Coded, other: tuple[Population, Known], fewest: int) -> Exposure | None:
    """The third table that makes a sum of these two, but for a few people."""
    held, known = other
    small, large = sorted((item.population.members, held.members), key=len)
    rest = large - small
    for third in _sharing(connection, rest):
        is_compared = _is_one_of_three(item, third) and {item.table.kind, known.kind, third.kind} & {*STEPS}
        if not is_compared or third.place == known.place or len(rest) + third.people - 2 * third.shared >= 2 * fewest:
            continue
        (last,) = read_populations(connection, f"place = {third.place}")
        few = len((large ^ (small | last.members)) | (small & last.members))
        if 0 < few < fewest:
            return Exposure((*sorted((held.name, last.name)), item.population.name), few)
    return None


def _sharing(connection: sqlite3.Connection, people: Collection[bytes]) -> list[Known]:
    """The registered tables that have some of these people, in the order they came."""
    ask(connection, people)
    return [Known(*row) for row in connection.execute(_SHARED).fetchall()]


def _are_compared(item: Coded, other: Known) -> bool:
    """A step with anything that may be one of three with it."""
    return _is_one_of_three(item, other) and (other.kind in STEPS or item.table.kind in STEPS)


def _is_one_of_three(item: Coded, other: Known) -> bool:
    """Rows go with the rows of the same step, for a person may have several; all else goes with all else."""
    if "rows" in (other.kind, item.table.kind):
        return other.kind == item.table.kind and _step_of(other.name) == _step_of(item.population.table)
    return True


def _step_of(name: str) -> str:
    """The name of a table without the number that a second one of that name has."""
    return name.split(" (", maxsplit=1)[0]
