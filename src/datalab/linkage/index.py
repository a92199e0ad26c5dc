"""Lays the submitted people and the central people side by side in one form, inside DuckDB; no identity enters Python.

A central person stands as one row for each pairing of a known name with a known date of birth, and carries every
identifier and postcode ever recorded as lists: an alias name with the filed date of birth is found like any other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datalab.linkage.backends import starts_of_parts, temporary_objects
from datalab.linkage.cleaning import CLEANED, MACROS
from datalab.linkage.keys import key_query, near_query
from datalab.linkage.model import Model
from datalab.progress import Progress, Silent
from datalab.store import canonical_json
from datalab.wording import say

TEMPORARY = "temp"
PART = 250_000  # people laid out at a time

_DERIVED = """
    forename || ' ' || surname as full_name, forename, surname, middle_name,
    left(forename, 2) as forename_start, left(surname, 2) as surname_start, name_is_alias,
    strftime(born, '%Y-%m-%d') as date_of_birth, strftime(born, '%Y-%d-%m') as date_of_birth_swapped,
    date_of_birth_is_alias, strftime(born, '%Y') as birth_year, strftime(born, '%m-%d') as birth_month_day,
    date_diff('day', date '1800-01-01', born) as birth_day_number, sex, postcodes, common_postcodes, outcodes,
    pnc_ids, prison_numbers"""

# Lists in a fixed order; empty lists become null, which says nothing.
_LISTS = """
    select person_id, min(sex) filter (not is_alias) as sex,
        list_sort(list(distinct postcode) filter (postcode is not null and not is_common)) as postcodes,
        list_sort(list(distinct postcode) filter (is_common)) as common_postcodes,
        list_sort(list(distinct left(postcode, -3)) filter (postcode is not null)) as outcodes,
        list_sort(list(distinct pnc) filter (pnc is not null)) as pnc_ids,
        list_sort(list(distinct prison) filter (prison is not null)) as prison_numbers
    from part group by person_id"""

# In parts by person, in order, so that no part is more than memory holds; the numbers go on from part to part.
_PEOPLE = f"""
    with part as (
        select i.*, c.postcode is not null as is_common
        from linkage_identity i left join linkage_common c on c.postcode = i.postcode
        where i.person_id >= $low and ($high is null or i.person_id < $high)),
    names as (
        select person_id, forename, surname, max(middle_name) as middle_name, bool_and(is_alias) as name_is_alias
        from part where forename is not null or surname is not null group by all),
    births as (
        select person_id, born, bool_and(is_alias) as date_of_birth_is_alias
        from part where born is not null group by all),
    lists as ({_LISTS}),
    variants as (
        select * from lists left join names using (person_id) left join births using (person_id))
    select $done + row_number() over (order by person_id, forename, surname, born) as unique_id, person_id, {_DERIVED}
    from variants"""
_STARTS = """
    select person_id from (select person_id, row_number() over (order by person_id) as place
        from (select distinct person_id from linkage_identity)) where (place - 1) % $part = 0 order by person_id"""
_COUNTS = """
    with lists as (
        select any_value(pnc_ids) as pnc, any_value(prison_numbers) as prison, any_value(outcodes) as place, count(*) as variants
        from linkage_people where person_id >= $low and ($high is null or person_id < $high) group by person_id)
    select count(*), count(pnc), count(prison), count(place), coalesce(sum(variants), 0) from lists"""

_UPLOAD = f"""
    with cleaned as (select "row", {CLEANED} from linkage_submitted),
    variants as (
        select *, false as name_is_alias, false as date_of_birth_is_alias,
            linkage_listed(case when postcode not in (select postcode from linkage_common) then postcode end) as postcodes,
            linkage_listed(case when postcode in (select postcode from linkage_common) then postcode end) as common_postcodes,
            linkage_listed(left(postcode, -3)) as outcodes,
            linkage_listed(pnc) as pnc_ids, linkage_listed(prison) as prison_numbers
        from cleaned)
    select "row" as unique_id, cast(null as varchar) as person_id, {_DERIVED} from variants"""

_COMMON = """
    select postcode from linkage_identity where postcode is not null group by postcode
    having count(distinct person_id) >= $people
        and count(distinct person_id) >= $share * (select count(distinct person_id) from linkage_identity)"""

# Term frequencies by person, drawn towards the model's u where the index is small (a Dirichlet prior).
_TERMS = """
    select COLUMN, (count(*) + $prior * $chance) / ($people + $prior) as tf_COLUMN
    from (select distinct person_id, COLUMN from linkage_people where COLUMN is not null) group by COLUMN"""
_NEAR_TERMS = """
    select * from linkage_tf_COLUMN semi join (
        select COLUMN from linkage_near union select COLUMN from linkage_upload) using (COLUMN)"""

SUBMITTED_COLUMNS = (
    "row",
    "forename",
    "middle_names",
    "surname",
    "date_of_birth",
    "sex",
    "postcode",
    "pnc_id",
    "prison_number",
)


@dataclass(frozen=True)
class IndexSize:
    """How many central people there are, and the share of them with each kind of identifier or place (0 to 1)."""

    people: int
    with_pnc_id: float
    with_prison_number: float
    with_postcode: float


def prepare_index(connection: Any, model: Model, home: str = TEMPORARY, progress: Progress | None = None) -> IndexSize:
    """Makes the central people's side of the index, which any number of uploads can then be linked against.

    connection: DuckDB with the central view `identity`; gets `linkage_people`, `linkage_common`, `linkage_keys` and one
    table of term frequencies for each adjusted column, in the database `home` (temporary ones by default) and under these
    names. They stay until `drop_index`.
    """
    tell = progress or Silent()
    tell.stage(say("linkage.stages.clean"))
    make_macros(connection)
    _lay(connection, TEMPORARY, "identity", f"select person_id, is_alias, {CLEANED} from identity", _placeholders(model))
    common = {"people": model.common_postcode_people, "share": model.common_postcode_share}
    _lay(connection, home, "common", _COMMON, common)
    size = _lay_people(connection, home, tell)
    _drop(connection, ("identity",))
    tell.stage(say("linkage.stages.keys"))
    _lay(connection, home, "keys", key_query(model, "linkage_people", submitted=False))
    terms = model.term_frequencies
    tell.stage(say("linkage.stages.terms"), len(terms))
    for done, (column, chance) in enumerate(terms.items()):
        values = {"prior": model.term_frequency_prior_people, "chance": chance, "people": size.people}
        _lay(connection, home, f"tf_{column}", _TERMS.replace("COLUMN", column), values)
        tell.step(done + 1)
    return size


def make_macros(connection: Any) -> None:
    """The macros of the cleaning rules, in the connection."""
    for macro in MACROS:
        connection.execute(macro).fetchall()


def index_tables(model: Model) -> tuple[str, ...]:
    """The names of the tables of a prepared index."""
    return ("linkage_common", "linkage_people", "linkage_keys", *(f"linkage_tf_{column}" for column in model.term_frequencies))


def layout_hash(model: Model) -> str:
    """SHA-256 of the queries that lay an index out, so that one laid out otherwise is known."""
    queries = (_PEOPLE, _COMMON, _TERMS, key_query(model, "linkage_people", submitted=False))
    return hashlib.sha256(canonical_json(queries)).hexdigest()


def show(connection: Any, home: str, table: str) -> None:
    """Lets a table of another database be read under its bare name."""
    connection.execute(f"create or replace temp view {table} as select * from {home}.{table}").fetchall()


def _lay(connection: Any, home: str, name: str, query: str, values: dict[str, Any] | None = None) -> None:
    table = f"temp table linkage_{name}" if home == TEMPORARY else f"table {home}.linkage_{name}"
    connection.execute(f"create or replace {table} as {query}", values or {}).fetchall()
    if home != TEMPORARY:
        show(connection, home, f"linkage_{name}")


def lay_upload(connection: Any, people: pa.Table, model: Model) -> None:
    """Makes `linkage_upload` beside a prepared index, and of the index what that upload can meet: `linkage_near`.

    people: the rows of a Submission. Each table of term frequencies has a `linkage_near_tf_*` with the terms of both sides.
    """
    connection.register("linkage_submitted", people.select(list(SUBMITTED_COLUMNS)))
    _lay(connection, TEMPORARY, "upload", _UPLOAD, _placeholders(model))
    connection.unregister("linkage_submitted")
    _lay(connection, TEMPORARY, "near", near_query(model))
    for column in model.term_frequencies:
        _lay(connection, TEMPORARY, f"near_tf_{column}", _NEAR_TERMS.replace("COLUMN", column))


def _placeholders(model: Model) -> dict[str, list[str]]:
    return {"placeholders": list(model.placeholder_dates)}


def _lay_people(connection: Any, home: str, tell: Progress) -> IndexSize:
    """The people of the index, part by part, and what they have."""
    starts = starts_of_parts(connection, _STARTS, PART) or [""]
    tell.stage(say("linkage.stages.people"), len(starts))
    people, held, done = 0, [0, 0, 0], 0
    for place, low in enumerate(starts):
        bounds = {"low": low, "high": starts[place + 1] if place + 1 < len(starts) else None}
        if place == 0:
            _lay(connection, home, "people", _PEOPLE, bounds | {"done": done})
        else:
            connection.execute(f"insert into {home}.linkage_people {_PEOPLE}", bounds | {"done": done}).fetchall()
        count, *having, variants = connection.execute(_COUNTS, bounds).fetchall()[0]
        people, held, done = (
            people + count,
            [before + now for before, now in zip(held, having, strict=True)],
            done + int(variants),
        )
        tell.step(place + 1)
    return IndexSize(people, *(share / people if people else 0.0 for share in held))


def drop_upload(connection: Any, model: Model) -> None:
    """Removes what `lay_upload` and the scoring made."""
    near = (f"near_tf_{column}" for column in model.term_frequencies)
    _drop(connection, ("upload", "near", "scored", "deterministic", "pairs", *near))


def drop_index(connection: Any, model: Model) -> None:
    """Removes the tables that `prepare_index` made in a connection, or the views of an index that is attached to it."""
    kinds = temporary_objects(connection)
    for name in (*index_tables(model), "linkage_identity"):
        if name in kinds:
            connection.execute(f"drop {kinds[name]} temp.{name}").fetchall()


def _drop(connection: Any, names: tuple[str, ...]) -> None:
    for name in names:
        connection.execute(f"drop table if exists temp.linkage_{name}").fetchall()
