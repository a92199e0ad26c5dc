"""Small made-up countries and uploads for the tests of linkage, with their own noise; nobody real is meant."""
# ruff: noqa: SIM905 (names read better as a text)

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datalab.fields.justice.identifiers import pnc_check_letter
from datalab.intake.results import Submission

TODAY = dt.date(2016, 1, 31)
TEXT, DAY = pa.string(), pa.date32()
PEOPLE_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        *((name, TEXT) for name in ("reference", "forename", "middle_names", "surname")),
        ("date_of_birth", DAY),
        ("sex", TEXT),
        *((name, DAY) for name in ("programme_start", "programme_end", "index_date", "conviction_date")),
        *((name, TEXT) for name in ("pnc_id", "prison_number", "postcode", "establishment")),
    ]
)
IDENTITY_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("identity_id", "person_id", "forename", "middle_names", "surname")),
        ("date_of_birth", DAY),
        *((name, TEXT) for name in ("sex", "postcode", "pnc_id", "prison_number", "source")),
        ("is_alias", pa.bool_()),
    ]
)
MALE = """Oliver George Harry Jack Jacob Noah Charlie Thomas Oscar William James Henry Leo Alfie Joshua Freddie Ethan
Archie Isaac Joseph Alexander Samuel Daniel Logan Edward Lucas Max Mohammed Benjamin Mason Theo Jake Sebastian Finley""".split()
FEMALE = """Olivia Amelia Isla Emily Ava Lily Mia Sophia Isabella Grace Poppy Ella Evie Charlotte Jessica Daisy""".split()
STARTS = """Ash Brook Cart Daw Ell Farn Gren Hall Ire Jor Ken Law Mar Nor Oak Pem Quin Row San Tom Und Van West Yor""".split()
ENDS = "ton ley son well ford man s by ham wood worth er ington enwood".split()
SURNAMES = [start + end for start in STARTS for end in ENDS]


def pnc(number: int) -> str:
    """A valid PNC ID for each number from 1."""
    year = 1990 + number % 25
    return f"{year}/{number:07d}{pnc_check_letter(year, number)}"


def prison(number: int) -> str:
    """A prison number for each number from 0."""
    return f"A{number % 10_000:04d}{chr(65 + number // 10_000 % 26)}{chr(65 + number // 260_000)}"


def identity(person_id: str, forename: str, surname: str, born: str, **more: Any) -> dict[str, Any]:
    """A row of the identity table; filed unless `is_alias`."""
    record = {"person_id": person_id, "forename": forename, "surname": surname, "date_of_birth": dt.date.fromisoformat(born)}
    return {"sex": "M", "source": "police", "is_alias": False, **record, **more}


def identity_table(records: Sequence[dict[str, Any]]) -> pa.Table:
    """The identity table of these rows, numbered in order."""
    return pa.Table.from_pylist([{**r, "identity_id": f"i{n}"} for n, r in enumerate(records)], schema=IDENTITY_SCHEMA)


def submitted(row: int, forename: str, surname: str, born: str, **more: Any) -> dict[str, Any]:
    """A usable row as intake hands it on."""
    start = dt.date(2012, 1, 1)
    record = {"row": row, "forename": forename, "surname": surname, "date_of_birth": dt.date.fromisoformat(born)}
    return {"sex": "M", "programme_start": start, **record, **more}


def submission(records: Sequence[dict[str, Any]]) -> Submission:
    """A Submission of these rows."""
    return Submission(pa.Table.from_pylist(list(records), schema=PEOPLE_SCHEMA), len(records), (), "0" * 64)


@contextmanager
def central(identities: pa.Table) -> Iterator[Any]:
    """A DuckDB connection with the views `identity` and `person` of these identities."""
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_progress_bar = false")
    connection.register("identity", identities)
    connection.execute(
        "create view person as select distinct person_id, case when person_id < 'b' then 'white' else 'asian' end"
        " as ethnicity_group from identity"
    ).fetchall()
    try:
        yield connection
    finally:
        connection.close()


@dataclass(frozen=True)
class Country:
    """identities: the central table. upload: what was sent. truth: the person of each submitted row, None if not there."""

    identities: pa.Table
    upload: Submission
    truth: dict[int, str | None]

    def without_identifiers(self) -> Country:
        """The same upload with the PNC ID and prison number columns empty."""
        people = self.upload.people
        for name in ("pnc_id", "prison_number"):
            people = people.set_column(people.schema.get_field_index(name), name, pa.nulls(people.num_rows, TEXT))
        return replace(self, upload=replace(self.upload, people=people))


