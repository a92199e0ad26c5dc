"""The annex as a person opens it: decimals as printed, headings in sight, readable widths, a table of contents with links."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from xml.etree import ElementTree

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control
from datalab.report.annex import annex_files, annex_workbook
from datalab.report.annex_tables import annex_tables
from datalab.report.sheets import NARROWEST, WIDEST, cell_text, column_widths
from datalab.report.tables import plain_decimals, plain_rows

HASH = "ab" * 32
ODF = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
XL = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@cache
def releasable():
    return control(make_findings())


@cache
def workbook():
    return annex_workbook(releasable(), annex_tables(releasable()), manifest_sha256=HASH, version="0.1.0")


@cache
def parts(name: str) -> dict[str, bytes]:
    content = annex_files(releasable(), annex_tables(releasable()), manifest_sha256=HASH, version="0.1.0")[name]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def sheet_xml(place: int) -> ElementTree.Element:
    """An XLSX worksheet; place 0 is the first after the cover."""
    return ElementTree.fromstring(parts("annex.xlsx")[f"xl/worksheets/sheet{place + 2}.xml"])


def ods_name(space: str, name: str) -> str:
    return f"{{{ODF[space]}}}{name}"


def test_a_number_keeps_its_decimals_in_xlsx() -> None:
    styles = ElementTree.fromstring(parts("annex.xlsx")["xl/styles.xml"])
    codes = {node.get("numFmtId"): node.get("formatCode", "") for node in styles.iterfind(".//x:numFmt", XL)}
    formats = [codes.get(node.get("numFmtId"), "") for node in styles.find("x:cellXfs", XL)]
    checked = 0
    for place, sheet in enumerate(workbook().sheets):
        rows = sheet_xml(place).findall(".//x:sheetData/x:row", XL)[sheet.heading_row + 1 :]
        decimals = plain_decimals(sheet.table)
        for values, row, marks in zip(plain_rows(sheet.table), rows, decimals, strict=True):
            for value, cell, wanted in zip(values, row, marks, strict=True):
                if not isinstance(value, str):
                    code = formats[int(cell.get("s"))]
                    assert code == "#,##0" + ("." + "0" * wanted if wanted else "")
                    checked += 1
    assert checked > 200


def test_a_number_prints_its_decimals_in_ods() -> None:
    root = ElementTree.fromstring(parts("annex.ods")["content.xml"])
    data = {node.get(ods_name("style", "name")): node for node in root.iterfind(".//number:number-style", ODF)}
    cells = {
        node.get(ods_name("style", "name")): node.get(ods_name("style", "data-style-name"))
        for node in root.iterfind(".//style:style", ODF)
    }
    pages = root.findall(".//table:table", ODF)[1:]
    checked = 0
    for sheet, page in zip(workbook().sheets, pages, strict=True):
        rows = page.findall("table:table-row", ODF)[sheet.heading_row + 1 :]
        for values, marks, row in zip(plain_rows(sheet.table), plain_decimals(sheet.table), rows, strict=True):
            for value, wanted, cell in zip(values, marks, row, strict=True):
                if isinstance(value, str):
                    continue
                style = data[cells[cell.get(ods_name("table", "style-name"))]]
                assert style[0].get(ods_name("number", "decimal-places")) == str(wanted)
                assert "".join(cell.itertext()) == cell_text(value, wanted)
                checked += 1
    assert checked > 200


def test_headings_stay_in_sight_in_both_formats() -> None:
    settings = parts("annex.ods")["settings.xml"].decode()
    ElementTree.fromstring(settings)
    for place, sheet in enumerate(workbook().sheets):
        pane = sheet_xml(place).find(".//x:pane", XL)
        assert pane is not None
        assert pane.get("state") == "frozen"
        assert (pane.get("xSplit"), pane.get("ySplit")) == (str(sheet.heading_columns), str(sheet.heading_row + 1))
        entry = re.search(rf'config:name="{sheet.name}">(.*?)</config:config-item-map-entry>', settings)
        assert entry is not None
        assert f'VerticalSplitPosition" config:type="int">{sheet.heading_row + 1}<' in entry[1]
    assert all(sheet.heading_row <= 3 for sheet in workbook().sheets)


def test_columns_are_wide_enough_to_read_and_never_wider_than_a_screen() -> None:
    for sheet in workbook().sheets:
        widths = column_widths(sheet.table)
        assert all(NARROWEST <= width <= WIDEST for width in widths)
        for values, decimals in zip(plain_rows(sheet.table), plain_decimals(sheet.table), strict=True):
            for value, places, width in zip(values, decimals, widths, strict=True):
                text = cell_text(value, places)
                assert len(text) < width or width == WIDEST
                assert isinstance(value, str) or len(text) < width


@pytest.mark.parametrize("name", ["annex.xlsx", "annex.ods"])
def test_the_contents_lead_to_every_sheet(name: str) -> None:
    wanted = [sheet.name for sheet in workbook().sheets[2:]]
    assert list(workbook().sheets[0].links) == wanted
    if name == "annex.xlsx":
        links = [node.get("location") for node in sheet_xml(0).iterfind(".//x:hyperlink", XL)]
        assert links == [f"'{target}'!A1" for target in wanted]
    else:
        root = ElementTree.fromstring(parts(name)["content.xml"])
        found = [node.get(ods_name("xlink", "href")) for node in root.iterfind(".//text:a", ODF)]
        assert found == [f"#'{target}'.A1" for target in wanted]


def test_every_note_is_listed_once_and_named_on_its_sheet() -> None:
    _, notes, *sheets = workbook().sheets
    texts = [row[1].text for row in notes.table.rows]
    assert len(texts) == len(set(texts))
    numbered = [row for row in notes.table.rows if row[0].text.startswith("Note ")]
    for sheet in sheets:
        for note in sheet.table.notes:
            (number,) = [row[0].text.removeprefix("Note ") for row in numbered if row[1].text == note]
            assert re.search(rf"\b{number}\b", sheet.lines[0])


def test_the_cover_says_the_verdict_and_what_it_is_made_from() -> None:
    cover = workbook().cover
    assert cover.title == "Annex to the report on Example Workshop"
    assert any("less likely to reoffend" in line for line in cover.lines)
    assert any(HASH in line for line in cover.lines)
    assert cover.lines[0].startswith("Made-up people")
