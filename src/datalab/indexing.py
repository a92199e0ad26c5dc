"""`index build`: the central people prepared once, on disk, for every upload that is linked against them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datalab.engines import duckdb as engine
from datalab.fields.justice.tables import TABLES
from datalab.linkage import IndexCard, write_index
from datalab.linkage.store import BESIDE
from datalab.links import IDENTITY, model_of
from datalab.progress import Progress
from datalab.schema.store import open_central

# All that linkage reads of the central records.
READ = tuple(table for table in TABLES if table.name in ("person", "identity"))


@dataclass(frozen=True)
class BuiltIndex:
    """An index that stands: where, and what it was made of.

    >>> BuiltIndex(Path("out/index.duckdb"), 5, "0" * 64, "model_2026_11_26").people
    5
    """

    path: Path
    people: int
    version: str
    model_version: str


def build_index(
    central: Path,
    out: Path | None = None,
    *,
    linkage_model: Path | None = None,
    memory: str = engine.MEMORY,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> BuiltIndex:
    """Prepares the index of a central folder and writes it to `out` (default: in that folder, where every run looks).

    linkage_model: a model file in place of the package's own. memory: what the database may use. Raises CentralDataError
    where the records do not obey their schema, InputError for a bad model, UsageError where a file is in the way; on any
    error nothing is left. No randomness.

    >>> from datalab.indexing import build_index
    >>> build_index(Path("no-such-folder"))
    Traceback (most recent call last):
    datalab.errors.CentralDataError: The central data must be a folder with one Parquet file a table and central.json. ...
    """
    model, path = model_of(linkage_model), out or central / BESIDE
    with engine.session(memory=memory) as connection:
        found = open_central(connection, central, READ)
        card: IndexCard = write_index(connection, model, found.sha256[IDENTITY], path, overwrite=overwrite, progress=progress)
    return BuiltIndex(path, card.size.people, card.version, card.model_version)
