"""A country of any size in bounded memory: made a block of people at a time, each appended to the same Parquet files.

Every block has draws of its own and all the programmes; the numbers of rows run on from block to block, so that ids, police
and prison numbers stay unique. A country of one block is the one that `make_world` and `write_world` make, byte for byte.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from datalab.constraints import Range, require
from datalab.progress import Progress, Silent
from datalab.synthetic.uploads import COLUMNS, reference
from datalab.synthetic.world import TODAY, World, make_world
from datalab.synthetic.writers import Facts, Sent, open_central_files, sent_by, write_sent
from datalab.wording import say

BLOCK = 250_000  # people; about 2.5 GB while a block is made
PEOPLE = Range(500, 9_900_000, whole=True, hint="A demonstration takes 50,000.")
_DIGITS = 8  # of the number after the letter of an id


def write_country(
    people: int, seed: int, folder: Path, *, replicates: int = 200, block: int = BLOCK, progress: Progress | None = None
) -> None:
    """Makes a country of so many people and writes it to `folder` as `write_world` does, in memory for one block of people.

    The same arguments give the same bytes on the same lock and platform. Raises UsageError for people out of range.
    """
    require({"people": PEOPLE}, {"people": people})
    shown = progress or Silent()
    sizes = [min(block, people - first) for first in range(0, people, block)]
    if len(sizes) > 1 and sizes[-1] < PEOPLE.low:
        sizes[-2:] = [sizes[-2] + sizes[-1]]
    rows: dict[str, int] = {}
    sent: dict[str, Sent] = {}
    if len(sizes) > 1:
        shown.stage(say("synthetic.stages.blocks"), people)
    with open_central_files(folder) as files:
        for number, size in enumerate(sizes):
            inner = shown if len(sizes) == 1 else None
            first = sum(sizes[:number])
            world = make_world(size, block_seed(seed, number), replicates=replicates, first=first, progress=inner)
            files.append({name: move_ids(table, rows) for name, table in world.tables.items() if name != "coverage" or not first})
            for one in sent_by(world):
                sent[one.programme.name] = _join(sent.get(one.programme.name), one, rows)
            _count(rows, world)
            if inner is None:
                shown.step(first + size)
    write_sent(tuple(sent.values()), Facts(people, seed, TODAY, 0.0, replicates), folder)


def block_seed(seed: int, number: int) -> int:
    """The seed of a block: the country's own for the first.

    >>> block_seed(7, 0), block_seed(7, 1) != block_seed(7, 2)
    (7, True)
    """
    return seed if number == 0 else int.from_bytes(hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=4).digest()) >> 1


def move_ids(table: pa.Table, rows: dict[str, int]) -> pa.Table:
    """The table with every id moved on by the rows that stand before it (by column: highest number so far).

    >>> move_ids(pa.table({"person_id": ["P00000001"]}), {"person_id": 4})["person_id"].to_pylist()
    ['P00000005']
    """
    for name in table.column_names:
        if rows.get(name):
            column = table[name]
            number = pc.add(pc.cast(pc.utf8_slice_codeunits(column, 1), pa.int64()), rows[name])
            text = pc.utf8_lpad(pc.cast(number, pa.string()), _DIGITS, "0")
            letter = pc.utf8_slice_codeunits(column, 0, 1)
            table = table.set_column(table.column_names.index(name), name, pc.binary_join_element_wise(letter, text, ""))
    return table


def _count(rows: dict[str, int], world: World) -> None:
    """Adds the highest number of each kind of id in a block to the numbers so far."""
    for table in world.tables.values():
        own = table.column_names[0]
        if own.endswith("_id") and table.num_rows:
            rows[own] = rows.get(own, 0) + int(pc.max(pc.cast(pc.utf8_slice_codeunits(table[own], 1), pa.int64())).as_py())


def _join(before: Sent | None, new: Sent, rows: dict[str, int]) -> Sent:
    """What was sent in so far, with the rows of another block after it."""
    if before is None:
        return new
    truth = move_ids(new.truth, rows)
    place = truth.column_names.index("row")
    truth = truth.set_column(place, "row", pc.add(truth["row"], len(before.rows)))
    named = tuple(_referred(row, reference(new.programme, len(before.rows) + at)) for at, row in enumerate(new.rows))
    return Sent(new.programme, before.rows + named, pa.concat_tables([before.truth, truth]))


def _referred(row: tuple[str, ...], text: str) -> tuple[str, ...]:
    place = COLUMNS.index("reference")
    return (*row[:place], text, *row[place + 1 :])
