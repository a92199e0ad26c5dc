"""Scores the pairs that share something: the deterministic rule in SQL, and Splink's match weight for all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from splink import Linker

from datalab.linkage.backends import drop_splink_tables, splink_api, splink_table
from datalab.linkage.model import Model
from datalab.linkage.settings import splink_settings

SIDES = ("linkage_upload", "linkage_near")

# PNC ID first: where both identifiers agree, the link names the PNC ID.
_DETERMINISTIC = """
    create or replace temp table linkage_deterministic as
    with keys as (
        select unique_id, person_id, 'pnc_id' as rule, unnest(pnc_ids) as key from linkage_near
        union all select unique_id, person_id, 'prison_number', unnest(prison_numbers) from linkage_near),
    hits as (
        select distinct u.unique_id as "row", k.unique_id as variant, k.rule
        from keys k join (
            select unique_id, 'pnc_id' as rule, unnest(pnc_ids) as key from linkage_upload
            union all select unique_id, 'prison_number', unnest(prison_numbers) from linkage_upload) u
        on u.rule = k.rule and u.key = k.key)
    select h."row", p.person_id, min(h.rule) as rule
    from hits h join linkage_upload s on s.unique_id = h."row" join linkage_near p on p.unique_id = h.variant
    where coalesce(cast(s.surname = p.surname as integer), 0) + coalesce(cast(s.forename = p.forename as integer), 0)
        + coalesce(cast(s.date_of_birth = p.date_of_birth as integer), 0) >= 2
    group by all"""

# The best variant stands for the person: least capped, then heaviest, then lowest number.
_PAIRS = """
    create or replace temp table linkage_pairs as
    with capped as (
        select s.unique_id as "row", p.person_id, p.unique_id as variant, x.weight,
            coalesce(jaro_winkler_similarity(s.forename, p.forename) < $below
                and s.forename <> p.surname
                and s.forename is distinct from p.middle_name and p.forename is distinct from s.middle_name, false) as capped,
            coalesce(abs(s.birth_day_number - p.birth_day_number) > $days
                and damerau_levenshtein(s.date_of_birth, p.date_of_birth) > 1
                and s.date_of_birth <> p.date_of_birth_swapped, false) as far
        from linkage_scored x
        join linkage_upload s on s.unique_id = x."row" join linkage_near p on p.unique_id = x.variant),
    best as (
        select * from capped
        qualify row_number() over (partition by "row", person_id order by capped, far, weight desc, variant) = 1)
    select coalesce(b."row", d."row") as "row", coalesce(b.person_id, d.person_id) as person_id, b.variant,
        d.rule as rule, coalesce(b.capped, false) as capped, coalesce(b.far, false) as far, b.weight
    from best b full join linkage_deterministic d on d."row" = b."row" and d.person_id = b.person_id"""


def score_pairs(connection: Any, model: Model, index_people: int) -> pa.Table:
    """One row a pair (submitted row, central person) worth keeping, in the order of row and person.

    Columns: `row`, `person_id`, `variant` (of the person, null where only the deterministic rule found the pair), `rule`
    (`pnc_id`, `prison_number` or null), `capped` (forenames differ), `far` (births far apart),
    `weight` (bits, prior included; null as `variant`).
    """
    connection.execute(_DETERMINISTIC).fetchall()
    _predict(connection, model, index_people)
    connection.execute(_PAIRS, {"below": model.different_forename_below, "days": model.different_birth_days}).fetchall()
    return connection.sql('select * from linkage_pairs order by "row", person_id').to_arrow_table()


def _predict(connection: Any, model: Model, index_people: int) -> None:
    """Splink's weight of each blocked pair, into `linkage_scored`."""
    with quiet():
        api = splink_api(connection)
        upload, people = (splink_table(connection, api, name) for name in SIDES)
        # Our own tests check the settings; Splink's check of them costs as much as the linking.
        linker = Linker([upload, people], splink_settings(model, index_people), log_level=None, validate_settings=False)
        for column in model.term_frequencies:
            lookup = splink_table(connection, api, f"linkage_near_tf_{column}")
            linker.table_management.register_term_frequency_lookup(lookup, column)
        pairs = linker.inference.predict_between(upload, people, threshold_match_probability=model.keep, warning_mode="never")
        connection.execute(
            f"""create or replace temp table linkage_scored as
                select cast(unique_id_l as bigint) as "row", cast(unique_id_r as bigint) as variant, match_weight as weight
                from {pairs.physical_name}"""
        ).fetchall()
        drop_splink_tables(connection, api)


@contextmanager
def quiet() -> Iterator[None]:
    """While it lasts Splink says nothing. Splink tells its progress to a logger; what matters to a person is in the result."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
