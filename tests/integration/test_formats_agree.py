"""All formats of one report read back and compared number by number: page, PDF, ODS, XLSX, CSV and results.json.

The tables are compared with each other cell by cell; the numbers of results.json are rounded here, by themselves, and
compared with the figures of the CSV files.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from tests.findings_factory import make_findings
from tests.integration.test_report_formats import Page
from tests.run_folder import poppler, releasable_of, several_findings, write_folder

from datalab.fields.justice.measures import MEASURES
from datalab.report.pdf import pdf_bytes

RELEASES: dict[str, Callable[[], Any]] = {
    "default": lambda: releasable_of(make_findings()),
    "strict": lambda: releasable_of(make_findings(measures=MEASURES[:3]), "strict"),
    "small": lambda: releasable_of(make_findings(matched=45, pool=900)),
    "hidden": lambda: releasable_of(make_findings(matched=35, rate=0.1, pool=400)),
    "refused": lambda: releasable_of(make_findings(passed=False)),
    "too-few": lambda: releasable_of(make_findings(status="too_few", matched=20)),
    "several": lambda: releasable_of(several_findings(3, measures=MEASURES[:2])),
    "own": lambda: releasable_of(make_findings(kind="evaluate", measures=MEASURES[:3])),
}
Rows = list[list[str]]


@pytest.fixture(scope="module", params=RELEASES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("agree") / request.param
    write_folder(found, RELEASES[request.param]())
    return found


def csv_tables(folder: Path) -> dict[str, Rows]:
    """Every CSV file by its stem, headings first."""
    paths = [*folder.glob("*.csv"), *(folder / "tables").glob("*.csv")]
    return {path.stem: list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))) for path in paths}


def workbook_tables(path: Path) -> dict[str, Rows]:
    """Every sheet after the first three by its table's name, headings first; a number as CSV writes it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    tables = {}
    for sheet in book.sheet_names[3:]:
        rows = [[_as_text(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python()]
        start = max(place for place in range(3) if len([cell for cell in rows[place] if cell]) <= 1) + 1
        tables[sheet.partition("_")[2]] = rows[start:]
    return tables


def _as_text(cell: object) -> str:
    return repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell)


def same(first: str, second: str) -> bool:
    """The same figure or text; what is empty in CSV stands as [z] in a workbook, and CSV keeps formulas from running."""
    try:
        return float(first) == float(second)
    except ValueError:
        return (first.removeprefix("'") or "[z]") == (second or "[z]")


@pytest.mark.parametrize("name", ["annex.xlsx", "annex.ods"])
def test_the_workbooks_hold_the_figures_of_the_csv_files(folder: Path, name: str) -> None:
    files, compared = csv_tables(folder), 0
    for table, rows in workbook_tables(folder / name).items():
        if table == "balance":  # in the file with every analysis, in the workbook the headline's
            chosen = [row for row in files[table][1:] if row[0] == rows[1][0]]
            expected = [files[table][0], *chosen]
        else:
            expected = files[table]
        assert len(rows) == len(expected), table
        for ours, theirs in zip(rows, expected, strict=True):
            assert len(ours) == len(theirs)
            assert all(same(theirs[place], ours[place]) for place in range(len(ours))), (table, ours, theirs)
            compared += len(ours)
    assert compared > 50


def figures(text: str) -> str | tuple[float, ...]:
    """The numbers of a printed cell: one, or the two of an interval; another text as it is."""
    bare = text.replace(",", "").replace("−", "-")
    number = r"-?\d+(?:\.\d+)?(?:%| days)?"
    if not re.fullmatch(rf"{number}(?: to {number})?", bare):
        return text
    return tuple(float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", bare))


def test_the_page_shows_the_figures_of_the_csv_files(folder: Path) -> None:
    """By the heading of its column; an interval's two figures stand in two columns of the file."""
    files, compared = csv_tables(folder), 0
    for name, (heads, *rows) in Page((folder / "report.html").read_text(encoding="utf-8")).tables:
        known, *lines = files["results" if re.match("chart_|by_|other_measures", name) else name]
        places = [_columns(known, head) for head in heads]
        assert all(places), (name, heads)
        wanted = {tuple(_values(line, where) for where in places) for line in lines}
        for row in rows:
            found = tuple(figures(cell) or "" for cell in row)
            assert any(_agree(found, line) for line in wanted), (name, row)
            compared += len(row)
    assert compared > 5


def _columns(known: list[str], head: str) -> list[int]:
    """Where a column of the page stands in the file: once, or twice as the two ends of an interval."""
    exact = [place for place, title in enumerate(known) if title == head]
    return exact or [place for place, title in enumerate(known) if title.startswith(f"{head}: ")]


def _values(line: list[str], where: list[int]) -> str | tuple[float, ...]:
    try:
        return tuple(float(line[place]) for place in where)
    except ValueError:
        return line[where[0]].removeprefix("'")


def _agree(found: tuple[Any, ...], line: tuple[Any, ...]) -> bool:
    """ "<1%" stands for a share that rounds to 0."""
    return all(one == other or (one in ("<1%", "") and other in ((0.0,), "")) for one, other in zip(found, line, strict=True))


@pytest.mark.parametrize("folder", ["default", "strict", "several", "own"], indirect=True)
def test_the_pdf_holds_every_row_of_the_page(folder: Path, tmp_path: Path) -> None:
    """Row after row in the page's order, cell after cell (no row is divided between pages), and the headline.

    The tables that are long and stand elsewhere too are left out, each with a sentence that says where its figures are.
    """
    whole = (folder / "report.html").read_text(encoding="utf-8")
    printed = tmp_path / "report.pdf"
    printed.write_bytes(pdf_bytes(whole, identifier="ab") or pytest.skip("WeasyPrint or Pango is missing"))
    text, at = _spaced(poppler("pdftotext", "-raw", printed, "-")), 0
    unprinted = re.findall(
        r'<details class="unprinted">(.*?)</details>\s*<p class="note printed">(.*?)</p>', whole, flags=re.DOTALL
    )
    assert all(_spaced(sentence) in text and "(annex.xlsx)" in sentence for _, sentence in unprinted)
    assert all(re.match("chart_|other_measures", name) for table, _ in unprinted for name, _ in Page(table).tables)
    page = Page(re.sub(r'<details class="unprinted">.*?</details>', "", whole, flags=re.DOTALL))
    for name, rows in page.tables:
        for row in rows:
            found = text.find(_spaced("".join(row)), at)
            assert found >= 0, (name, row)
            at = found + 1
    sentence = json.loads((folder / "results.json").read_text(encoding="utf-8"))["headline"]["sentence"]
    assert _spaced(sentence) in text


def _spaced(text: str) -> str:
    """Without spaces and the hyphens of divided words: a line may end anywhere."""
    return re.sub(r"[\s\u2010\u00ad-]", "", text)


def rounded(value: Any, decimals: int, shift: int) -> str:
    """A number of results.json as a table prints it, or its symbol."""
    if isinstance(value, dict):
        return str(value["suppressed"])
    exact = Decimal(repr(float(value))).scaleb(shift).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return str(float(exact))


def places(text: str) -> int:
    return len(text.partition(".")[2].removesuffix("0")) if "." in text else 0


def agrees(value: Any, printed: str, shift: int = 0, most: int = 6) -> bool:
    """Whether a printed figure is a rounding of this number; a symbol must be the same one."""
    if isinstance(value, dict) or printed.startswith(("[", "<")):
        return (isinstance(value, dict) and value["suppressed"] == printed) or (printed == "<0.01" and value < 0.01)
    return any(float(printed) == float(rounded(value, decimals, shift)) for decimals in range(places(printed), most + 1))


def _pairs(document: dict[str, Any], tables: dict[str, Rows]) -> Iterator[tuple[str, Any, str, int]]:
    """What, the number of results.json, the printed figure of the table, and the shift between them."""
    for step, row in zip(document["attrition"], tables["attrition"][1:], strict=True):
        yield from (("n", step["n"], row[1], 0), ("share", step["share"], row[2], 2), ("lost", step["lost"], row[3], 0))
    balance = [
        (analysis, line) for analysis in document["analyses"] for line in (analysis["balance"] or {}).get("covariates", ())
    ]
    for (_, line), row in zip(balance, tables["balance"][1:], strict=True):
        shift = 2 if line["level"] else 0
        names = ("treated_before", "pool_before", "treated", "comparison")
        yield from ((name, line[name], row[place], shift) for place, name in enumerate(names, start=3))
        yield from ((name, line[name], row[place], 2) for place, name in ((7, "smd_before"), (8, "smd")))
        yield "variance_ratio", line["variance_ratio"], row[11], 0
    overlap = [line for analysis in document["analyses"] for line in analysis["overlap"]]
    for line, row in zip(overlap, tables.get("overlap", [[]])[1:], strict=True):
        yield from ((name, line[name], row[place], 2) for place, name in ((3, "treated"), (4, "pool"), (5, "comparison")))
    points = [point for analysis in document["analyses"] for point in (analysis["survival"] or {}).get("points", ())]
    ends = ("treated", "treated_low", "treated_high", "", "comparison", "comparison_low", "comparison_high")
    for point, row in zip(points, tables.get("survival", [[]])[1:], strict=True):
        yield from ((name, point[name], row[place], 2) for place, name in enumerate(ends, start=2) if name)
        yield from (("at_risk", point[f"{group}_at_risk"], row[place], 0) for place, group in ((5, "treated"), (9, "comparison")))
    yield from _result_pairs(document, tables)


def _result_pairs(document: dict[str, Any], tables: dict[str, Rows]) -> Iterator[tuple[str, Any, str, int]]:
    outcomes = [(analysis, one) for analysis in document["analyses"] for one in analysis["outcomes"] if one["effect"]]
    for (analysis, outcome), row in zip(outcomes, tables.get("results", [[]])[1:], strict=True):
        shift, effect = 2 if outcome["kind"] == "binary" else 0, outcome["effect"]
        assert (row[0], row[1]) == (analysis["name"], outcome["label"])
        counts = ("n_treated", "n_comparison", "effective_comparison")
        yield from ((name, outcome[name], row[place], 0) for place, name in enumerate(counts, start=3))
        yield from ((name, outcome[name], row[place], shift) for place, name in ((6, "treated"), (7, "comparison")))
        yield from ((name, effect[name], row[place], shift) for place, name in ((8, "estimate"), (9, "low"), (10, "high")))
        yield "p", effect["p"], row[12], 0
        yield from ((name, effect[name], row[place], 0) for place, name in ((15, "ratio"), (16, "ratio_low"), (17, "ratio_high")))
        yield "comparison_plain", outcome["comparison_plain"], row[18], shift


def test_the_figures_of_the_tables_are_roundings_of_results_json(folder: Path) -> None:
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    compared = 0
    for name, value, printed, shift in _pairs(document, csv_tables(folder)):
        assert agrees(value, printed, shift), (name, value, printed)
        compared += 1
    assert compared > 10 or document["status"] != "released"


def test_results_json_holds_the_numbers_of_the_stored_release(folder: Path) -> None:
    """The same leaf has the same value in both, suppressed or shown."""
    document, stored = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("results.json", "release.json"))
    compared = 0
    for ours, theirs in zip(document["analyses"], stored["release"]["analyses"], strict=True):
        for part in ("people", "balance", "survival", "overlap", "profile", "subgroups"):
            assert ours[part] == theirs[part], part
            compared += 1
        for one, other in zip(ours["outcomes"], theirs["outcomes"], strict=True):
            common = (one.keys() & other.keys()) - {"unadjusted", "classic"}
            assert {name: one[name] for name in common} == {name: other[name] for name in common}
    assert compared >= 6
