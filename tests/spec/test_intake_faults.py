"""Every fault of design 2.4 as a table: what stands in the file, and the exact sentence."""
# ruff: noqa: E501  (one fault and its sentence a line)

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.intake_factory import TODAY, check, csv_text, record, records, sentences

from datalab.errors import InputError, UsageError
from datalab.fields.justice.upload import UPLOAD
from datalab.intake import read_submission, require_usable
from datalab.schema.writers import template_bytes

GROUP = (*UPLOAD.names, "group:site")

# (column, entry in row 3, the sentence, whether the row is lost)
CELLS = [
    ("forename", "", "Fill in 1 missing forename: row 3. Without it the row cannot be used.", True),
    ("surname", " \u00a0 ", "Fill in 1 missing surname: row 3. Without it the row cannot be used.", True),
    ("date_of_birth", "n/a", "Fill in 1 missing date of birth: row 3. Without it the row cannot be used.", True),
    ("sex", "", "Fill in 1 missing sex: row 3. Without it the row cannot be used.", True),
    ("programme_start", "", "Fill in 1 missing programme start: row 3. Without it the row cannot be used.", True),
    ("date_of_birth", "soon", "Correct 1 date of birth: row 3. Write a date as 31/12/2012 or 2012-12-31.", True),
    ("date_of_birth", "1984", "Correct 1 date of birth: row 3. Write a date as 31/12/2012 or 2012-12-31.", True),
    ("date_of_birth", "30/02/1984", "Correct 1 date of birth: row 3. The calendar has no such day; day and month may be swapped.", True),
    ("date_of_birth", "02/13/1984", "Correct 1 date of birth: row 3. The calendar has no such day; day and month may be swapped.", True),
    ("date_of_birth", "29 Feb 1985", "Correct 1 date of birth: row 3. The calendar has no such day; day and month may be swapped.", True),
    ("date_of_birth", "14/04/84", "Correct 1 date of birth: row 3. The year must have four digits, as in 31/12/2012.", True),
    ("date_of_birth", "01/01/1970", "Correct 1 date of birth: row 3. What stands there means “not known” in many systems; give what is true.", True),
    ("date_of_birth", "1900-01-01", "Correct 1 date of birth: row 3. What stands there means “not known” in many systems; give what is true.", True),
    ("date_of_birth", "17/04/2002", "Correct 1 date of birth: row 3. The person must be 10 to 110 years old at the programme's start; check both dates.", True),
    ("date_of_birth", "16/04/1901", "Correct 1 date of birth: row 3. The person must be 10 to 110 years old at the programme's start; check both dates.", True),
    ("date_of_birth", "14/04/2018", "Correct 1 date of birth: row 3. That day lies in the future.", True),
    ("programme_start", "16/04/2017", "Correct 1 programme start: row 3. That day lies in the future.", True),
    ("programme_start", "16/04/1999", "Check 1 programme start: row 3. The central records cover 1 January 2000 to 30 June 2015. People outside cannot be evaluated yet.", True),
    ("programme_end", "15/04/2012", "Correct 1 programme end: row 3. The programme cannot end before it starts; check both dates.", True),
    ("programme_end", "31/06/2012", "Correct 1 programme end: row 3. The calendar has no such day; day and month may be swapped. Left empty for now.", False),
    ("programme_end", "later", "Correct 1 programme end: row 3. Write a date as 31/12/2012 or 2012-12-31. Left empty for now.", False),
    ("index_date", "13/07/2011", "Check 1 index date: row 3. The central records cover 1 January 2012 to 31 December 2012. People outside cannot be evaluated yet.", True),
    ("index_date", "13/7/12", "Correct 1 index date: row 3. The year must have four digits, as in 31/12/2012. Left empty for now.", False),
    ("index_date", "01/01/1900", "Correct 1 index date: row 3. What stands there means “not known” in many systems; give what is true, or leave it empty.", False),
    ("conviction_date", "13/07/2019", "Correct 1 conviction date: row 3. That day lies in the future. Left empty for now.", False),
    ("sex", "X", "Correct 1 sex: row 3. Only M, F or U (not known) may stand there.", True),
    ("forename", "123", "Correct 1 forename: row 3. A name must have at least one letter.", True),
    ("middle_names", "123", "Correct 1 middle name: row 3. A name must have at least one letter. Left empty for now.", False),
    ("surname", "Unknown", "Correct 1 surname: row 3. What stands there means “not known” in many systems; give what is true.", True),
    ("surname", "DUPLICATE_Qwxv", "Look at 1 surname: row 3. A mark such as DUPLICATE_ stands before the name; it was taken off.", False),
    ("surname", "no_show_Qwxv", "Look at 1 surname: row 3. A mark such as DUPLICATE_ stands before the name; it was taken off.", False),
    ("pnc_id", "2000/0000223A", "Correct 1 PNC ID: row 3. A PNC ID has a year, a serial and its check letter, as in 2000/0000223R; one of them is wrong. Left empty for now.", False),
    ("prison_number", "1234ABC", "Correct 1 prison number: row 3. A prison number has a letter, four digits and two letters, as in A1234BC. Left empty for now.", False),
    ("postcode", "LS1", "Correct 1 postcode: row 3. Give the whole postcode, as in SW1A 1AA. Left empty for now.", False),
    ("postcode", "nf11nf", "Correct 1 postcode: row 3. What stands there means “not known” in many systems; give what is true, or leave it empty.", False),
    ("forename", "=HYPERLINK(1)", "Correct 1 forename: row 3. Nothing may begin with =, +, - or @, which a spreadsheet takes for a formula.", True),
    ("establishment", "+cmd|calc", "Correct 1 establishment: row 3. Nothing may begin with =, +, - or @, which a spreadsheet takes for a formula. Left empty for now.", False),
    ("reference", "-x", "Correct 1 reference: row 3. Nothing may begin with =, +, - or @, which a spreadsheet takes for a formula. Left empty for now.", False),
    ("group:site", "@SUM(1)", "Correct 1 entry in group:site: row 3. Nothing may begin with =, +, - or @, which a spreadsheet takes for a formula. Left empty for now.", False),
    ("surname", "Qw\u202ex", "Correct 1 surname: row 3. There are signs that do not print; type the cell again.", True),
    ("establishment", "HMP\x07", "Correct 1 establishment: row 3. There are signs that do not print; type the cell again. Left empty for now.", False),
    ("surname", "Qw\ufffdx", "Correct 1 surname: row 3. A letter was lost when the file was saved; type the cell again and save as UTF-8.", True),
    ("surname", "q" * 101, "Correct 1 surname: row 3. That is far too long for one entry; check that the columns have not slipped.", True),
    ("establishment", "q" * 201, "Correct 1 establishment: row 3. That is far too long for one entry; check that the columns have not slipped. Left empty for now.", False),
]  # fmt: skip


