"""The report's files: the same numbers in every format, the same bytes twice, a page that holds to the rules of HTML."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from python_calamine import CalamineWorkbook
from tests.findings_factory import make_findings

from datalab.disclosure import control, own_data
from datalab.disclosure import results as released
from datalab.disclosure.results import Releasable
from datalab.fields.justice.measures import MEASURES
from datalab.report.annex_tables import annex_tables
from datalab.report.results import results_schema
from datalab.report.tables import Table, plain_headings, plain_rows
from datalab.report.writers import report_files, write_report

CASES: dict[str, dict[str, Any]] = {
    "lower": {},
    "small": {"matched": 45, "pool": 900},
    "hidden": {"matched": 35, "rate": 0.1, "pool": 400},
    "refused": {"passed": False},
    "too_few": {"status": "too_few", "matched": 20},
    "evaluate": {"kind": "evaluate", "measures": MEASURES[:3]},
    "research": {"kind": "evaluate", "passed": False, "research": True, "measures": MEASURES[:1]},
}
VOID = {"meta", "link", "img", "br", "hr", "input", "path", "line", "rect", "circle", "use"}


@cache
def releasable(case: str) -> Releasable:
    findings = make_findings(**CASES[case])
    return own_data(findings) if findings.kind == "evaluate" else control(findings)


@cache
def files(case: str) -> dict[str, bytes]:
    return report_files(releasable(case), manifest_sha256="ab" * 32, version="0.1.0")


class Page(HTMLParser):
    """What the tests ask of a page: its elements with attributes in order, its tables, and whether tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.open: list[str] = []
        self.cell = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.append((tag, values))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append((values["data-table"], []))
        if tag == "tr":
            self.tables[-1][1].append([])
        if tag in ("th", "td"):
            self.tables[-1][1][-1].append("")
            self.cell = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        if tag in ("th", "td"):
            self.cell = False

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.tables[-1][1][-1][-1] += data


@cache
def page(case: str) -> Page:
    return Page(files(case)["report.html"].decode())


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_well_formed_and_its_ids_are_unique(case: str) -> None:
    found = page(case)
    assert found.open == []
    ids = [values["id"] for _, values in found.elements if "id" in values]
    assert len(ids) == len(set(ids))
    links = {values["href"][1:] for tag, values in found.elements if tag == "a"}
    labels = {name for _, values in found.elements for name in values.get("aria-labelledby", "").split()}
    assert links | labels <= set(ids)
    assert [values.get("lang") for tag, values in found.elements if tag == "html"] == ["en-GB"]