def make_country(people: int, rows: int, seed: int) -> Country:
    """`people` people, some with an alias, and `rows` submitted with the noise of the project's brief.

    PNC ID missing 30 %, prison number missing 30 %, postcode moved 20 %, name variant 10 %, date of birth wrong 3 %, not in
    the records 5 %.
    """
    random = np.random.default_rng(seed)
    filed = [_make_person(number, random) for number in range(people)]
    aliases = {r["person_id"]: _make_alias(r, random) for r in filed if random.random() < 0.15}
    picked = random.choice(people, rows, replace=False)
    truth: dict[int, str | None] = {}
    sent = []
    for row, position in enumerate(picked, start=2):
        person = filed[position]
        truth[row] = person["person_id"] if random.random() >= 0.05 else None
        sent.append(
            {"row": row, "programme_start": dt.date(2012, 1, 1), **_send(person, aliases.get(person["person_id"]), random)}
        )
    present = set(truth.values())
    gone = {filed[p]["person_id"] for p in picked} - present
    table = identity_table([*filed, *aliases.values()])
    table = table.filter(pc.invert(pc.is_in(table["person_id"], pa.array(sorted(gone), TEXT))))
    return Country(table, submission([{k: v for k, v in r.items() if k in PEOPLE_SCHEMA.names} for r in sent]), truth)


def _ranked(random: np.random.Generator, values: Sequence[str]) -> str:
    """A value by rank: the share of rank r falls as 1 / r ** 0.8."""
    return values[int(np.searchsorted(_ladder(len(values)), random.random(), side="right"))]


@cache
def _ladder(count: int) -> Any:
    weights = 1.0 / np.arange(1, count + 1) ** 0.8
    return np.cumsum(weights / weights.sum()) - 1e-12


def _make_person(number: int, random: np.random.Generator) -> dict[str, Any]:
    sex = "M" if random.random() < 0.82 else "F"
    born = dt.date(1950, 1, 1) + dt.timedelta(days=int(random.integers(0, 365 * 46)))
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = f"{random.integers(1, 10)}{letters[random.integers(20)]}{letters[random.integers(20)]}"
    postcode = f"{('LS', 'M', 'B', 'SW', 'NE')[random.integers(5)]}{random.integers(1, 20)} {inward}"
    return identity(
        f"p{number:07d}",
        _ranked(random, MALE if sex == "M" else FEMALE),
        _ranked(random, SURNAMES),
        born.isoformat(),
        sex=sex,
        postcode=postcode,
        pnc_id=pnc(number + 1),
        prison_number=prison(number) if random.random() < 0.6 else None,
    )


def _make_alias(person: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
    other = {"is_alias": True, "postcode": None, "pnc_id": None, "prison_number": None}
    if random.random() < 0.6:
        return {**person, **other, "surname": _ranked(random, SURNAMES)}
    return {**person, **other, "date_of_birth": person["date_of_birth"] + dt.timedelta(days=int(random.integers(1, 2000)))}


def _send(person: dict[str, Any], alias: dict[str, Any] | None, random: np.random.Generator) -> dict[str, Any]:
    sent = dict(person)
    if random.random() < 0.10:
        sent.update(_vary_name(person, alias, random))
    if random.random() < 0.03:
        sent["date_of_birth"] = _mistake_day(sent["date_of_birth"], random)
    if random.random() < 0.20:
        sent["postcode"] = f"OX{random.integers(1, 20)} {random.integers(1, 10)}JD"
    for name in ("pnc_id", "prison_number"):
        if random.random() < 0.30:
            sent[name] = None
    return {key: value.upper() if isinstance(value, str) and key != "person_id" else value for key, value in sent.items()}


def _vary_name(person: dict[str, Any], alias: dict[str, Any] | None, random: np.random.Generator) -> dict[str, Any]:
    kind = random.random()
    if kind < 0.2 and alias:
        return {name: alias[name] for name in ("surname", "date_of_birth")}
    if kind < 0.3:
        return {"forename": person["surname"], "surname": person["forename"]}
    if kind < 0.5:
        return {"surname": _ranked(random, SURNAMES)}
    name = "forename" if random.random() < 0.5 else "surname"
    return {name: _misspell(person[name], random)}


def _misspell(text: str, random: np.random.Generator) -> str:
    place, kind = int(random.integers(0, len(text))), random.random()
    if kind < 0.4:
        return text[:place] + chr(65 + int(random.integers(26))) + text[place + 1 :]
    return text[:place] + text[place + 1 :] if kind < 0.7 and len(text) > 3 else text[:place] + text[place] + text[place:]


def _mistake_day(born: dt.date, random: np.random.Generator) -> dt.date:
    kind = random.random()
    if kind < 0.4 and born.day <= 12:
        return dt.date(born.year, born.day, born.month)
    return born.replace(day=born.day % 28 + 1) if kind < 0.7 else born.replace(year=born.year - 1, day=min(born.day, 28))


def wilson(successes: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, p = 1.959963984540054, successes / total
    centre, spread = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return (centre - spread) / (1 + z * z / total), (centre + spread) / (1 + z * z / total)