@pytest.mark.parametrize(("column", "entry", "sentence", "is_lost"), CELLS)
def test_one_cell(tmp_path: Path, column: str, entry: str, sentence: str, is_lost: bool) -> None:
    found = check(tmp_path / "u.csv", csv_text(records(6, row3={column: entry}), GROUP))
    assert sentences(found) == [sentence]
    assert found.submitted == 6
    assert (3 in found.people["row"].to_pylist()) == (not is_lost)
    if not is_lost and column != "surname":
        assert found.people[column].to_pylist()[1] is None


ACCEPTED = [
    ("reference", "-12.5", "-12.5"),
    ("reference", "+44 7700 900123", "+44 7700 900123"),
    ("forename", "O’Néill-Jones", "ONEILL JONES"),
    ("forename", "None", "NONE"),  # a name that reads like a blank
    ("sex", "female", "F"),
    ("sex", "Not known", "U"),
    ("pnc_id", "00/223r", "2000/0000223R"),
    ("prison_number", " a1234bc ", "A1234BC"),
    ("postcode", "sw1a1aa", "SW1A 1AA"),
    ("postcode", "n/a", None),
    ("index_date", "-", None),
    ("date_of_birth", "29 February 1984", date(1984, 2, 29)),
    ("date_of_birth", "30741", date(1984, 2, 29)),
    ("date_of_birth", "1984-02-29 00:00:00", date(1984, 2, 29)),
    ("date_of_birth", "16/04/2002", date(2002, 4, 16)),  # ten on the day
    ("date_of_birth", "17/04/1901", date(1901, 4, 17)),  # 110 on the day
    ("group:site", "  Leeds \n North ", "Leeds North"),
]


