"""Opens a folder of central data: checks it against the schema, hashes it, and makes its tables views of a connection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datalab.engines.central import UnreadableTableError, attach_table, has_table, hash_table, is_readable
from datalab.engines.sql import Connection
from datalab.errors import CentralDataError
from datalab.fields.justice.tables import TABLES
from datalab.schema.blocks import Table
from datalab.schema.coverage import COHORT, Coverage, Window
from datalab.schema.results import Central
from datalab.schema.validation import reference_faults, row_faults, structure_faults
from datalab.store import sha256_file
from datalab.wording import say

CARD = "central.json"
CARD_FORMAT = 1


def open_central(connection: Connection, folder: Path, tables: tuple[Table, ...] = TABLES, *, quick: bool = False) -> Central:
    """Opens the central data in `folder` and makes each table a view of `connection`; no row is copied.

    quick: only files, columns and types are checked, not rows and references. Raises CentralDataError that names every
    fault with its count (never a value); the views of a refused folder are dropped.

    >>> from datalab.engines.duckdb import session
    >>> with session() as connection:
    ...     open_central(connection, Path("no-such-folder"))
    Traceback (most recent call last):
    datalab.errors.CentralDataError: The central data must be a folder with one Parquet file a table and central.json. ...
    """
    if not folder.is_dir():
        raise CentralDataError(say("schema.central.no_folder", folder=folder))
    card, faults = _read_card(folder)
    sound = {table.name: table for table in tables if not _add(faults, _attach(connection, folder, table))}
    if not quick:
        faults += _faults_of_rows(connection, sound)
    coverage = _coverage(connection) if "coverage" in sound else Coverage(())
    if "coverage" in sound and not coverage.of(kind=COHORT):
        faults.append(say("schema.central.no_cohort", dataset=coverage.dataset))
    if faults:
        _detach(connection, tables)
        raise CentralDataError(say("schema.central.refused", count=len(faults)), faults)
    return Central(
        name=card["name"],
        synthetic=card["synthetic"],
        coverage=coverage,
        folder=folder,
        rows={table.name: _rows(connection, table) for table in tables},
        sha256={CARD: sha256_file(folder / CARD)}
        | {f"{table.name}.parquet": hash_table(connection, folder, table.name) for table in tables},
    )


def _add(faults: list[str], found: list[str]) -> bool:
    faults += found
    return bool(found)


def _read_card(folder: Path) -> tuple[dict[str, Any], list[str]]:
    path = folder / CARD
    if not path.is_file():
        return {}, [say("schema.central.no_card")]
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        card = None
    good = isinstance(card, dict) and card.get("format") == CARD_FORMAT
    if good and isinstance(card.get("name"), str) and isinstance(card.get("synthetic"), bool):
        return card, []
    return {}, [say("schema.central.bad_card", format=CARD_FORMAT)]


def _attach(connection: Connection, folder: Path, table: Table) -> list[str]:
    if not has_table(connection, folder, table.name):
        return [say("schema.central.no_file", table=table.name, row=table.row)]
    try:
        attach_table(connection, folder, table.name)
        return structure_faults(connection, table)
    except UnreadableTableError:
        return [say("schema.central.bad_file", table=table.name)]


def _faults_of_rows(connection: Connection, sound: dict[str, Table]) -> list[str]:
    try:
        return [
            fault
            for table in sound.values()
            for fault in (*row_faults(connection, table), *reference_faults(connection, table, sound))
        ]
    except Exception:
        damaged = [name for name in sound if not is_readable(connection, name)]
        if not damaged:
            raise
        return [say("schema.central.bad_file", table=name) for name in damaged]


def _detach(connection: Connection, tables: tuple[Table, ...]) -> None:
    for table in tables:
        connection.execute(f'drop view if exists "{table.name}"').fetchall()


def _coverage(connection: Connection) -> Coverage:
    windows = connection.execute("select dataset, kind, first_date, last_date from coverage order by all").fetchall()
    return Coverage(tuple(Window(*window) for window in windows if None not in window))


def _rows(connection: Connection, table: Table) -> int:
    return int(connection.execute(f'select count(*) from "{table.name}"').fetchall()[0][0])