@pytest.mark.parametrize("case", CASES)
def test_headings_are_in_order_and_landmarks_are_there(case: str) -> None:
    levels = [int(tag[1]) for tag, _ in page(case).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    tags = [tag for tag, _ in page(case).elements]
    assert [tags.count(tag) for tag in ("header", "main", "nav", "footer")] == [1, 1, 1, 1]
    assert ("a", {"class": "skip", "href": "#main"}) in page(case).elements


@pytest.mark.parametrize("case", CASES)
def test_tables_have_captions_scopes_and_scrolling_regions(case: str) -> None:
    elements = page(case).elements
    for index, (tag, _) in enumerate(elements):
        if tag == "table":
            assert elements[index + 1][0] == "caption"
            region = elements[index - 1][1]
            assert region["role"] == "region"
            assert region["tabindex"] == "0"
            assert region["aria-label"]
    assert all(values.get("scope") in ("col", "row") for tag, values in elements if tag == "th")


@pytest.mark.parametrize("case", CASES)
def test_charts_have_a_title_and_a_description_and_a_table(case: str) -> None:
    text = files(case)["report.html"].decode()
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(drawings) % 2 == 0
    for drawing in drawings:
        assert re.match(r'<svg class="plot" role="img" aria-labelledby="(\S+)-title \1-description"', drawing)
        assert re.search(r"<title id=\S+>[^<]+</title><desc id=\S+>[^<]+</desc>", drawing)
    for figure in re.findall(r"<figure.*?</figure>", text, flags=re.DOTALL):
        assert figure.count("<svg") == 2
        assert "<details>" in figure
        assert "<caption>" in figure


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_loaded_and_nothing_runs(case: str) -> None:
    text = files(case)["report.html"].decode()
    assert not re.search(r"https?://|//[a-z]|@import|@font-face|<script|\bon[a-z]+=\"|url\((?!#)", text)
    assert not any(tag in ("link", "script", "iframe", "object", "img") for tag, _ in page(case).elements)


def test_the_watermark_is_on_unbalanced_estimates_alone() -> None:
    marked = [case for case in CASES if 'class="watermark"' in files(case)["report.html"].decode()]
    assert marked == ["research"]
    banners = {case: re.findall(r'class="banner banner-([a-z-]+)"', files(case)["report.html"].decode()) for case in CASES}
    assert banners["lower"] == ["synthetic"]
    assert banners["evaluate"] == ["own-data"]
    assert banners["research"] == ["research"]


def as_number(text: str) -> str | float:
    """A cell's text as the figure behind it, or the text itself."""
    bare = text.replace(",", "").replace("−", "-").removesuffix(" days").removesuffix("%")
    try:
        return float(bare)
    except ValueError:
        return text


def expected(table: Table) -> list[list[str | float]]:
    return [[float(value) if not isinstance(value, str) else value or "[z]" for value in row] for row in plain_rows(table)]


@pytest.mark.parametrize("name", ["annex.xlsx", "annex.ods"])
@pytest.mark.parametrize("case", CASES)
def test_the_workbooks_hold_every_table(case: str, name: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(files(case)[name]))
    tables = annex_tables(releasable(case))
    assert book.sheet_names == ["Cover", "Contents", "Notes", *(f"{n}_{table.name}" for n, table in enumerate(tables, 1))]
    for sheet, table in zip(book.sheet_names[3:], tables, strict=True):
        rows = [[cell for cell in row if cell != ""] for row in book.get_sheet_by_name(sheet).to_python()]
        assert rows[0] == [table.title]
        start = rows.index(list(plain_headings(table)))
        assert [[float(v) if isinstance(v, int | float) else v for v in row] for row in rows[start + 1 :]] == expected(table)


@pytest.mark.parametrize("case", CASES)
def test_every_row_of_the_page_is_a_row_of_the_annex(case: str) -> None:
    """A table on the page may leave columns and rows out, but never holds a figure of its own."""
    tables = {table.name: table for table in annex_tables(releasable(case))}
    compared = 0
    for name, rows in page(case).tables:
        heads, table = rows[0], tables[name]
        places = [[column.title for column in table.columns].index(head) for head in heads]
        known = {tuple(row[place].text for place in places) for row in table.rows}
        assert {tuple(row) for row in rows[1:]} <= known
        for row in table.rows:
            for cell in row:
                if len(cell.values) == 1 and not isinstance(cell.values[0], str) and not cell.text.startswith("<"):
                    assert as_number(cell.text) == float(cell.values[0])
                    compared += 1
    assert compared > 0


@pytest.mark.parametrize("case", CASES)
def test_the_csv_files_hold_the_same_figures(case: str) -> None:
    tables = {table.name: table for table in annex_tables(releasable(case))}
    names = {Path(name).stem: name for name in files(case) if name.endswith(".csv")}
    assert set(names) == set(tables) | {"attrition", "balance"}
    for stem, name in names.items():
        rows = list(csv.reader(io.StringIO(files(case)[name].decode(), newline="")))
        if stem in tables:
            assert tuple(rows[0]) == plain_headings(tables[stem])
            assert rows[1:] == [[str(value) for value in row] for row in plain_rows(tables[stem])]
        else:
            assert len(rows) == 1


@pytest.mark.parametrize("case", CASES)
def test_the_metadata_says_what_every_csv_file_and_column_is(case: str) -> None:
    """CSV on the Web: a column said to hold numbers holds numbers and the symbols named, and every symbol is explained."""
    told = json.loads(files(case)["csv-metadata.json"])
    assert [table["url"] for table in told["tables"]] == [name for name in files(case) if name.endswith(".csv")]
    notes, numbers = " ".join(told["notes"]), 0
    for table in told["tables"]:
        heads, *rows = csv.reader(io.StringIO(files(case)[table["url"]].decode(), newline=""))
        columns = table["tableSchema"]["columns"]
        assert [column["titles"] for column in columns] == heads
        assert len({column["name"] for column in columns}) == len(columns)
        assert all(re.fullmatch(r"[a-z0-9_]+", column["name"]) for column in columns)
        for column, values in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
            shown = [value for value in values if value not in told["null"]]
            assert all(value in notes for value in set(values) - set(shown))
            numbers += len([float(value) for value in shown]) if column["datatype"] == "number" else 0
    assert numbers > 0 or case == "too_few"


@pytest.mark.parametrize("case", CASES)
def test_results_json_obeys_its_schema(case: str) -> None:
    schema = results_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(files(case)["results.json"])
    jsonschema.Draft202012Validator(schema).validate(document)
    extra = {**document, "secret": 1}
    with pytest.raises(jsonschema.ValidationError, match="secret"):
        jsonschema.Draft202012Validator(schema).validate(extra)


def parts_of(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema that describes an object."""
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts_of(value)
    if isinstance(node, dict) and node.get("type") == "object":
        yield node


def test_the_schema_lets_nothing_through_that_it_does_not_name() -> None:
    """Every object is closed, or says what its values are; every name that must be there is described."""
    parts = list(parts_of(results_schema()))
    assert len(parts) > 20
    for part in parts:
        assert part["additionalProperties"] is False or part["additionalProperties"].keys() & {"type", "$ref"}
        assert set(part.get("required", ())) <= set(part.get("properties", ()))


def test_the_schema_names_every_field_of_the_release() -> None:
    """What a format of the release gained and the schema did not is found here, not by a reader."""
    kinds = {name.removeprefix("Released").lower(): kind for name, kind in vars(released).items() if name.startswith("Released")}
    told = results_schema()["$defs"]
    checked = 0
    for name in kinds.keys() & told.keys():
        fields = {field.name for field in dataclasses.fields(kinds[name])}
        known = set(told[name]["properties"]) | ({"percent"} if name == "step" else {"classic"} if name == "outcome" else set())
        assert fields <= known, name
        checked += 1
    assert checked >= 15


@pytest.mark.parametrize("case", ["lower", "evaluate"])
def test_results_json_rounds_to_the_figures_of_the_tables(case: str) -> None:
    document = json.loads(files(case)["results.json"])
    table = next(table for table in annex_tables(releasable(case)) if table.name == "results")
    names = [column.name for column in table.columns]
    by_label = {row[names.index("measure")].text: row for row in table.rows}
    checked = 0
    for outcome in document["analyses"][0]["outcomes"]:
        if outcome["effect"] is None:
            continue
        row = by_label[outcome["label"]]
        scale = 100 if outcome["kind"] == "binary" else 1
        numbers = {name: outcome[name] for name in ("treated", "comparison")} | {"estimate": outcome["effect"]["estimate"]}
        for name, number in numbers.items():
            (value,) = row[names.index(name)].values
            if isinstance(value, str):
                assert number == {"suppressed": value}
            else:
                decimals = len(f"{value}".partition(".")[2]) if isinstance(value, float) else 0
                assert abs(number * scale - value) <= 0.5 * 10**-decimals + 1e-9
                checked += 1
    assert checked >= 9


@pytest.mark.parametrize("case", ["research"])
def test_the_same_release_gives_the_same_bytes(case: str, tmp_path: Path) -> None:
    hashes = write_report(tmp_path, releasable(case), manifest_sha256="ab" * 32, version="0.1.0").files
    first = [
        "annex.ods",
        "annex.xlsx",
        "attrition.csv",
        "balance.csv",
        "csv-metadata.json",
        "report.html",
        "results.json",
        "summary.html",
    ]
    assert [name for name in sorted(hashes) if not name.startswith("tables/")] == first
    for name, content in files(case).items():
        assert hashlib.sha256(content).hexdigest() == hashes[name]
        assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("name", ["annex.xlsx", "annex.ods"])
def test_the_workbooks_carry_no_date_and_no_merged_cell(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(files("lower")[name])) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        text = "".join(archive.read(member).decode(errors="replace") for member in archive.namelist() if member.endswith(".xml"))
    assert not re.search(r"mergeCell|number-columns-spanned|number-rows-spanned", text)
    assert not re.search(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T", text)


def test_a_suppressed_number_is_never_null_or_zero_in_json() -> None:
    text = files("small")["results.json"].decode()
    assert '"suppressed": "[c]"' in text
    assert "NaN" not in text
    assert "Infinity" not in text
