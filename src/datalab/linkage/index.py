"""Lays the submitted people and the central people side by side in one form, inside DuckDB; no identity enters Python.

A central person stands as one row for each pairing of a known name with a known date of birth, and carries every
identifier and postcode ever recorded as lists: an alias name with the filed date of birth is found like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datalab.fields.justice.identifiers import NAME_PREFIXES, PLACEHOLDER_POSTCODES
from datalab.linkage.model import Model

PERSON_TABLES = ("linkage_upload", "linkage_people")
_PREFIX = f"^({'|'.join(NAME_PREFIXES)})+"
_NO_ABODE = ", ".join(f"'{postcode.replace(' ', '')}'" for postcode in PLACEHOLDER_POSTCODES)

# Names are compared letter by letter, in capitals, without accents; a hyphen or space in a surname does not count.
MACROS = (
    f"""create or replace temp macro linkage_words(x) as
        trim(regexp_replace(replace(replace(replace(replace(strip_accents(translate(
            regexp_replace(regexp_replace(upper(trim(x)), '{_PREFIX}', ''), '[''\u2019\u2018\u02bc`\u00b4]', '', 'g'),
            'ØŁĐÐİ', 'OLDDI')), 'Æ', 'AE'), 'Œ', 'OE'), 'Þ', 'TH'), 'ẞ', 'SS'), '[^\\p{{L}}]+', ' ', 'g'))""",
    "create or replace temp macro linkage_joined(x) as nullif(replace(linkage_words(x), ' ', ''), '')",
    "create or replace temp macro linkage_first(x) as nullif(split_part(linkage_words(x), ' ', 1), '')",
    # A single letter says too little to agree or disagree.
    """create or replace temp macro linkage_middle(f, m) as
        nullif(regexp_extract(regexp_replace(linkage_words(f), '^[^ ]* ?', '') || ' ' || coalesce(linkage_words(m), ''),
            '(\\p{L}{2,})'), '')""",
    "create or replace temp macro linkage_code(x) as nullif(regexp_replace(upper(x), '[^A-Z0-9]', '', 'g'), '')",
    f"""create or replace temp macro linkage_postcode(x) as
        case when linkage_code(x) in ({_NO_ABODE}) or length(linkage_code(x)) < 5 then null else linkage_code(x) end""",
    "create or replace temp macro linkage_listed(x) as case when x is null then null else [x] end",
)

_CLEANED = """
    linkage_first(forename) as forename, linkage_middle(forename, middle_names) as middle_name,
    linkage_joined(surname) as surname,
    case when list_contains($placeholders, strftime(date_of_birth, '%Y-%m-%d')) then null else date_of_birth end as born,
    nullif(sex, 'U') as sex, linkage_postcode(postcode) as postcode,
    linkage_code(pnc_id) as pnc, linkage_code(prison_number) as prison"""

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
        list_sort(list(distinct postcode) filter (postcode not in (select postcode from linkage_common))) as postcodes,
        list_sort(list(distinct postcode) filter (postcode in (select postcode from linkage_common))) as common_postcodes,
        list_sort(list(distinct left(postcode, -3)) filter (postcode is not null)) as outcodes,
        list_sort(list(distinct pnc) filter (pnc is not null)) as pnc_ids,
        list_sort(list(distinct prison) filter (prison is not null)) as prison_numbers
    from linkage_identity group by person_id"""

_PEOPLE = f"""
    create or replace temp table linkage_people as
    with names as (
        select person_id, forename, surname, max(middle_name) as middle_name, bool_and(is_alias) as name_is_alias
        from linkage_identity where forename is not null or surname is not null group by all),
    births as (
        select person_id, born, bool_and(is_alias) as date_of_birth_is_alias
        from linkage_identity where born is not null group by all),
    lists as ({_LISTS}),
    variants as (
        select * from lists left join names using (person_id) left join births using (person_id))
    select row_number() over (order by person_id, forename, surname, born) as unique_id, person_id, {_DERIVED} from variants"""

