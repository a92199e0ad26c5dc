"""What holds of every upload: no value is ever said, nothing is lost silently, order does not matter, formats agree."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.intake_factory import check, csv_text, record, records, sentences

from datalab.errors import InputError
from datalab.fields.justice.identifiers import (
    canonical_pnc,
    canonical_postcode,
    canonical_prison_number,
    clean_name,
    pnc_check_letter,
)
from datalab.fields.justice.upload import UPLOAD
from datalab.intake import describe_faults, read_submission, require_usable
from datalab.intake.dates import decide_order, parse_day
from datalab.schema.writers import template_bytes

TODAY = date(2016, 1, 31)
NAMES = (*UPLOAD.names, "group:site")
FREE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30)
TRICKY = st.sampled_from(
    (
        *(
            "=1+Vxq",
            "@Vxq",
            "-Vxq",
            "31/31/1984",
            "14/04/84",
            "30 Feb 1984",
            "2000/0000224R",
            "Z9999ZZZ",
            "QQ99",
            "DUPLICATE_Vxqy",
        ),
        *("Vx\u202eqy", "Vx\x07qy", "Vx\ufffdqy", "Vxqy" * 60, "01/01/1970", "NF1 1NF", "total", "13/13/2013", "Vxqy@Vxqy.Vxqy"),
    )
)
CELLS = st.one_of(FREE, TRICKY)
CHANGES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(NAMES), CELLS), max_size=12)


def changed_records(changes: list[tuple[int, str, str]]) -> list[dict[str, str]]:
    people = records(6)
    for number, column, entry in changes:
        people[number][column] = entry
    return people


def said_by(text: str | bytes, name: str = "u.csv") -> str:
    with tempfile.TemporaryDirectory() as folder:
        found = check(Path(folder) / name, text)
    said = "\n".join(sentences(found))
    try:
        require_usable(found)
    except InputError as error:
        said += str(error)
    return said


@given(changes=CHANGES, heading=CELLS)
def test_no_value_of_a_cell_is_ever_said(changes: list[tuple[int, str, str]], heading: str) -> None:
    people = [person | {"spare": heading} for person in changed_records(changes)]
    said = said_by(csv_text(people, NAMES) + "\n")
    for _, _, entry in changes:
        if len(entry.strip()) >= 4 and entry.strip() not in WORDING:
            assert entry.strip() not in said


@given(values=st.lists(CELLS.filter(lambda value: len(value.strip()) >= 4), min_size=8, max_size=8, unique=True))
def test_a_row_of_values_in_the_place_of_headings_is_not_said(values: list[str]) -> None:
    people = records(3)
    text = csv_text(people, ("surname", "sex", *values)).splitlines()
    text += [csv_text([dict(zip("abcdefgh", values, strict=True))], tuple("abcdefgh")).splitlines()[1]]
    said = said_by("\n".join(text))
    assert not [value for value in values if value.strip() not in WORDING and value.strip() in said]


WORDING = (Path(__file__).parents[2] / "src/datalab/wording/en/intake.toml").read_text(encoding="utf-8") + " ".join(
    f"{field.name} {field.label} {field.labels}" for field in UPLOAD.fields
)


@given(changes=CHANGES)
def test_every_row_is_usable_or_has_a_fault(changes: list[tuple[int, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = check(Path(folder) / "u.csv", csv_text(changed_records(changes), NAMES))
    if any(fault.severity == "file" for fault in found.faults):
        assert found.readable == 0
        return
    lost = {fault.row for fault in found.faults if fault.severity == "row"}
    left_out = {fault.row for fault in found.faults if fault.rule in {"totals_row", "remark_row"}}
    assert set(found.people["row"].to_pylist()) | lost | left_out == set(range(2, 8))
    assert not set(found.people["row"].to_pylist()) & lost
    assert found.submitted + len(left_out) == 6


@given(content=st.one_of(st.binary(max_size=400), FREE.map(str.encode)), name=st.sampled_from(["u.csv", "u.xlsx", "u.ods"]))
def test_no_content_ever_raises(content: bytes, name: str) -> None:
    assert said_by(content, name)  # something is always said, for no such file can be used


@given(order=st.permutations(range(6)), changes=CHANGES)
def test_the_order_of_rows_does_not_matter(order: list[int], changes: list[tuple[int, str, str]]) -> None:
    people = changed_records([change for change in changes if "total" not in change[2]])
    with tempfile.TemporaryDirectory() as folder:
        first = check(Path(folder) / "a.csv", csv_text(people, NAMES))
        second = check(Path(folder) / "b.csv", csv_text([people[place] for place in order], NAMES))
    moved = {order.index(row - 2) + 2: values for row, values in _by_row(first)}
    assert moved == dict(_by_row(second))


def _by_row(found: object) -> list[tuple[int, dict[str, object]]]:
    rows = found.people.to_pylist()  # type: ignore[attr-defined]
    return [(row.pop("row"), row) for row in rows]


PLAIN = st.text(st.characters(categories=("Lu", "Ll"), max_codepoint=0x17F), min_size=2, max_size=12)
PEOPLE = st.lists(st.fixed_dictionaries({"forename": PLAIN, "surname": PLAIN, "establishment": PLAIN}), min_size=1, max_size=5)


@settings(max_examples=12)  # two child processes each
@given(people=PEOPLE)
def test_the_template_reads_back_the_same_in_every_format(people: list[dict[str, str]]) -> None:
    filled = [record(number, **person) for number, person in enumerate(people)]
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for file_format in ("xlsx", "ods", "csv"):
            path = Path(folder) / f"u.{file_format}"
            path.write_bytes(template_bytes(file_format, filled))
            tables.append(read_submission(path, TODAY, minimum_rows=1))
    assert tables[0].people.equals(tables[1].people)
    assert tables[0].people.equals(tables[2].people)
    assert [describe_faults(table) for table in tables] == [describe_faults(tables[0])] * 3


@given(day=st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_a_day_is_read_the_same_in_every_form(day: date) -> None:
    forms = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%d/%m/%Y 00:00"]
    assert {parse_day(day.strftime(form), "dmy").day for form in forms} == {day}
    assert parse_day(day.strftime("%m/%d/%Y"), "mdy").day == day
    serial = (day - date(1899, 12, 30)).days
    assert parse_day(str(serial), None).day == (day if serial >= 10_000 else None)
    assert parse_day(day.strftime("%d/%m/%y"), "dmy").rule == "two_digit_year"


@given(days=st.lists(st.dates(date(1950, 1, 1), date(2015, 1, 1)), min_size=1, max_size=30))
def test_the_order_is_never_decided_wrongly(days: list[date]) -> None:
    decision = decide_order([day.strftime("%d/%m/%Y") for day in days])
    assert decision.order in {"dmy", None}
    assert decision.is_undecided == (decision.order is None and any(day.day != day.month for day in days))


@given(year=st.integers(1917, 2016), serial=st.integers(1, 9_999_999))
def test_every_form_of_a_pnc_id_has_one_canonical_form(year: int, serial: int) -> None:
    letter = pnc_check_letter(year, serial)
    canonical = f"{year}/{serial:07d}{letter}"
    forms = [
        canonical,
        f"{year}/{serial}{letter}",
        f"{year % 100:02d}/{serial}{letter.lower()}",
        f"{year % 100:02d}{serial:07d}{letter}",
    ]
    assert {canonical_pnc(form, TODAY) for form in forms} == {canonical}
    others = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {letter}
    assert all(canonical_pnc(f"{year}/{serial:07d}{other}", TODAY) is None for other in others)


@given(text=FREE, days=st.integers(0, 4000))
def test_canonical_forms_are_their_own(text: str, days: int) -> None:
    today = TODAY + timedelta(days=days)
    for canonise in (lambda entry: canonical_pnc(entry, today), canonical_prison_number, canonical_postcode, clean_name):
        once = canonise(text)
        assert once is None or canonise(once) == once
