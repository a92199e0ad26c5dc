"""The upload template as ODS bytes by odfdo: text cells, frozen headings, drop-downs by content validation."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from odfdo import Document

from datalab.engines.archives import normalise_zip
from datalab.errors import InternalError
from datalab.schema.template import DROP_DOWN_ROWS, TemplateSheet
from datalab.wording import say

FIXED_TIME = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
CONTENT, EMPTY_BODY, STYLES_END = "content.xml", "<office:spreadsheet/>", "</office:automatic-styles>"
# "@": what is typed stays text, so no date is turned round.
STYLES = (
    '<number:text-style style:name="as-typed"><number:text-content/></number:text-style>',
    (
        '<style:style style:name="text" style:family="table-cell" style:parent-style-name="Default"'
        ' style:data-style-name="as-typed"/>'
    ),
    (
        '<style:style style:name="heading" style:family="table-cell" style:parent-style-name="Default"'
        ' style:data-style-name="as-typed"><style:text-properties fo:font-weight="bold"/></style:style>'
    ),
)


def ods_bytes(sheets: Sequence[TemplateSheet]) -> bytes:
    """The sheets as an ODS workbook, with the same bytes for the same sheets."""
    document: Any = Document("spreadsheet")
    document.body.clear()
    _set_properties(document)
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as archive:
        empty = archive.read(CONTENT).decode()
    return normalise_zip(made.getvalue(), {CONTENT: _filled(empty, sheets).encode()})


def _filled(content: str, sheets: Sequence[TemplateSheet]) -> str:
    # Put in as text: lxml takes minutes to move thousands of rows from one tree to another.
    styles = "".join((*STYLES, *_width_styles(sheets)))
    rules = _validations(sheets)
    validations = f"<table:content-validations>{rules}</table:content-validations>" if rules else ""
    body = f"<office:spreadsheet>{validations}{''.join(_table(sheet) for sheet in sheets)}</office:spreadsheet>"
    for mark, text in ((STYLES_END, styles + STYLES_END), (EMPTY_BODY, body)):
        if content.count(mark) != 1:
            raise InternalError(f"the empty workbook holds {mark} {content.count(mark)} times")
        content = content.replace(mark, text)
    return content


def _set_properties(document: Any) -> None:
    meta = document.meta
    meta.title, meta.creator, meta.generator = say("template.title.document"), say("template.title.author"), "odfdo"
    meta.creation_date = meta.date = FIXED_TIME
    meta.language = "en-GB"


def _width_styles(sheets: Sequence[TemplateSheet]) -> list[str]:
    widths = sorted({width for sheet in sheets for width in sheet.widths})
    return [
        f'<style:style style:name="width-{width}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * 0.22:.2f}cm"/></style:style>'
        for width in widths
    ]


def _validations(sheets: Sequence[TemplateSheet]) -> str:
    made = []
    for sheet in sheets:
        for place, codes in (sheet.drop_downs or {}).items():
            offered = ";".join(f'"{code}"' for code in codes)
            message = say("template.validation.message", codes=", ".join(codes))
            made.append(
                f'<table:content-validation table:name={quoteattr(_rule_name(sheet, place))} table:allow-empty-cell="true"'
                ' table:display-list="unsorted"'
                f" table:condition={quoteattr(f'of:cell-content-is-in-list({offered})')}>"
                f'<table:error-message table:display="true" table:title={quoteattr(say("template.validation.title"))}>'
                f"<text:p>{escape(message)}</text:p></table:error-message></table:content-validation>"
            )
    return "".join(made)


def _rule_name(sheet: TemplateSheet, place: int) -> str:
    return f"{sheet.name}-{place + 1}"


def _table(sheet: TemplateSheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="width-{width}" table:default-cell-style-name="text"/>' for width in sheet.widths
    )
    rows = [_row(sheet, row, number) for number, row in enumerate(sheet.rows)]
    blank = [_row(sheet, (), len(rows), repeated=DROP_DOWN_ROWS)] if sheet.drop_downs else []
    return f"<table:table table:name={quoteattr(sheet.name)}>{columns}{''.join(rows + blank)}</table:table>"


def _row(sheet: TemplateSheet, texts: tuple[str, ...], number: int, repeated: int = 1) -> str:
    offered = sheet.drop_downs or {} if number > sheet.headings else {}
    width = max(1, len(texts), max(offered, default=-1) + 1)
    cells = []
    for place in range(width):
        rule = f" table:content-validation-name={quoteattr(_rule_name(sheet, place))}" if place in offered else ""
        style = f' table:style-name="{"heading" if number == sheet.headings else "text"}"'
        text = texts[place] if place < len(texts) else ""
        paragraph = f"<text:p>{escape(text)}</text:p>" if text else ""
        kind = ' office:value-type="string"' if text else ""
        cells.append(f"<table:table-cell{style}{rule}{kind}>{paragraph}</table:table-cell>")
    again = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{again}>{''.join(cells)}</table:table-row>"
