"""The dictionary and the template say all of the schema, the same bytes each time."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from odfdo import Document

from datalab.engines.archives import normalise_zip
from datalab.errors import UsageError
from datalab.fields.justice.tables import TABLES
from datalab.fields.justice.upload import UPLOAD
from datalab.schema.documents import dictionary_json, dictionary_markdown
from datalab.schema.writers import template_bytes, write_template


def test_the_dictionary_names_every_table_and_column() -> None:
    text = dictionary_markdown()
    for table in TABLES:
        assert f"### `{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` | {column.type} |" in text
    for name in UPLOAD.names:
        assert f"| `{name}` |" in text
    document = json.loads(dictionary_json())
    assert [table["name"] for table in document["tables"]] == [table.name for table in TABLES]
    assert [column["name"] for column in document["upload"]["columns"]] == list(UPLOAD.names)


def test_every_line_of_a_markdown_table_has_as_many_cells() -> None:
    block: list[int] = []
    for line in [*dictionary_markdown().splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.replace("\\|", "").count("|"))
        elif block:
            assert len(set(block)) == 1
            block = []


@pytest.mark.parametrize("file_format", ["xlsx", "ods"])
def test_workbooks_do_not_depend_on_time(file_format: str) -> None:
    content = template_bytes(file_format)
    assert content == template_bytes(file_format)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(("core.xml", "meta.xml")))
    assert b"2026" not in text
    assert b"1980-01-01" in text


def test_the_xlsx_template_offers_the_codes_and_holds_the_headings() -> None:
    with zipfile.ZipFile(io.BytesIO(template_bytes("xlsx"))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<formula1>"M,F,U"</formula1>' in sheet
    assert 'state="frozen"' in sheet
    assert 'sqref="F2:F5001"' in sheet


def test_the_ods_template_opens_and_offers_the_codes() -> None:
    document: Any = Document(io.BytesIO(template_bytes("ods")))
    assert [table.name for table in document.body.tables] == ["Upload", "Instructions", "Example", "Codes"]
    rule = document.body.get_element("//table:content-validation")
    assert rule.get_attribute("table:condition") == 'of:cell-content-is-in-list("M";"F";"U")'
    cell = document.body.tables[0].get_cell("F2")
    assert cell.get_attribute("table:content-validation-name") == rule.get_attribute("table:name")
    assert document.body.tables[0].get_cell("B1").value == "forename"


def test_the_examples_are_plainly_invented_and_sound() -> None:
    said = " ".join(value for example in UPLOAD.examples for _, value in example)
    assert {"EXAMPLE", "SAMPLE", "HMP EXAMPLE"} <= {value for example in UPLOAD.examples for _, value in example}
    assert "AA9 9AA" in said  # no such postcode area


def test_writing_never_replaces_a_file_unasked(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "template.csv"
    write_template(path, "csv")
    with pytest.raises(UsageError, match="already there"):
        write_template(path, "csv")
    write_template(path, "csv", overwrite=True)
    assert path.read_bytes() == template_bytes("csv")
    with pytest.raises(UsageError, match="format must be one of xlsx, ods, csv"):
        template_bytes("xls")


def test_archives_with_the_same_content_get_the_same_bytes() -> None:
    def packed(year: int, level: int) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
            archive.writestr(zipfile.ZipInfo("a.xml", (year, 1, 1, 0, 0, 0)), "x" * 1000)
            archive.writestr("mimetype", "text/plain")
        return made.getvalue()

    assert normalise_zip(packed(1990, 1)) == normalise_zip(packed(2020, 9))
    with zipfile.ZipFile(io.BytesIO(normalise_zip(packed(1990, 1), {"a.xml": b"new"}))) as archive:
        assert archive.namelist()[0] == "mimetype"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert archive.read("a.xml") == b"new"
    with pytest.raises(KeyError, match=r"b\.xml"):
        normalise_zip(packed(1990, 1), {"b.xml": b""})
