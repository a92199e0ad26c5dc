"""Small made-up central records for the tests of cohort and features: plain rows in, a DuckDB connection out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from datalab.engines.duckdb import session
from datalab.fields.justice.tables import TABLES
from datalab.intake.results import Submission
from datalab.linkage.results import LinkageQuality, Links
from datalab.schema import Table

TYPES = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(), "boolean": pa.bool_()}
DEFAULTS: dict[str, dict[str, Any]] = {
    "person": {
        "sex": "M",
        "ethnicity": "W1",
        "ethnicity_group": "white",
        "uk_national": True,
        "date_of_birth": dt.date(1980, 1, 1),
    },
    "occasion": {"kind": "conviction", "court_outcome": "fine", "area": "london"},
    "offence": {
        "code": "04910",
        "mode_of_trial": "either_way",
        "recordable": True,
        "jurisdiction": "england_wales",
        "prosecutor": "police",
        "is_breach": False,
        "disposal": "fine",
        "is_principal": False,
    },
    "custody": {"establishment": "Somewhere", "sentence_days": 100},
    "court_order": {
        "kind": "community",
        "unpaid_work": True,
        "supervision": False,
        "programme": False,
        "treatment": False,
        "curfew": False,
        "region": "london",
    },
}
SEVERITY = ("custody", "suspended", "community", "fine", "discharge", "other", "caution")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def schema_of(table: Table) -> pa.Schema:
    return pa.schema([(column.name, TYPES[column.type]) for column in table.columns])


@dataclass
class World:
    """Rows of the central tables, added one by one; ids are made in order."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {table.name: [] for table in TABLES})

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        row = {**DEFAULTS.get(table, {}), **values}
        self.rows[table].append(row)
        return row

    def person(self, person_id: str, **values: Any) -> str:
        self.add("person", person_id=person_id, **values)
        return person_id

    def occasion(
        self, person_id: str, date: str | dt.date, *offences: Mapping[str, Any], outcome: str = "fine", area: str = "london"
    ) -> str:
        """An occasion with its offences (at least one); the principal is the first with the heaviest disposal."""
        when = day(date) if isinstance(date, str) else date
        number = f"d{len(self.rows['occasion']):05d}"
        kind = "caution" if outcome == "caution" else "conviction"
        self.add("occasion", occasion_id=number, person_id=person_id, date=when, kind=kind, court_outcome=outcome, area=area)
        given = [{"disposal": outcome, "offence_date": when, **offence} for offence in (offences or ({},))]
        principal = min(range(len(given)), key=lambda place: SEVERITY.index(given[place]["disposal"]))
        for place, offence in enumerate(given):
            self.add(
                "offence",
                **{
                    "offence_id": f"o{len(self.rows['offence']):05d}",
                    "occasion_id": number,
                    "person_id": person_id,
                    "is_principal": place == principal,
                    **{
                        key: day(value) if key == "offence_date" and isinstance(value, str) else value
                        for key, value in offence.items()
                    },
                },
            )
        return number

    def custody(
        self, person_id: str, occasion_id: str, start: str | dt.date, release: str | dt.date | None, days: int = 100
    ) -> str:
        number = f"s{len(self.rows['custody']):05d}"
        first = day(start) if isinstance(start, str) else start
        last = day(release) if isinstance(release, str) else release
        self.add(
            "custody",
            spell_id=number,
            person_id=person_id,
            occasion_id=occasion_id,
            start=first,
            release=last,
            sentence_days=days,
        )
        return number

    def coverage(self, first: str = "2000-01-01", last: str = "2020-12-31", extract_end: str = "2023-12-31") -> World:
        for dataset in ("reoffending", "employment", "benefit", "assessment"):
            window = {"dataset": dataset, "first_date": day(first)}
            self.add("coverage", kind="cohort", last_date=day(last), **window)
            self.add("coverage", kind="events", last_date=day(extract_end), **window)
        return self

    def tables(self) -> dict[str, pa.Table]:
        return {table.name: pa.Table.from_pylist(self.rows[table.name], schema=schema_of(table)) for table in TABLES}


@contextmanager
def connected(tables: Mapping[str, pa.Table], threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session with a view of each table."""
    with session(threads=threads) as connection:
        for name, rows in tables.items():
            connection.register(name, rows)
        yield connection


def submission(people: Sequence[Mapping[str, Any]], submitted: int | None = None) -> Submission:
    """An upload of these people (row numbers from 2 unless given); only the dates and the establishment matter here."""
    schema = pa.schema(
        [
            ("row", pa.int64()),
            ("programme_start", pa.date32()),
            ("programme_end", pa.date32()),
            ("index_date", pa.date32()),
            ("conviction_date", pa.date32()),
            ("establishment", pa.string()),
        ]
    )
    rows = [{"row": place + 2, **person} for place, person in enumerate(people)]
    return Submission(pa.Table.from_pylist(rows, schema=schema), submitted or len(rows), (), "0" * 64)


QUALITY = LinkageQuality(1.0, 0.0, 0.0, 0.0, 0, ())


def linked(person_ids: Sequence[str | None], statuses: Sequence[str] | None = None, seen: Sequence[str] = ()) -> Links:
    """Links of rows 2, 3, … to these people (None: not linked)."""
    given = statuses or ["accepted" if person else "unlinked" for person in person_ids]
    table = pa.table(
        {
            "row": pa.array(range(2, len(person_ids) + 2), pa.int64()),
            "person_id": pa.array(person_ids, pa.string()),
            "status": pa.array(given, pa.string()),
        }
    )
    return Links(table, pa.table({}), frozenset(seen), QUALITY, "test")