@pytest.mark.parametrize(("column", "entry", "value"), ACCEPTED)
def test_accepted_entries(tmp_path: Path, column: str, entry: str, value: object) -> None:
    found = check(tmp_path / "u.csv", csv_text(records(6, row3={column: entry}), GROUP))
    assert sentences(found) == []
    assert found.people[column].to_pylist()[1] == value


def test_like_faults_are_counted_in_one_sentence(tmp_path: Path) -> None:
    rows = {f"row{n}": {"date_of_birth": "30/02/1984"} for n in (4, 9, 12)}
    assert sentences(check(tmp_path / "u.csv", csv_text(records(14, **rows)))) == [
        "Correct 3 dates of birth: rows 4, 9 and 12. The calendar has no such day; day and month may be swapped."
    ]


def test_all_faults_at_once_and_in_order(tmp_path: Path) -> None:
    people = records(8, row3={"sex": "?!x", "pnc_id": "x"}, row4={"forename": "", "date_of_birth": "x"}, row5={"postcode": "x"})
    found = check(tmp_path / "u.csv", csv_text(people), minimum_rows=60)
    assert [fault.severity for fault in found.faults] == ["file", "row", "row", "row", "note", "note"]
    assert sentences(found)[0] == (
        "Only 6 rows can be used; at least 60 are needed. Put any faults of rows right, or wait until more people have finished."
    )


def test_fifty_nine_people_are_refused_and_sixty_are_not(tmp_path: Path) -> None:
    sixty = check(tmp_path / "u.csv", csv_text(records(60)), minimum_rows=60)
    assert require_usable(sixty) is sixty
    assert sixty.readable == 60
    fewer = check(tmp_path / "u.csv", csv_text(records(59)), minimum_rows=60)
    with pytest.raises(InputError, match="Only 59 rows can be used; at least 60 are needed") as caught:
        require_usable(fewer)
    assert caught.value.exit_code == 1


def test_duplicates_are_kept_and_named(tmp_path: Path) -> None:
    people = [*records(4), record(0, reference="again"), record(8, pnc_id="00/223R"), record(9, pnc_id="2000/0000223R")]
    found = check(tmp_path / "u.csv", csv_text(people))
    assert sentences(found) == [
        "2 rows seem to be people who are already there: rows 6 (as row 2) and 8 (as row 7). They are kept, and each person is counted once."
    ]
    assert found.readable == 7


def test_missing_columns_are_all_named_and_the_rest_still_checked(tmp_path: Path) -> None:
    headings = ("forename", "surname", "programme_start", "programme_end", "index_date", "gender")
    found = check(tmp_path / "u.csv", csv_text(records(3, row3={"programme_end": "15/04/2012"}), headings))
    assert sentences(found) == [
        "2 columns are missing: date_of_birth, sex. Add them, with the headings as in the template.",
        "Correct 1 programme end: row 3. The programme cannot end before it starts; check both dates.",
        "Column F (“gender”) is not in the template and was left out. If it is meant as sex, name it so. A column of your own must be named group:NAME.",
    ]
    assert found.readable == 0
    assert found.submitted == 3


@pytest.mark.parametrize(
    ("heading", "sentence"),
    [
        ("shoe", "Column I is not in the template and was left out. A column of your own must be named group:NAME."),
        ("establishmnt", "Column I (“establishmnt”) is not in the template and was left out. If it is meant as establishment, name it so. A column of your own must be named group:NAME."),
        ("QwxAA", "Column I is not in the template and was left out. A column of your own must be named group:NAME."),  # somebody's surname
        ("07700 900123", "Column I is not in the template and was left out. A column of your own must be named group:NAME."),
    ],
)  # fmt: skip
def test_unknown_columns(tmp_path: Path, heading: str, sentence: str) -> None:
    headings = (*records(1)[0], heading)
    assert sentences(check(tmp_path / "u.csv", csv_text(records(3), headings))) == [sentence]


