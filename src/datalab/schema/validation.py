"""Checks central tables against their schema, in place and in whichever engine: a sentence a fault, with its count, no value."""

from __future__ import annotations

import math
from collections.abc import Iterator

from datalab.constraints import Range
from datalab.engines.sql import Connection
from datalab.schema.blocks import Column, Table
from datalab.wording import say

# What each type of the schema may be in a Parquet file, as DuckDB names it.
STORED_AS = {
    "text": ("VARCHAR",),
    "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
    "number": ("DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"),
    "date": ("DATE",),
    "boolean": ("BOOLEAN",),
}
Rule = tuple[str, str, dict[str, object]]  # SQL that is true for a bad row, key of the sentence, its values


def structure_faults(connection: Connection, table: Table) -> list[str]:
    """Faults of a table's columns: missing, unknown, of the wrong type. The view `table.name` must exist."""
    described = connection.execute(f"describe {_quoted(table.name)}").fetchall()
    stored = {str(name): str(kind) for name, kind, *_ in described}
    faults = [_column_fault(table, column, stored.get(column.name)) for column in table.columns]
    extra = [say("schema.central.extra_column", table=table.name, column=name) for name in stored if name not in table.names]
    return [fault for fault in faults if fault] + extra


def _column_fault(table: Table, column: Column, stored: str | None) -> str | None:
    values = {"table": table.name, "column": column.name, "type": column.type}
    if stored is None:
        return say("schema.central.no_column", meaning=column.meaning, **values)
    if stored not in STORED_AS[column.type]:
        return say("schema.central.wrong_type", given=stored.lower(), **values)
    return None


def row_faults(connection: Connection, table: Table) -> list[str]:
    """Faults within the rows of one table (empty cells, codes, patterns, ranges, row checks, key), in one scan."""
    rules = [rule for column in table.columns for rule in _column_rules(column)]
    rules += [(f"not ({check.condition})", "check", {"meaning": check.meaning}) for check in table.checks]
    counts = [f"count(*) filter (where {bad})" for bad, _, _ in rules]
    keys = ", ".join(_quoted(name) for name in table.key)
    counts.append(f"count(*) - count(distinct {keys if len(table.key) == 1 else f'({keys})'})")
    found = connection.execute(f"select {', '.join(counts)} from {_quoted(table.name)}").fetchall()[0]
    named = [(key, values) for _, key, values in rules] + [("key", {"key": " + ".join(table.key)})]
    return [
        say(f"schema.central.{key}", table=table.name, count=count, **values)
        for (key, values), count in zip(named, found, strict=True)
        if count
    ]


def _column_rules(column: Column) -> Iterator[Rule]:
    name, values = _quoted(column.name), {"column": column.name}
    if not column.nullable:
        empty = f" or trim({name}) = ''" if column.type == "text" else ""
        yield f"{name} is null{empty}", "missing", dict(values)
    if column.allowed:
        allowed = ", ".join(_literal(code) for code in column.codes)
        yield f"{name} not in ({allowed})", "code", {**values, "allowed": ", ".join(column.codes)}
    if column.pattern:
        yield f"not regexp_full_match({name}, {_literal(column.pattern)})", "pattern", {**values, "pattern": column.pattern}
    if column.minimum is not None or column.maximum is not None:
        low = -math.inf if column.minimum is None else column.minimum
        high = math.inf if column.maximum is None else column.maximum
        outside = " or ".join(f"{name} {sign} {end!r}" for sign, end in (("<", low), (">", high)) if math.isfinite(end))
        not_a_number = f" or isnan({name}::double)" if column.type == "number" else ""
        yield outside + not_a_number, "range", {**values, "rule": Range(low, high).rule}


def reference_faults(connection: Connection, table: Table, tables: dict[str, Table]) -> list[str]:
    """Faults between tables: references that point nowhere, copies that disagree, and rules of exactly one.

    `tables`: those (by name) whose structure is sound; a reference to any other is left out.
    """
    faults: list[str] = []
    for column in table.columns:
        target, _, key = column.references.partition(".")
        if target in tables and target != table.name:
            faults += _broken(connection, table, column, target, key)
            faults += _disagreeing(connection, table, column, tables[target], key)
    for rule in table.ones:
        target, _, key = table.column(rule.by).references.partition(".")
        if target in tables:
            count = _count(
                connection,
                f"from {_quoted(target)} parent left join (select {_quoted(rule.by)} as parent_key, count(*) filter"
                f" (where {rule.condition}) as n from {_quoted(table.name)} group by 1) child"
                f" on parent.{_quoted(key)} = child.parent_key where coalesce(child.n, 0) <> 1",
            )
            faults += [say("schema.central.one", table=table.name, meaning=rule.meaning, count=count)] * bool(count)
    return faults


def _broken(connection: Connection, table: Table, column: Column, target: str, key: str) -> list[str]:
    name = _quoted(column.name)
    count = _count(
        connection,
        f"from {_quoted(table.name)} child left join (select distinct {_quoted(key)} as known from {_quoted(target)}) parent"
        f" on child.{name} = parent.known where child.{name} is not null and parent.known is null",
    )
    values = {"table": table.name, "column": column.name, "target": column.references}
    return [say("schema.central.reference", count=count, **values)] * bool(count)


def _disagreeing(connection: Connection, table: Table, column: Column, target: Table, key: str) -> list[str]:
    # An offence names its occasion and its person: the person must be the occasion's.
    faults: list[str] = []
    for other in table.columns:
        if other.references and other != column and other.name in target.names:
            count = _count(
                connection,
                f"from {_quoted(table.name)} child join {_quoted(target.name)} parent"
                f" on child.{_quoted(column.name)} = parent.{_quoted(key)}"
                f" where child.{_quoted(other.name)} <> parent.{_quoted(other.name)}",
            )
            values = {"table": table.name, "column": other.name, "target": target.name}
            faults += [say("schema.central.disagrees", count=count, **values)] * bool(count)
    return faults


def _count(connection: Connection, body: str) -> int:
    return int(connection.execute(f"select count(*) {body}").fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
