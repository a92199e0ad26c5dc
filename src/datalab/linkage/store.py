"""The file of a prepared index: written whole or not at all, opened read-only, refused by name where it does not fit."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from datalab.engines.central import is_readable
from datalab.errors import CentralDataError, DataLabError, UsageError
from datalab.linkage.card import IndexCard, make_card, misfits, read_card
from datalab.linkage.index import IndexSize, drop_index, index_tables, make_macros, prepare_index, show
from datalab.linkage.model import Model
from datalab.progress import Progress, Silent
from datalab.wording import say

# Where a run looks for an index that nobody named: in the central folder.
BESIDE = "linkage-index.duckdb"
NAME = "linkage_index"
FILE_MODE = 0o600  # it holds every identity


@dataclass(frozen=True)
class IndexPlace:
    """Which index a run may use. named: the one asked for, which must fit. beside: one that is used if it is there and fits."""

    named: Path | None = None
    beside: Path | None = None


def write_index(
    connection: Any, model: Model, data_sha256: str, path: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> IndexCard:
    """Prepares the index of the connection's `identity` view and writes it to `path` (mode 0600), whole or not at all.

    data_sha256: of the file behind that view. Raises UsageError where a file is in the way, CentralDataError where there is
    nobody in the records.
    """
    if path.exists() and not (overwrite and path.is_file()):
        raise UsageError(say("store.store.file_in_the_way", path=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        card = _fill(connection, model, data_sha256, made, progress)
        made.chmod(FILE_MODE)
        os.replace(made, path)  # noqa: PTH105 (a rename that replaces on every system)
    return card


def _fill(connection: Any, model: Model, data_sha256: str, path: Path, progress: Progress | None) -> IndexCard:
    _attach(connection, path)
    try:
        size = prepare_index(connection, model, NAME, progress)
        if not size.people:
            raise CentralDataError(say("linkage.input.no_people"))
        card = make_card(model, data_sha256, size)
        connection.execute(f"create table {NAME}.card as select cast($text as varchar) as card", {"text": _text(card)}).fetchall()
        connection.execute(f"checkpoint {NAME}").fetchall()
    finally:
        drop_index(connection, model)
        connection.execute(f"detach {NAME}").fetchall()
    return card


def _text(card: IndexCard) -> str:
    return json.dumps(card.as_dict(), sort_keys=True)


def _attach(connection: Any, path: Path, mode: str = "") -> None:
    place = str(path).replace("'", "''")
    connection.execute(f"attach '{place}' as {NAME} {mode}").fetchall()


@contextmanager
def open_index(connection: Any, path: Path, model: Model) -> Iterator[IndexCard]:
    """The index in `path`, attached read-only, its tables under the names that linkage reads; detached at the end.

    Many processes may have it open. Raises CentralDataError where it is no such file. Whether it fits: `misfits`.
    """
    try:
        _attach(connection, path, "(read_only)")
    except duckdb.Error as error:
        raise CentralDataError(say("linkage.index.unreadable", path=path)) from error
    try:
        yield _open_card(connection, path)
    finally:
        drop_index(connection, model)
        connection.execute(f"detach {NAME}").fetchall()


def _open_card(connection: Any, path: Path) -> IndexCard:
    try:
        size = f"select block_size * total_blocks from pragma_database_size() where database_name = '{NAME}'"
        if path.stat().st_size < connection.execute(size).fetchall()[0][0]:
            raise LookupError  # it lost its end
        return read_card(json.loads(connection.execute(f"select card from {NAME}.card").fetchall()[0][0]))
    except (duckdb.Error, LookupError, TypeError, ValueError) as error:
        raise CentralDataError(say("linkage.index.unreadable", path=path)) from error


def check_index(connection: Any, path: Path, model: Model, data_sha256: str) -> IndexCard:
    """The card of the index in `path`. Raises CentralDataError, with every reason, where it does not fit."""
    if not path.is_file():
        raise CentralDataError(say("linkage.index.no_file", path=path))
    with open_index(connection, path, model) as card:
        if faults := misfits(card, model, data_sha256):
            raise CentralDataError(say("linkage.index.refused", path=path), faults)
    return card


@contextmanager
def found_index(
    connection: Any, place: IndexPlace, model: Model, data_sha256: str, progress: Progress | None = None
) -> Iterator[IndexSize | None]:
    """The index to link against, open while the block lasts; None where there is none that fits.

    One that was named must fit (CentralDataError, with every reason); one found beside the data that does not is passed over,
    and said.
    """
    tell, path = progress or Silent(), place.named or place.beside
    if path is None or (place.named is None and not path.is_file()):
        yield None
        return
    try:
        check_index(connection, path, model, data_sha256)
    except CentralDataError as error:
        if place.named is not None:
            raise
        tell.stage(say("linkage.index.passed_over", why=" ".join(error.faults) or error.message))
        yield None
        return
    with open_index(connection, path, model) as card:
        make_macros(connection)
        for table in index_tables(model):
            show(connection, NAME, table)
        with _blamed(connection, path, model):
            yield card.size


@contextmanager
def _blamed(connection: Any, path: Path, model: Model) -> Iterator[None]:
    """Tells an error that a damaged index is to blame for as such; any other stays what it is."""
    try:
        yield
    except DataLabError:
        raise  # foreseen, and so not read through for
    except Exception as error:
        if all(is_readable(connection, table) for table in index_tables(model)):
            raise
        raise CentralDataError(say("linkage.index.unreadable", path=path)) from error
