"""The data dictionary, as Markdown and as JSON, from the tables of the central records and the form of an upload."""

from __future__ import annotations

import json
from typing import Any

from datalab.fields.justice.tables import TABLES
from datalab.fields.justice.upload import UPLOAD
from datalab.schema.blocks import Check, Column, One, Table
from datalab.schema.form import Field, Form
from datalab.wording import say

FORMAT = 1
CENTRAL_HEAD = ("column", "type", "meaning", "allowed", "unit", "empty", "identifies", "may leave")
UPLOAD_HEAD = ("column", "need", "type", "meaning", "allowed", "example", "identifies")


def dictionary_markdown(tables: tuple[Table, ...] = TABLES, form: Form = UPLOAD) -> str:
    """The data dictionary for people: each table with what a reader must know, then the upload.

    >>> dictionary_markdown().splitlines()[0]
    '# Data dictionary'
    """
    limits = {"minimum": form.minimum_rows, "low": form.minimum_age_years, "high": form.maximum_age_years}
    lines = [
        f"# {say('template.dictionary.title')}",
        "",
        say("template.dictionary.intro"),
        "",
        f"## {say('template.dictionary.central')}",
        "",
        *(line for table in tables for line in _table_lines(table)),
        f"## {say('template.dictionary.upload')}",
        "",
        say("template.dictionary.upload_intro", **limits),
        "",
        *_markdown_table(UPLOAD_HEAD, [_field_cells(field) for field in form.fields]),
    ]
    return "\n".join(lines) + "\n"


def _table_lines(table: Table) -> list[str]:
    facts = {"provenance": table.provenance, "lag": table.lag, "missing": table.missing, "caveats": table.caveats}
    rules = [say("template.dictionary.rule", meaning=rule.meaning) for rule in _rules(table)]
    return [
        f"### `{table.name}`",
        "",
        say("template.dictionary.row", row=table.row, key=", ".join(f"`{name}`" for name in table.key)),
        say("template.dictionary.facts", **facts),
        *rules,
        "",
        *_markdown_table(CENTRAL_HEAD, [_column_cells(column) for column in table.columns]),
        "",
    ]


def _rules(table: Table) -> tuple[Check | One, ...]:
    return (*table.checks, *table.ones)


def _markdown_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _column_cells(column: Column) -> tuple[str, ...]:
    return (
        f"`{column.name}`",
        column.type,
        column.meaning,
        _allowed(column),
        column.unit,
        *(_yes(flag) for flag in (column.nullable, column.identifies, column.may_leave)),
    )


def _field_cells(field: Field) -> tuple[str, ...]:
    column = field.column
    kept = (f"`{field.name}`", say(f"template.needs.{field.need}").lower(), column.type, column.meaning, _allowed(column))
    return (*kept, field.example, _yes(column.identifies))


def _yes(flag: bool) -> str:
    return say("template.dictionary.yes" if flag else "template.dictionary.no")


def _allowed(column: Column) -> str:
    parts = [say("template.dictionary.codes", code=f"`{code}`", meaning=meaning) for code, meaning in column.allowed]
    if column.pattern:
        parts.append(say("template.dictionary.unlike", pattern=f"`{column.pattern}`"))
    if column.minimum is not None and column.maximum is not None:
        parts.append(say("template.dictionary.range", low=f"{column.minimum:g}", high=f"{column.maximum:g}"))
    if column.references:
        parts.append(f"`{column.references}`")
    return ", ".join(parts)


def dictionary_json(tables: tuple[Table, ...] = TABLES, form: Form = UPLOAD) -> str:
    """The data dictionary for machines: `format`, `tables`, `upload`; keys in the schema's order.

    >>> sorted(json.loads(dictionary_json()))
    ['format', 'tables', 'upload']
    """
    upload = {
        "minimum_rows": form.minimum_rows,
        "minimum_age_years": form.minimum_age_years,
        "maximum_age_years": form.maximum_age_years,
        "columns": [{**_column_json(field.column), "need": field.need, "example": field.example} for field in form.fields],
    }
    document = {"format": FORMAT, "tables": [_table_json(table) for table in tables], "upload": upload}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "row": table.row,
        "key": list(table.key),
        "provenance": table.provenance,
        "lag": table.lag,
        "missing": table.missing,
        "caveats": table.caveats,
        "columns": [_column_json(column) for column in table.columns],
        "rules": [{"name": rule.name, "meaning": rule.meaning} for rule in _rules(table)],
    }


def _column_json(column: Column) -> dict[str, Any]:
    kept = (
        "name",
        "type",
        "meaning",
        "unit",
        "nullable",
        "pattern",
        "minimum",
        "maximum",
        "references",
        "identifies",
        "may_leave",
    )
    return {key: getattr(column, key) for key in kept} | {"allowed": [{"code": c, "meaning": m} for c, m in column.allowed]}
