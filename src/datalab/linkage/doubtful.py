"""The pairs that await a person's decision, with the fields of both sides next to each other. Identifying."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from datalab.linkage.choice import Choice

_PAIR_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("person_id", pa.string()),
        ("rule", pa.string()),
        ("probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("variant", pa.int64()),
        ("place", pa.int64()),
    ]
)
_FIELDS = ("forename", "middle_name", "surname", "date_of_birth", "sex")
_LISTS = ("postcodes", "pnc_ids", "prison_numbers")
_SIDES = ", ".join(
    [
        *(f"u.{name} as submitted_{name}, c.{name} as central_{name}" for name in _FIELDS),
        *(
            f"array_to_string({_list}, ', ') as {side}_{name}"
            for name in _LISTS
            for side, _list in (
                ("submitted", f"u.{name}" if name != "postcodes" else "list_concat(u.postcodes, u.common_postcodes)"),
                ("central", f"c.{name}" if name != "postcodes" else "list_concat(c.postcodes, c.common_postcodes)"),
            )
        ),
    ]
)
# A person found by an identifier alone is shown by the first of their names and dates of birth.
_SIDE_BY_SIDE = f"""
    with known as (
        select person_id, min(unique_id) as first_variant,
            string_agg(distinct full_name, ', ' order by full_name) as central_known_names
        from linkage_people semi join linkage_doubtful using (person_id) group by person_id)
    select d."row", d.person_id, d.rule, d.probability, d.match_weight, {_SIDES}, k.central_known_names
    from linkage_doubtful d
    join linkage_upload u on u.unique_id = d."row"
    join known k on k.person_id = d.person_id
    join linkage_people c on c.unique_id = coalesce(d.variant, k.first_variant)
    order by d."row", d.place"""


def lay_side_by_side(connection: Any, choices: Sequence[Choice]) -> pa.Table:
    """One row a doubtful pair, the leading one first in each row: why it is doubtful, then `submitted_*` and `central_*`.

    The values stand as they were compared: capitals, no accents, identifiers without separators.
    """
    pairs = [
        {
            "row": choice.row,
            "person_id": item.person_id,
            "rule": choice.rule,
            "probability": item.probability,
            "match_weight": item.weight,
            "variant": item.variant,
            "place": place,
        }
        for choice in choices
        for place, item in enumerate(choice.doubtful)
    ]
    connection.register("linkage_doubtful", pa.Table.from_pylist(pairs, schema=_PAIR_SCHEMA))
    table = connection.sql(_SIDE_BY_SIDE).to_arrow_table()
    connection.unregister("linkage_doubtful")
    return table
