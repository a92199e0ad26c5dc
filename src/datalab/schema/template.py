"""What the upload template says, as plain sheets: written as XLSX, ODS or CSV by writers.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datalab.schema.form import Field, Form
from datalab.wording import say, words

Record = Mapping[str, str]
DROP_DOWN_ROWS = 5000  # rows below the headings that are set as text and offer the codes


@dataclass(frozen=True)
class TemplateSheet:
    """One sheet of text. drop_downs: column index -> codes offered below the headings. headings: index of that row."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    headings: int = 0
    drop_downs: Mapping[int, tuple[str, ...]] | None = None


def upload_sheet(form: Form, records: Sequence[Record] = (), groups: Sequence[str] = ()) -> TemplateSheet:
    """The sheet to fill in: headings of all columns and `groups` (names with `group:`), and `records` where given."""
    names = (*form.names, *groups)
    rows = (names, *(tuple(record.get(name, "") for name in names) for record in records))
    drop_downs = {place: field.column.codes for place, field in enumerate(form.fields) if field.column.allowed}
    widths = tuple(max(12, len(name) + 2) for name in names)
    return TemplateSheet(say("template.sheets.upload"), rows, widths, 0, drop_downs)


def template_sheets(form: Form) -> tuple[TemplateSheet, ...]:
    """The sheets around the one to fill in: instructions, an invented example, the codes."""
    return (_instructions(form), _example(form), _codes(form))


def _instructions(form: Form) -> TemplateSheet:
    limits = {"minimum": form.minimum_rows, "low": form.minimum_age_years, "high": form.maximum_age_years}
    lines = [line.format(**limits) for line in words("template")["instructions"]["lines"]]
    headings = tuple(say(f"template.instructions.{key}") for key in ("column", "need", "meaning", "allowed", "example"))
    table = [
        (field.name, say(f"template.needs.{field.need}"), field.column.meaning, allowed_words(field), field.example)
        for field in form.fields
    ]
    top = ((say("template.instructions.title"),), *((line,) for line in lines), ())
    return TemplateSheet(say("template.sheets.instructions"), (*top, headings, *table), (18, 12, 60, 40, 18), len(top))


def allowed_words(field: Field) -> str:
    """What may stand in a field's cells, in words: codes, the form of a date, or nothing where any text may."""
    if field.kind == "date":
        return say("template.dictionary.date_form")
    return ", ".join(say("template.dictionary.codes", code=code, meaning=meaning) for code, meaning in field.column.allowed)


def _example(form: Form) -> TemplateSheet:
    records = [dict(example) for example in form.examples]
    filled = upload_sheet(form, records)
    return TemplateSheet(say("template.sheets.example"), filled.rows, filled.widths)


def _codes(form: Form) -> TemplateSheet:
    headings = tuple(say(f"template.instructions.{key}") for key in ("column", "allowed", "meaning"))
    rows = [(field.name, code, meaning) for field in form.fields for code, meaning in field.column.allowed]
    return TemplateSheet(say("template.sheets.codes"), (headings, *rows), (18, 24, 40))
