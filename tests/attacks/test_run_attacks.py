"""No value of the upload leaves with the outputs of a run: not on screen, in a file, in a log or in a file's name."""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.command_line import answer_of, call, files_of, finished_run, upload_rows
from tests.world_fixture import world_folder

IDENTIFIERS = ("reference", "pnc_id", "prison_number", "postcode")
NAMES = ("forename", "surname", "middle_names")
DATE_FORMS = (
    "%d/%m/%Y",
    "%Y-%m-%d",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d %B %Y",
    "%-d %B %Y",
    "%B %-d, %Y",
    "%d %b %Y",
)
SOURCE = Path(__file__).parents[2] / "src" / "datalab"


def texts_of(name: str, content: bytes) -> dict[str, str]:
    """A file as searchable text; the members of a workbook one by one, a PDF as it is and as read (where Poppler is there)."""
    if name.endswith(".pdf"):
        read = ["pdftotext", "-", "-"]
        pages = subprocess.run(read, input=content, check=True, capture_output=True).stdout if shutil.which(read[0]) else b""
        return {name: content.decode("latin-1"), f"{name} as read": pages.decode("utf-8")}
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {name: content.decode("utf-8")}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {f"{name}!{part}": archive.read(part).decode("utf-8", "replace") for part in archive.namelist()}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that may be handed on, by where it is: streams, file names, files and the parts of workbooks."""
    run = finished_run(tmp_path_factory)
    files = {name: content for name, content in files_of(run / "out").items() if not name.startswith("private/")}
    answer = answer_of(run)
    found = {"stdout": answer.out, "stderr": answer.err, "names": "\n".join(files)}
    for name, content in files.items():
        found |= texts_of(name, content)
    return found


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The distinct values of each column of the upload."""
    rows = upload_rows(world_folder(tmp_path_factory))
    return {name: {row[place].strip() for row in rows[1:] if row[place].strip()} for place, name in enumerate(rows[0])}


def found_in(outputs: dict[str, str], values: set[str]) -> set[tuple[str, str]]:
    """Where a value stands as a word, whatever its case."""
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, values), key=len, reverse=True)) + r")(?!\w)", re.I)
    return {(place, hit) for place, text in outputs.items() for hit in pattern.findall(text)}


def test_the_search_itself_finds_values(tmp_path_factory: pytest.TempPathFactory, cells: dict[str, set[str]]) -> None:
    """In the upload, where they stand, the same search finds every one; so what it does not find elsewhere is not there."""
    upload = "\n".join(";".join(row) for row in upload_rows(world_folder(tmp_path_factory)))
    values = cells["surname"] | cells["pnc_id"]
    assert {hit.lower() for _, hit in found_in({"upload": upload}, values)} >= {one.lower() for one in values if " " not in one}


def test_no_identifier_is_in_any_output(outputs: dict[str, str], cells: dict[str, set[str]]) -> None:
    values = {value for name in IDENTIFIERS for value in cells[name]}
    values |= {value.replace(" ", "") for value in cells["postcode"] if len(value) > 4}
    values |= {re.sub(r"\W", "", value) for value in cells["pnc_id"]}
    assert len(values) > 400
    assert found_in(outputs, values) == set()


def test_no_name_is_in_any_output(outputs: dict[str, str], cells: dict[str, set[str]]) -> None:
    """Names that are words of our own code too (Field, Mark) cannot be told apart, and are few; three letters (Lee) stand by
    chance among the bytes of a PDF."""
    values = {value for name in NAMES for value in cells[name] if len(value) > 3}
    written = (path for path in SOURCE.rglob("*") if path.suffix in {".toml", ".j2", ".css"} and path.name != "names.toml")
    sources = [*written, *(SOURCE / "fields").rglob("*.py")]  # other modules' words, their authors among them, reach no output
    words = {word.lower() for path in sources for word in re.findall(r"[A-Za-z]+", path.read_text(encoding="utf-8"))}
    telling = {value for value in values if value.lower() not in words}
    assert len(telling) > 0.95 * len(values)
    assert found_in(outputs, telling) == set()


def test_no_day_of_birth_is_in_any_output_in_any_form(outputs: dict[str, str], cells: dict[str, set[str]]) -> None:
    days: set[date] = set()
    for text in cells["date_of_birth"]:
        for form in ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d-%m-%Y"):
            try:
                days.add(datetime.strptime(text, form).date())
            except ValueError:
                continue
    assert len(days) > 150
    assert found_in(outputs, {day.strftime(form) for day in days for form in DATE_FORMS}) == set()


def test_no_establishment_or_day_of_a_person_is_in_any_output(outputs: dict[str, str], cells: dict[str, set[str]]) -> None:
    """Days that the plan or the coverage of the records states (first and last of a month) are not a person's."""
    days = {text for name in ("index_date", "conviction_date", "programme_start", "programme_end") for text in cells[name]}
    personal = {text for text in days if re.match(r"\d\d/\d\d/\d{4}$", text) and text[:2] not in {"01", "31", "30", "28"}}
    forms = {datetime.strptime(text, "%d/%m/%Y").strftime(form) for text in personal for form in DATE_FORMS}
    assert len(personal) > 100
    assert found_in(outputs, forms | cells["establishment"] | cells["group:site"]) == set()


def test_nothing_is_logged(tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture) -> None:
    """Neither our stages nor the libraries below them write a record's value to a log."""
    world = world_folder(tmp_path_factory)
    with caplog.at_level(logging.DEBUG):
        call("check", world / "uploads" / "thames-workshop.xlsx", "--central", world / "central")
    values = {row[3] for row in upload_rows(world)[1:] if len(row[3]) > 3}
    assert found_in({"log": caplog.text}, values) == set()
