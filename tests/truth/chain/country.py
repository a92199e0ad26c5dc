"""One made-up country without any programme: its records on disk, and a session in which the records of a few can change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from datalab.engines.duckdb import session
from datalab.engines.sql import hand_over
from datalab.linkage import IndexSize, Model, load_model, prepare_index
from datalab.schema.results import Central
from datalab.schema.store import open_central
from datalab.synthetic import TODAY, World, write_world
from datalab.synthetic.episodes import Columns
from datalab.synthetic.offending import offence_mix
from datalab.synthetic.records import Ledger, make_tables
from datalab.synthetic.world import Scene, keep_records, set_scene

# Rows of these tables go when the episode that they are of did not happen: table, its columns in the lives, its key.
OF_EPISODES = (
    ("occasion", "occasion", "occasion_id", "C"),
    ("custody", "custody", "spell_id", "S"),
    ("court_order", "order", "order_id", "R"),
)


ROUNDS = 4096  # more than anybody has episodes


@dataclass(frozen=True)
class Country:
    """people, seed: what makes it. scene, ledger: the same in memory, from which programmes are filled and uploads written."""

    people: int
    seed: int
    scene: Scene
    ledger: Ledger

    @cached_property
    def counting(self) -> Columns:
        """The offences that count as reoffences, by person and day, from the lives and not from the engine's queries."""
        rows = self.scene.lives.offence
        counts = (rows["recordable"] == 1) & (rows["jurisdiction"] == 0) & (rows["police"] == 1)
        counts &= rows["kind"] < offence_mix().first_breach
        order = np.flatnonzero(counts)[np.lexsort((rows["date"][counts], rows["person"][counts]))]
        return {name: rows[name][order] for name in ("person", "round", "date", "proven")}

    @cached_property
    def episode_starts(self) -> tuple[np.ndarray, np.ndarray]:
        """Every episode as person * ROUNDS + round, ascending, and the day of its first offence."""
        rows = self.scene.lives.offence
        key, place = np.unique(episode_key(rows["person"], rows["round"]), return_inverse=True)
        first = np.full(key.size, np.iinfo(np.int64).max)
        np.minimum.at(first, place, rows["date"].astype(np.int64))
        return key, first


def episode_key(person: np.ndarray, number: np.ndarray) -> np.ndarray:
    """One number for an episode of a person."""
    return person.astype(np.int64) * ROUNDS + number.astype(np.int64)


def make_country(people: int, seed: int) -> Country:
    """The country in memory; the same arguments give the same country in every process."""
    scene = set_scene(people, seed)
    return Country(people, seed, scene, keep_records(scene))


def write_country(country: Country, folder: Path) -> None:
    """Writes its central records, unless they are there."""
    if not (folder / "truth.json").is_file():
        tables = make_tables(country.scene.country, country.ledger)
        write_world(World(country.people, country.seed, TODAY, 0.0, 0, tables, ()), folder)


@dataclass(frozen=True)
class Office:
    """An open session on the country's records: everything that is prepared once and used for every programme."""

    country: Country
    connection: duckdb.DuckDBPyConnection
    central: Central
    model: Model
    index: IndexSize


@contextmanager
def open_office(country: Country, folder: Path) -> Iterator[Office]:
    """Opens the records as any run does, then lays over the four tables of episodes a view that leaves some rows out."""
    with session(threads=1) as connection:
        central = open_central(connection, folder / "central")
        for name in central.rows:
            connection.execute(f"create table all_{name} as select * from {name}").fetchall()
            connection.execute(f"create or replace view {name} as select * from all_{name}")
        undo(connection)
        keys = {table: key for table, _, key, _ in OF_EPISODES} | {"offence": "occasion_id"}
        for table, key in keys.items():
            gone = "gone_occasion" if table == "offence" else f"gone_{table}"
            connection.execute(
                f"create or replace view {table} as select * from all_{table} where {key} not in (select key from {gone})"
            )
        model = load_model()
        yield Office(country, connection, central, model, prepare_index(connection, model))


def undo(connection: duckdb.DuckDBPyConnection, episodes: np.ndarray | None = None, lives: Scene | None = None) -> None:
    """Takes these episodes (see episode_key) out of the records, and puts back those taken out before."""
    for table, name, _, letter in OF_EPISODES:
        keys = pa.array([], pa.string())
        if lives is not None and episodes is not None:
            rows: Columns = getattr(lives.lives, name)
            places = np.flatnonzero(np.isin(episode_key(rows["person"], rows["round"]), episodes))
            keys = pa.array([f"{letter}{place + 1:08d}" for place in places], pa.string())
        hand_over(connection, f"gone_{table}", pa.table({"key": keys}))