def test_headings_in_any_case_and_spacing(tmp_path: Path) -> None:
    text = csv_text(records(3), tuple(records(1)[0]))
    text = (
        text.replace("date_of_birth", "Date Of Birth")
        .replace("programme_start", "PROGRAMMESTART")
        .replace("index_date", "Index-date ")
    )
    found = check(tmp_path / "u.csv", text)
    assert sentences(found) == []
    assert found.people["index_date"].to_pylist() == [date(2012, 7, 13)] * 3


def test_a_column_twice(tmp_path: Path) -> None:
    text = csv_text(records(3)).replace("reference,", "surname,", 1)
    assert sentences(check(tmp_path / "u.csv", text)) == ["The column surname stands there twice. Keep one."]


def test_neither_date_column_is_said(tmp_path: Path) -> None:
    headings = ("forename", "surname", "date_of_birth", "sex", "programme_start")
    assert sentences(check(tmp_path / "u.csv", csv_text(records(3), headings))) == [
        "There is neither index_date nor conviction_date, so the index event is found from programme_start alone. Give one of them if you can."
    ]


def test_titles_blank_rows_totals_and_remarks(tmp_path: Path) -> None:
    lines = csv_text(records(4)).splitlines()
    text = "\n".join(
        ["Our programme 2012", "", *lines[:3], "", *lines[3:], ",,,,,,,,,,,,,", "Total,4", "Source: our own records"]
    )
    found = check(tmp_path / "u.csv", text)
    assert sentences(found) == [
        "1 remark below the table was left out: row 11. Delete it.",
        "1 row of totals was left out: row 10. Delete it.",
    ]
    assert found.people["row"].to_pylist() == [4, 5, 7, 8]
    assert found.submitted == 4


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_rows_with_more_cells_than_headings_are_lost_and_said(tmp_path: Path, delimiter: str) -> None:
    lines = csv_text(records(6)).replace(",", delimiter).splitlines()
    lines[2] = lines[2].replace("Qwx", f"Qwx{delimiter} ") + f"{delimiter}SECRET"
    lines[4] += f"{delimiter}SECRET"
    lines[5] += f"{delimiter}{delimiter} {delimiter}"  # blank ones are harmless
    found = check(tmp_path / "u.csv", "\n".join(lines))
    assert (
        "2 rows have more cells than there are headings: rows 3 and 5. "
        "Look for a comma inside a value, and put that value in quotation marks."
    ) in sentences(found)
    assert found.people["row"].to_pylist() == [2, 4, 6, 7]
    assert "SECRET" not in " ".join(sentences(found))


def test_blank_headings_do_not_hide_an_extra_cell(tmp_path: Path) -> None:
    lines = [f"{line},," for line in csv_text(records(6)).splitlines()]
    lines[3] = lines[3][:-2] + ",x,"
    found = check(tmp_path / "u.csv", "\n".join(lines))
    assert [(fault.rule, fault.row) for fault in found.faults] == [("extra_cells", 4)]


def test_a_workbook_named_csv_is_told_so(tmp_path: Path) -> None:
    found = check(tmp_path / "u.csv", template_bytes("xlsx", records(3)))
    assert sentences(found) == [
        "The file is named .csv but looks like a workbook. Give it its own ending (.xlsx or .ods), or save it as CSV (UTF-8)."
    ]


def test_no_headings(tmp_path: Path) -> None:
    text = "\n".join(csv_text(records(4)).splitlines()[1:])
    assert sentences(check(tmp_path / "u.csv", text)) == [
        (
            "No headings were found in the first 20 rows. One row must name the columns, at least: "
            "forename, surname, date_of_birth, sex, programme_start. Copy the headings from the template."
        )
    ]


