"""A workbook of tables as ODS, with odfdo; dates and properties are fixed so that the bytes are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from odfdo import Document, Element, Style

from datalab.engines.archives import normalise_zip
from datalab.report.sheets import Cover, Sheet, cell_text, column_widths, row_links
from datalab.report.tables import Value, plain_decimals, plain_headings, plain_rows
from datalab.wording import spoken

CREATED = datetime(1980, 1, 1)
GENERATOR = "justice-data-lab"
EMPTY = "[z]"
CENTIMETRES_A_LETTER = 0.2
COVER_WIDTH = 90
STYLES: dict[str, dict[str, Any]] = {"title": {"bold": True, "size": "16pt"}, "heading": {"bold": True}, "body": {}}
VIEW = "urn:oasis:names:tc:opendocument:xmlns:config:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def ods_bytes(cover: Cover, sheets: tuple[Sheet, ...]) -> bytes:
    """The workbook: the cover, then the worksheets in order; each keeps its headings in sight."""
    document = Document("spreadsheet")
    document.body.clear()
    document.language = spoken().tag
    for style in _styles(cover, sheets):
        document.insert_style(style, automatic=True)
    front = [_row([_text_cell(cover.title, "title")]), *(_row([_text_cell(line, "wrapped")]) for line in cover.lines)]
    document.body.append(_page(cover.name, [COVER_WIDTH], front))
    for sheet in sheets:
        document.body.append(_page(sheet.name, column_widths(sheet.table), _rows(sheet)))
    document.set_part("settings.xml", _settings(cover, sheets))
    _fix_properties(document, cover.title)
    made = io.BytesIO()
    document.save(made, pretty=False)
    return normalise_zip(made.getvalue())


def _styles(cover: Cover, sheets: tuple[Sheet, ...]) -> Iterator[Any]:
    """Styles of texts, of numbers by their decimals, and of columns by their width."""
    for name, style in STYLES.items():
        yield Style("table-cell", name=name, area="text", **style)
    wrapped = '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>'
    yield Element.from_tag(f'<style:style style:name="wrapped" style:family="table-cell">{wrapped}</style:style>')
    yield Element.from_tag(
        f'<style:style style:name="heading-wrapped" style:family="table-cell">{wrapped}'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
    )
    for places in sorted({places for sheet in sheets for row in plain_decimals(sheet.table) for places in row}):
        yield Element.from_tag(
            f'<number:number-style style:name="decimals{places}"><number:number number:decimal-places="{places}" '
            f'number:min-decimal-places="{places}" number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
        )
        yield Element.from_tag(
            f'<style:style style:name="number{places}" style:family="table-cell" style:data-style-name="decimals{places}"/>'
        )
    for width in sorted({COVER_WIDTH, *(width for sheet in sheets for width in column_widths(sheet.table))}):
        yield Style("table-column", name=_width_name(width), width=f"{width * CENTIMETRES_A_LETTER + 0.3:.2f}cm")


def _width_name(letters: int) -> str:
    return f"width{letters}"


def _page(name: str, widths: Sequence[int], rows: Iterable[str]) -> Any:
    """A worksheet from its rows as XML: read whole, which takes a fraction of the time of a cell at a time."""
    columns = "".join(f'<table:table-column table:style-name="{_width_name(width)}"/>' for width in widths)
    return Element.from_tag(f'<table:table table:name="{_quoted(name)}">{columns}{"".join(rows)}</table:table>')


def _rows(sheet: Sheet) -> Iterator[str]:
    """The rows of a worksheet: title, lines, headings, values."""
    yield _row([_text_cell(sheet.table.title, "title")])
    for line in sheet.lines:
        yield _row([_text_cell(line, "body")])
    yield _row([_text_cell(heading, "heading-wrapped") for heading in plain_headings(sheet.table)])
    rows = zip(plain_rows(sheet.table), plain_decimals(sheet.table), row_links(sheet), strict=True)
    for values, decimals, target in rows:
        cells = [_cell(value, places) for value, places in zip(values, decimals, strict=True)]
        yield _row([_text_cell(str(values[0]), "wrapped", target), *cells[1:]] if target else cells)


def _row(cells: list[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _text_cell(text: str, style: str, target: str = "") -> str:
    """A cell of text; with a target it leads to the sheet of that name."""
    told = escape(text or EMPTY)
    if target:
        told = f'<text:a xlink:href="{_quoted(f"#{chr(39)}{target}{chr(39)}.A1")}" xlink:type="simple">{told}</text:a>'
    kinds = 'office:value-type="string" calcext:value-type="string"'
    return f'<table:table-cell {kinds} table:style-name="{style}"><text:p>{told}</text:p></table:table-cell>'


def _cell(value: Value, decimals: int) -> str:
    if isinstance(value, str):
        return _text_cell(value, "wrapped")
    kinds = 'office:value-type="float" calcext:value-type="float"'
    text = cell_text(value, decimals)
    return (
        f'<table:table-cell {kinds} office:value="{value}" calcext:value="{value}" table:style-name="number{decimals}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def _quoted(text: str) -> str:
    """A text as it stands between the quotation marks of an attribute."""
    return escape(text, {'"': "&quot;"})


def _settings(cover: Cover, sheets: tuple[Sheet, ...]) -> bytes:
    """The view of every sheet: its headings stay in sight."""
    entries = "".join(_frozen(sheet.name, sheet.heading_row + 1, sheet.heading_columns) for sheet in sheets)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-settings xmlns:config="{VIEW}" xmlns:office="{OFFICE}" '
        'office:version="1.2"><office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        f'{_item("ViewId", "string", "view1")}<config:config-item-map-named config:name="Tables">{entries}'
        f"</config:config-item-map-named>{_item('ActiveTable', 'string', escape(cover.name))}"
        "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    ).encode()


def _frozen(name: str, rows: int, columns: int) -> str:
    """The view of one sheet with so many rows and columns frozen (split mode 2)."""
    modes = {"HorizontalSplitMode": 2, "VerticalSplitMode": 2, "ActiveSplitRange": 3}
    places = {"HorizontalSplitPosition": columns, "VerticalSplitPosition": rows, "PositionRight": columns, "PositionBottom": rows}
    items = [_item(key, "short", value) for key, value in modes.items()] + [
        _item(key, "int", value) for key, value in places.items()
    ]
    return f'<config:config-item-map-entry config:name="{_quoted(name)}">{"".join(items)}</config:config-item-map-entry>'


def _item(name: str, kind: str, value: object) -> str:
    return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'


def _fix_properties(document: Document, title: str) -> None:
    meta = document.meta
    meta.title = title
    meta.creation_date = CREATED
    meta.date = CREATED
    meta.generator = GENERATOR
    meta.editing_cycles = 1
