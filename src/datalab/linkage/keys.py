"""Blocking keys laid out once: one row for each key of each rule that a person has, so that an upload meets only its own.

A key is a hash of the rule and its values. Two people with one key by accident only meet in Splink, which blocks on the
values themselves: the people brought near an upload are those that Splink could pair with it, or a few more.
"""

from __future__ import annotations

from datalab.engines.sql import compose
from datalab.linkage.model import Model

# Columns that hold lists: a blocking rule on one of them looks at each element.
LISTS = ("pnc_ids", "prison_numbers", "postcodes", "common_postcodes", "outcodes")
# The deterministic rule looks for these, whatever the model blocks on.
IDENTIFIERS = (("pnc_ids",), ("prison_numbers",))
SWAPPED = "swapped"


def key_query(model: Model, table: str, *, submitted: bool) -> str:
    """A select of `unique_id` and `key` (ubigint) over `table`, which has the columns of a side.

    submitted: whether that is the upload's side, on which swapped names keep their order.

    >>> from datalab.linkage.model import load_model
    >>> key_query(load_model(), "linkage_people", submitted=False).count("union all")
    10
    """
    rules = (*model.blocking, *(rule for rule in IDENTIFIERS if rule not in model.blocking))
    return "\nunion all\n".join(_rule_query(rule, table, submitted) for rule in rules)


def _rule_query(rule: tuple[str, ...], table: str, submitted: bool) -> str:
    """The keys of one rule; whoever lacks one of its values has none."""
    names = ("forename", "surname") if submitted else ("surname", "forename")
    columns = [name for column in rule for name in (names if column == SWAPPED else (column,))]
    listed = ", ".join(f"unnest({column}) as {column}" if column in LISTS else column for column in dict.fromkeys(columns))
    known = " and ".join(f"{column} is not null" for column in columns)
    key = f"hash({', '.join([repr('+'.join(rule)), *columns])})"
    return f"select unique_id, {key} as key from (select unique_id, {listed} from {table}) where {known}"


def near_query(model: Model) -> str:
    """The index's rows that share a key with the upload: all that any rule, or the deterministic one, could pair with it."""
    return compose(
        {
            "asked": f"select distinct key from ({key_query(model, 'linkage_upload', submitted=True)})",
            "met": "select distinct unique_id from linkage_keys semi join asked using (key)",
        },
        "select * from linkage_people semi join met using (unique_id)",
    )