_UPLOAD = f"""
    create or replace temp table linkage_upload as
    with cleaned as (select "row", {_CLEANED} from linkage_submitted),
    variants as (
        select *, false as name_is_alias, false as date_of_birth_is_alias,
            linkage_listed(case when postcode not in (select postcode from linkage_common) then postcode end) as postcodes,
            linkage_listed(case when postcode in (select postcode from linkage_common) then postcode end) as common_postcodes,
            linkage_listed(left(postcode, -3)) as outcodes,
            linkage_listed(pnc) as pnc_ids, linkage_listed(prison) as prison_numbers
        from cleaned)
    select "row" as unique_id, cast(null as varchar) as person_id, {_DERIVED} from variants"""

_COMMON = """
    create or replace temp table linkage_common as
    select postcode from linkage_identity where postcode is not null group by postcode
    having count(distinct person_id) >= $people
        and count(distinct person_id) >= $share * (select count(distinct person_id) from linkage_identity)"""

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


def prepare_index(connection: Any, model: Model) -> IndexSize:
    """Makes the central people's side of the index, which any number of uploads can then be linked against.

    connection: DuckDB with the central view `identity`; gets the temporary tables `linkage_people`, `linkage_common` and
    one of term frequencies for each adjusted column. They stay until `drop_index`.
    """
    for macro in MACROS:
        connection.execute(macro).fetchall()
    connection.execute(
        f"create or replace temp table linkage_identity as select person_id, is_alias, {_CLEANED} from identity",
        _placeholders(model),
    ).fetchall()
    common = {"people": model.common_postcode_people, "share": model.common_postcode_share}
    connection.execute(_COMMON, common).fetchall()
    connection.execute(_PEOPLE).fetchall()
    size = _size(connection)
    for column, chance in model.term_frequencies.items():
        _count_terms(connection, column, chance, model.term_frequency_prior_people)
    return size


def lay_upload(connection: Any, people: pa.Table, model: Model) -> None:
    """Makes the temporary table `linkage_upload` beside a prepared index. people: the rows of a Submission."""
    connection.register("linkage_submitted", people.select(list(SUBMITTED_COLUMNS)))
    connection.execute(_UPLOAD, _placeholders(model)).fetchall()
    connection.unregister("linkage_submitted")


def _placeholders(model: Model) -> dict[str, list[str]]:
    return {"placeholders": list(model.placeholder_dates)}


def _size(connection: Any) -> IndexSize:
    row = connection.execute(
        """with lists as (select any_value(pnc_ids) as pnc, any_value(prison_numbers) as prison, any_value(outcodes) as place
                          from linkage_people group by person_id)
           select count(*), count(pnc) / count(*), count(prison) / count(*), count(place) / count(*) from lists"""
    ).fetchall()[0]
    return IndexSize(row[0], *(float(share or 0.0) for share in row[1:]))


def _count_terms(connection: Any, column: str, chance: float, prior_people: int) -> None:
    """Term frequencies by person, drawn towards the model's u where the index is small (a Dirichlet prior)."""
    connection.execute(
        f"""create or replace temp table linkage_tf_{column} as
            select {column}, (count(distinct person_id) + $prior * $chance)
                / ((select count(distinct person_id) from linkage_people) + $prior) as tf_{column}
            from linkage_people where {column} is not null group by {column}""",
        {"prior": prior_people, "chance": chance},
    ).fetchall()


def drop_upload(connection: Any) -> None:
    """Removes what `lay_upload` and the scoring made."""
    _drop(connection, ("upload", "scored", "deterministic", "pairs"))


def drop_index(connection: Any, model: Model) -> None:
    """Removes what `prepare_index` made."""
    _drop(connection, ("people", "identity", "common", *(f"tf_{column}" for column in model.term_frequencies)))


def _drop(connection: Any, names: tuple[str, ...]) -> None:
    for name in names:
        connection.execute(f"drop table if exists linkage_{name}").fetchall()