@pytest.mark.parametrize("content", ["", "\n\n  \n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    assert sentences(check(tmp_path / "u.csv", content)) == [
        "The file is empty. Fill in the template, from the row below its headings."
    ]


@pytest.mark.parametrize("name", ["u.xls", "u.pdf", "u.xlsm", "u", "u.Zebedee"])
def test_unknown_endings(tmp_path: Path, name: str) -> None:
    said = sentences(check(tmp_path / name, csv_text(records(3))))
    shown = f" (.{name.split('.')[1]})" if name[2:] in {"xls", "pdf", "xlsm"} else ""
    assert said == [
        f"The upload must be a CSV, XLSX or ODS file; this one has another ending{shown}. Save it as one of these, not just under another name."
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = csv_text(records(3, row3={"establishment": "a, b; c"})).replace('"a, b; c"', "§")
    found = check(tmp_path / "u.csv", text.replace(",", delimiter).replace("§", '"a, b; c"'))
    assert sentences(found) == []
    assert found.people["establishment"].to_pylist()[1] == "a, b; c"


def test_encodings(tmp_path: Path) -> None:
    people = records(4, row3={"establishment": "Café"}, row4={"establishment": "Łódź"})
    utf8 = csv_text(people)
    assert sentences(check(tmp_path / "u.csv", b"\xef\xbb\xbf" + utf8.encode())) == []
    windows = csv_text(records(4, row3={"establishment": "Café"})).encode("cp1252")
    found = check(tmp_path / "u.csv", windows)
    assert found.people["establishment"].to_pylist()[1] == "Café"
    assert sentences(found)[0].startswith("The file is in the Windows encoding, not UTF-8.")
    mixed = b"\n".join(line.encode("cp1252") if "Caf" in line else line.encode() for line in utf8.split("\n"))
    found = check(tmp_path / "u.csv", mixed)
    assert found.people["establishment"].to_pylist()[1:3] == ["Café", "Łódź"]
    assert sentences(found)[0].startswith("Parts of the file are in UTF-8 and parts in the Windows encoding.")
    assert sentences(check(tmp_path / "u.csv", utf8.replace("Café", "Caf").encode() + b"\x81\x8d"))[0].startswith(
        "The file holds bytes that are text neither in UTF-8 nor in the Windows encoding."
    )
    assert sentences(check(tmp_path / "u.csv", utf8.encode("utf-16")))[0].startswith("The file is text in the UTF-16 encoding.")


def test_day_and_month_are_asked_about_when_the_file_leaves_it_open(tmp_path: Path) -> None:
    same = {"date_of_birth": "01/02/1984", "programme_start": "04/04/2012", "programme_end": "", "index_date": "05/05/2012"}
    people = [record(number, **same) for number in range(4)]
    asked = check(tmp_path / "u.csv", csv_text(people))
    assert sentences(asked) == [
        (
            "The dates can be read with the day or with the month first, and no date in the file settles which. "
            "Say which with the option date_order (dmy or mdy), or write dates as 2012-12-31."
        )
    ]
    assert check(tmp_path / "u.csv", csv_text(people), date_order="dmy").people["date_of_birth"][0].as_py() == date(1984, 2, 1)
    assert check(tmp_path / "u.csv", csv_text(people), date_order="mdy").people["date_of_birth"][0].as_py() == date(1984, 1, 2)
    alike = [person | {"date_of_birth": "02/02/1984"} for person in people]
    assert sentences(check(tmp_path / "u.csv", csv_text(alike))) == []  # no difference would matter


def test_month_first_is_detected_and_said(tmp_path: Path) -> None:
    people = [
        record(n, date_of_birth="04/13/1984", programme_start="04/16/2012", programme_end="", index_date="05/06/2012")
        for n in range(3)
    ]
    found = check(tmp_path / "u.csv", csv_text(people))
    assert found.people["index_date"][0].as_py() == date(2012, 5, 6)
    assert "Dates were read with the month first, because some can only be read so." in sentences(found)


def test_orders_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    people = records(6, row3={"date_of_birth": "04/13/1984"}, row4={"date_of_birth": "04/14/1984"})
    assert sentences(check(tmp_path / "u.csv", csv_text(people)))[0].startswith(
        "Some dates have the day first and others the month first."
    )


def test_parameters_are_checked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"date_order must be one of auto, dmy, mdy\. You gave ymd"):
        read_submission(tmp_path / "u.csv", TODAY, date_order="ymd")
    with pytest.raises(UsageError, match="minimum_rows must be a whole number at least 1"):
        read_submission(tmp_path / "u.csv", TODAY, minimum_rows=0)
