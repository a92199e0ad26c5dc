"""Files made to harm: each is refused by name, at once, and the process lives on."""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.intake_factory import TODAY, check, csv_text, records, sentences

from datalab.fields.justice.upload import UPLOAD
from datalab.intake import read_submission
from datalab.intake.readers import ReadLimits, read_source
from datalab.schema.writers import template_bytes

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
END = b"</table:table>"
SECONDS = 10  # each takes about 0.1 s; the bound is for a busy machine


def changed(content: bytes, change: Callable[[str, bytes], bytes], added: dict[str, bytes] | None = None, flag: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
        for name, extra in (added or {}).items():
            target.writestr(name, extra)
    data = made.getvalue()
    if flag:  # set the "encrypted" bit of every member, in both places where a zip keeps it
        data = bytearray(data)
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = data.find(mark)
            while place >= 0:
                data[place + offset] |= flag
                place = data.find(mark, place + 4)
    return bytes(data)


def same(name: str, data: bytes) -> bytes:
    return data


def with_sheet(xml: str) -> bytes:
    return changed(template_bytes("xlsx", records(3)), lambda name, data: xml.encode() if name == SHEET else data)


def far_corner() -> bytes:
    cell = '<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>'
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>forename</t></is></c></row>'
    return with_sheet(f'<worksheet {NAMESPACE}><sheetData>{first}<row r="1048576">{cell}</row></sheetData></worksheet>')


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    return with_sheet(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><worksheet {NAMESPACE}>&a9;</worksheet>')


def zip_bomb() -> bytes:
    return changed(template_bytes("xlsx"), same, {"xl/media/zeros.bin": bytes(210_000_000)})


def row_bomb() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 100_500))
    return with_sheet(f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>")


def ods_repeat_bomb() -> bytes:
    row = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string"'
    row += ' table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
    return changed(
        template_bytes("ods", records(3)),
        lambda name, data: (
            data.replace(b"</table:table>", row.encode() + b"</table:table>", 1) if name == "content.xml" else data
        ),
    )


def many_members() -> bytes:
    return changed(template_bytes("xlsx"), same, {f"xl/media/{n}.bin": b"" for n in range(600)})


def lying_size() -> bytes:
    # the directory says 10 bytes, the member unpacks to far more
    data = bytearray(changed(template_bytes("xlsx", records(3)), same))
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 24 : place + 28] = (10).to_bytes(4, "little")
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


ATTACKS = [
    ("corner.xlsx", far_corner, {"too_many_cells", "unsafe"}),
    ("laughs.xlsx", billion_laughs, {"not_a_workbook"}),
    ("bomb.xlsx", zip_bomb, {"too_big_inside"}),
    ("rows.xlsx", row_bomb, {"too_many_cells"}),
    ("repeat.ods", ods_repeat_bomb, {"too_many_cells", "unsafe", "not_a_workbook"}),
    ("members.xlsx", many_members, {"too_big_inside"}),
    ("lying.xlsx", lying_size, {"not_a_workbook", "unsafe"}),
    ("random.xlsx", lambda: random.Random(1).randbytes(50_000), {"not_a_workbook"}),
    ("random.ods", lambda: random.Random(2).randbytes(50_000), {"not_a_workbook"}),
    ("random.csv", lambda: random.Random(3).randbytes(50_000), {"not_text"}),
    ("nul.csv", lambda: csv_text(records(3)).encode() + b"\0", {"not_text"}),
    ("zipped.csv", lambda: template_bytes("xlsx"), {"workbook_as_csv"}),
    ("pdf.csv", lambda: b"%PDF-1.7\n" + csv_text(records(3)).encode(), {"not_text"}),
    ("text.xlsx", lambda: csv_text(records(3)).encode(), {"not_a_workbook"}),
    ("ods.xlsx", lambda: template_bytes("ods", records(3)), {"not_a_workbook"}),
    ("xlsx.ods", lambda: template_bytes("xlsx", records(3)), {"not_a_workbook"}),
    ("cut.xlsx", lambda: template_bytes("xlsx", records(3))[:4000], {"not_a_workbook"}),
    ("broken.xlsx", lambda: with_sheet("<worksheet><row"), {"not_a_workbook"}),
    ("macros.xlsx", lambda: changed(template_bytes("xlsx"), same, {"xl/vbaProject.bin": b"x"}), {"macros"}),
    ("macros.ods", lambda: changed(template_bytes("ods"), same, {"Basic/Standard/Module1.xml": b"x"}), {"macros"}),
    ("password.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), {"protected_or_old"}),
    ("flag.xlsx", lambda: changed(template_bytes("xlsx"), same, flag=1), {"password"}),
    (
        "password.ods",
        lambda: changed(
            template_bytes("ods"),
            lambda name, data: data + b"<!-- encryption-data -->" if name == "META-INF/manifest.xml" else data,
        ),
        {"password"},
    ),
    ("wide.csv", lambda: b"," * 5000 + b"\n", {"too_many_cells", "empty"}),
    ("quote.csv", lambda: csv_text(records(2)).encode() + b'"' + b"x" * 200_000, {"broken_csv"}),
    ("long.csv", lambda: b"a,b\n" * 120_000, {"too_many_cells"}),
]


@pytest.mark.parametrize(("name", "make", "rules"), ATTACKS, ids=[name for name, _, _ in ATTACKS])
def test_refused_at_once(tmp_path: Path, name: str, make: Callable[[], bytes], rules: set[str]) -> None:
    content = make()
    began = time.perf_counter()
    found = check(tmp_path / name, content)
    assert time.perf_counter() - began < SECONDS
    assert found.readable == 0
    assert {fault.rule for fault in found.faults if fault.severity == "file"} <= rules
    assert len(sentences(found)) == 1


def test_too_big_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)  # sparse: nothing is written
    began = time.perf_counter()
    assert [fault.rule for fault in read_submission(path, TODAY).faults] == ["too_big"]
    assert time.perf_counter() - began < SECONDS


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe, loop, link = tmp_path / "pipe.csv", tmp_path / "loop.csv", tmp_path / "zero.csv"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    link.symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    rules = {
        path.name: [fault.rule for fault in read_submission(path, TODAY).faults]
        for path in (pipe, loop, link, tmp_path / "folder.csv", tmp_path / "absent.csv", tmp_path / ("x" * 300 + ".csv"))
    }
    assert rules["pipe.csv"] == rules["zero.csv"] == rules["folder.csv"] == ["not_a_file"]
    assert rules["loop.csv"] == rules["absent.csv"] == rules["x" * 300 + ".csv"] == ["no_file"]


def test_a_slow_or_hungry_child_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "u.xlsx"
    path.write_bytes(template_bytes("xlsx", records(200)))
    hungry = read_source(path, UPLOAD, ReadLimits(memory_bytes=20_000_000))
    assert [fault.rule for fault in hungry.faults] == ["unsafe"]
    assert hungry.sheets == ()


def test_markup_and_paths_are_only_text(tmp_path: Path) -> None:
    people = records(3, row3={"establishment": "<script>alert(1)</script>"}, row4={"establishment": "../../etc/passwd"})
    found = check(tmp_path / "u.csv", csv_text(people))
    assert sentences(found) == []
    assert found.people["establishment"].to_pylist()[1:] == ["<script>alert(1)</script>", "../../etc/passwd"]
