"""The report opened in a browser: every kind of ending, wide, narrow, without scripts and in print; axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.findings_factory import make_findings
from tests.journeys.browser import NARROW, WIDE, chromium, opened
from tests.stored_runs import write_run

from datalab.comparison import compare_runs
from datalab.disclosure import control, own_data
from datalab.disclosure.results import Releasable
from datalab.fields.justice.measures import MEASURES
from datalab.report.html import render_html
from datalab.report.summary import render_summary

# Every ending a study can have.
ENDINGS = {
    "lower": lambda: control(make_findings(matched=1500, pool=9000, effect=-0.09)),
    "higher": lambda: control(make_findings(matched=1500, pool=9000, effect=0.09, seed=2)),
    "more-people": lambda: control(make_findings(matched=120, effect=-0.02, seed=4)),
    "small-group": lambda: control(make_findings(matched=45, left_out=3)),
    "too-few": lambda: control(make_findings(matched=22)),
    "badly-matched": lambda: control(make_findings(passed=False, status="balance_failed")),
    "strict": lambda: control(make_findings(), "strict"),
    "own-data": lambda: own_data(make_findings(kind="evaluate")),
    "research": lambda: own_data(make_findings(kind="evaluate", passed=False, research=True)),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module", params=ENDINGS)
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    releasable: Releasable = ENDINGS[request.param]()
    path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    path.write_text(render_html(releasable, manifest_sha256="0" * 64, version="0"), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=ENDINGS)
def summary_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("summaries") / f"{request.param}.html"
    path.write_text(render_summary(ENDINGS[request.param](), manifest_sha256="0" * 64, version="0"), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["unclear", "changed", "unanswered"])
def comparison_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("comparisons")
    later = {
        "unclear": {"matched": 900, "pool": 9000, "effect": -0.09, "seed": 2},
        "changed": {"matched": 1500, "pool": 9000, "effect": 0.09, "seed": 2},
        "unanswered": {"passed": False, "status": "balance_failed"},
    }[request.param]
    first = write_run(base / "first", matched=900, pool=9000, effect=-0.09)
    found = compare_runs(first, write_run(base / "later", "2016-01-31", **later), base / "out")
    return found.folder / "comparison.html"


def faults(browser: Browser, path: Path, size: tuple[int, int]) -> list[str]:
    """What axe finds, that the page is wider than the window, and what was asked for beside the file itself."""
    with opened(browser, path, size) as (page, strange):
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        found = Axe().run(page)
        told = [found.generate_report()] if found.violations_count else []
        wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        return [*told, *([f"{wide} px in a window of {window}"] if wide > window else []), *strange]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_the_summary(browser: Browser, summary_file: Path, size: tuple[int, int]) -> None:
    assert faults(browser, summary_file, size) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_the_comparison(browser: Browser, comparison_file: Path, size: tuple[int, int]) -> None:
    assert faults(browser, comparison_file, size) == []


def test_the_summary_is_one_printed_side_of_a4(browser: Browser, summary_file: Path) -> None:
    with opened(browser, summary_file, WIDE, scripts=False) as (page, _):
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


BOXES = "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.top, box.right, box.bottom])"


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_printed_picture_of_the_summary_stands_apart_from_its_table_and_the_next_heading(
    browser: Browser, tmp_path: Path, rows: int
) -> None:
    releasable = control(make_findings(measures=MEASURES[:rows], matched=900, pool=9000, survival=False, sensitivity=False))
    path = tmp_path / "summary.html"
    path.write_text(render_summary(releasable, manifest_sha256="0" * 64, version="0"), encoding="utf-8")
    with opened(browser, path, (695, 1000), scripts=False) as (page, _):  # A4 between its margins
        page.emulate_media(media="print")
        boxes = {name: page.locator(name).evaluate_all(BOXES) for name in ("#numbers", "#say", ".dots", "figcaption", "table")}
        assert boxes["#say"][0][0] == boxes["#numbers"][0][0]
        assert boxes["#say"][0][1] >= max(bottom for name in (".dots", "table") for *_, bottom in boxes[name])
        assert max(right for _, _, right, _ in boxes["figcaption"]) < boxes["table"][0][0]
        assert page.locator("figcaption").evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")


def test_what_happened_and_what_next_are_in_the_first_screen(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE) as (page, _):
        for found in (page.locator(".panel .sentence"), page.locator(".panel .steps li").first):
            if found.count():
                box = found.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= WIDE[1]


def test_headings_come_in_order_for_a_screen_reader(browser: Browser, summary_file: Path) -> None:
    with opened(browser, summary_file, NARROW, scripts=False) as (page, _):
        levels = [int(name[1]) for name in page.locator("h1, h2, h3").evaluate_all("all => all.map(one => one.tagName)")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_and_nothing_overflows(browser: Browser, page_file: Path, size: tuple[int, int]) -> None:
    assert faults(browser, page_file, size) == []


def test_in_forced_colours_charts_keep_their_own_on_white(browser: Browser, page_file: Path) -> None:
    """High contrast on a dark ground: what a chart says by colour stays, and the tag of the verdict keeps an edge."""
    with opened(browser, page_file, WIDE) as (page, _):
        page.emulate_media(forced_colors="active", color_scheme="dark")
        grounds = page.locator(".plot").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
        assert set(grounds) <= {"rgb(255, 255, 255)"}
        ink = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
        assert ink[0] != ink[1]
        edges = page.locator(".tag").evaluate_all("all => all.map(one => getComputedStyle(one).borderTopWidth)")
        assert set(edges) <= {"1px"}


def test_the_verdict_is_in_the_first_screen(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE) as (page, _):
        box = page.locator(".verdict, .panel").first.bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 120) < WIDE[1]


def test_without_scripts_and_in_print_every_table_can_be_read(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE, scripts=False) as (page, _):
        headings = page.locator("main h2").all_inner_texts()
        assert headings
        assert all(text.strip() for text in headings)
        page.emulate_media(media="print")
        assert len(page.pdf(format="A4", print_background=True)) > 10_000


CAPTIONS = """all => all.map(one => [one.innerText, getComputedStyle(one).color, parseFloat(getComputedStyle(one).fontSize)])"""
CUT = """all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.querySelector('table').dataset.table)"""
LETTERS = """all => all.filter(one => one.clientWidth).flatMap(one => [...one.querySelectorAll('text')]
    .map(text => parseFloat(getComputedStyle(text).fontSize) * one.clientWidth / one.viewBox.baseVal.width))"""
NAMES = """all => all.filter(one => one.clientWidth).flatMap(one => [...one.querySelectorAll('text')])
    .map(text => text.textContent).filter(text => text.endsWith('…'))"""
ROLES = """all => all.map(one => [one.role, one.querySelectorAll('[role=columnheader]').length,
    one.querySelectorAll('tbody tr').length])"""


def test_in_print_every_unfolded_table_has_its_title(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE, scripts=False) as (page, _):
        page.emulate_media(media="print")
        for text, colour, size in page.locator(".inside caption").evaluate_all(CAPTIONS):
            assert text.strip()
            assert colour != "rgba(0, 0, 0, 0)"
            assert size > 8 / 0.75  # points


def test_in_a_narrow_window_no_table_is_cut_and_every_letter_can_be_read(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, NARROW) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        assert page.locator(".scroll").evaluate_all(CUT) == []
        assert min(page.locator(".plot").evaluate_all(LETTERS), default=12.0) > 11.7
        assert page.locator("[id^=chart-designs] .plot").evaluate_all(NAMES) == []
        roles = page.locator("table.cards").evaluate_all(ROLES)
        assert all(role == "table" and heads > 3 and rows for role, heads, rows in roles)


def test_contents_lead_to_their_sections_by_keyboard(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE) as (page, _):
        links = page.locator("nav a[href^='#']")
        targets = [link.get_attribute("href") for link in links.all()]
        assert targets
        missing = [target for target in targets if not page.locator(f"[id='{str(target)[1:]}']").count()]
        assert missing == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "A"
