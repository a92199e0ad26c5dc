"""Workbooks as people send them: real dates, serials, several sheets, hidden sheets, merged cells, month-first leftovers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from odfdo import Cell, Document, Row, Table
from tests.intake_factory import check, record, records, sentences

from datalab.fields.justice.upload import UPLOAD
from datalab.schema.writers import template_bytes

Cells = Sequence[Sequence[Any]]


def sheet_of(people: Sequence[dict[str, Any]], names: Sequence[str] = UPLOAD.names) -> list[list[Any]]:
    return [list(names), *([person.get(name, "") for name in names] for person in people)]


def xlsx(*sheets: Cells, hidden: Sequence[int] = (), merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
            if number in hidden:
                sheet.hide()
            for span in merged if number == 0 else ():
                sheet.merge_range(*span, "Leeds")
    return made.getvalue()


def ods(rows: Cells, merged_row: int | None = None, repeated: int = 1) -> bytes:
    document: Any = Document("spreadsheet")
    document.body.clear()
    table = Table("People")
    table.clear()
    for number, texts in enumerate(rows):
        row = Row()
        for place, text in enumerate(texts):
            cell = Cell(text)
            if number == merged_row and place == 0:
                cell.set_attribute("table:number-rows-spanned", "2")
            row.append(cell)
        table.append(row)
        if number == 0 and repeated > 1:
            blank = Row()
            blank.append(Cell())
            blank.set_attribute("table:number-rows-repeated", str(repeated - 1))
            table.append(blank)
    document.body.append(table)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def test_true_dates_and_serials_are_read(tmp_path: Path) -> None:
    people: list[dict[str, Any]] = [dict(record(number)) for number in range(4)]
    people[0] |= {"date_of_birth": datetime(1984, 2, 29), "index_date": 41103}
    people[1] |= {"date_of_birth": date(1984, 2, 29), "reference": 17, "sex": 1}
    found = check(tmp_path / "u.xlsx", xlsx(sheet_of(people)))
    assert sentences(found) == []
    assert found.people["date_of_birth"].to_pylist()[:2] == [date(1984, 2, 29)] * 2
    assert found.people["index_date"][0].as_py() == date(2012, 7, 13)
    assert found.people["reference"][1].as_py() == "17"
    assert found.people["sex"][1].as_py() == "M"


@pytest.mark.parametrize("file_format", ["xlsx", "ods", "csv"])
def test_the_template_filled_in_is_read_back_equal(tmp_path: Path, file_format: str) -> None:
    people = records(5, row3={"pnc_id": "00/223R", "postcode": "AA9 9AA", "group:site": "Leeds"}, row4={"surname": "Ó'Qwx-Łv"})
    found = check(tmp_path / f"u.{file_format}", template_bytes(file_format, people, ["group:site"]))
    assert sentences(found) == []
    assert found.group_columns == ("group:site",)
    assert found.people["row"].to_pylist() == [2, 3, 4, 5, 6]
    assert found.people["surname"].to_pylist() == ["QWXAA", "QWXAB", "OQWX LV", "QWXAD", "QWXAE"]
    assert found.people["pnc_id"].to_pylist()[1] == "2000/0000223R"
    assert found.people["date_of_birth"].to_pylist() == [date(1984, 4, 13 + n) for n in range(5)]


@pytest.mark.parametrize("file_format", ["xlsx", "ods", "csv"])
def test_the_empty_template_holds_nobody(tmp_path: Path, file_format: str) -> None:
    found = check(tmp_path / f"u.{file_format}", template_bytes(file_format))
    assert (found.submitted, found.readable) == (0, 0)
    assert [fault.rule for fault in found.faults] == ["too_few"]


def test_the_sheet_with_headings_is_read_and_said(tmp_path: Path) -> None:
    content = xlsx([["A remark about the programme"]], sheet_of(records(3)), [["And another"]])
    found = check(tmp_path / "u.xlsx", content)
    assert found.readable == 3
    assert sentences(found) == ["The workbook has 3 sheets with data. Only sheet 2, which has the headings, was read."]


def test_people_in_two_sheets_are_refused(tmp_path: Path) -> None:
    found = check(tmp_path / "u.xlsx", xlsx(sheet_of(records(3)), sheet_of(records(3))))
    assert sentences(found) == ["Sheets 1, 2 each hold headings and people. Put all people in one sheet, so that nobody is lost."]
    assert found.readable == 0


def test_a_hidden_sheet_is_never_read_but_said(tmp_path: Path) -> None:
    found = check(tmp_path / "u.xlsx", xlsx(sheet_of(records(3)), sheet_of(records(9)), hidden=[1]))
    assert found.readable == 3
    assert sentences(found) == [
        "Sheet 2 is hidden and holds data. It was not read; show it if it belongs to the upload, else delete it."
    ]


def test_hidden_rows_and_columns_are_read_and_said(tmp_path: Path) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_chartsheet()
        sheet = book.add_worksheet()
        for place, row in enumerate(sheet_of(records(5))):
            sheet.write_row(place, 0, row)
        for place in (2, 4, 90):  # the last is below the table
            sheet.set_row(place, None, None, {"hidden": True})
        sheet.set_column(4, 4, None, None, {"hidden": True})
        sheet.set_column(40, 16_383, None, None, {"hidden": True})  # beside the table
    found = check(tmp_path / "u.xlsx", made.getvalue())
    assert found.people["row"].to_pylist() == [2, 3, 4, 5, 6]
    assert sentences(found) == [
        "Column E is hidden and was read like the others. Show it if it belongs to the upload, else delete it.",
        "2 hidden rows were read like the others: rows 3 and 5. Show them if they belong to the upload, else delete them.",
    ]


def test_merged_cells_lose_their_rows_in_xlsx(tmp_path: Path) -> None:
    content = xlsx(sheet_of(records(6)), merged=[(2, 13, 3, 13)])  # establishment of rows 3 and 4
    found = check(tmp_path / "u.xlsx", content)
    assert sentences(found) == ["Unmerge the cells in 2 rows (rows 3 and 4): it cannot be told to which row their value belongs."]
    assert found.people["row"].to_pylist() == [2, 5, 6, 7]


def test_merged_cells_lose_their_rows_in_ods(tmp_path: Path) -> None:
    found = check(tmp_path / "u.ods", ods(sheet_of(records(6)), merged_row=3))
    assert [(fault.rule, fault.row) for fault in found.faults] == [("merged_cells", 4), ("merged_cells", 5)]


def test_row_numbers_hold_with_repeated_blank_rows_in_ods(tmp_path: Path) -> None:
    found = check(tmp_path / "u.ods", ods(sheet_of(records(3)), repeated=4))
    assert found.people["row"].to_pylist() == [5, 6, 7]


def test_a_table_that_starts_lower_and_to_the_right(tmp_path: Path) -> None:
    moved = [[], [], [None, None, "Title"], *([None, None, *row] for row in sheet_of(records(3, row3={"sex": "X"})))]
    found = check(tmp_path / "u.xlsx", xlsx(moved))
    assert found.people["row"].to_pylist() == [5, 7]
    assert [(fault.rule, fault.row) for fault in found.faults] == [("unknown_code", 6)]


def test_dates_half_converted_by_the_spreadsheet_are_refused(tmp_path: Path) -> None:
    people: list[dict[str, Any]] = [record(n, programme_start="04/16/2012", programme_end="", index_date="") for n in range(4)]
    for person in people:
        person["date_of_birth"] = "04/13/1984"
    people[1]["date_of_birth"] = datetime(1984, 3, 4)  # was typed 04/03/1984, the third of April
    found = check(tmp_path / "u.xlsx", xlsx(sheet_of(people)))
    assert [fault.rule for fault in found.faults if fault.severity == "file"] == ["dates_half_converted"]
    assert sentences(found)[0].startswith("In date_of_birth some dates were turned into spreadsheet dates")
