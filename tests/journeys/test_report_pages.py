"""The report opened in a browser: every kind of ending, wide, narrow, without scripts and in print; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.findings_factory import make_findings
from tests.journeys.browser import NARROW, WIDE, chromium, opened

from datalab.disclosure import control, own_data
from datalab.disclosure.results import Releasable
from datalab.report.html import render_html

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


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_and_nothing_overflows(browser: Browser, page_file: Path, size: tuple[int, int]) -> None:
    with opened(browser, page_file, size) as (page, strange):
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1]
        assert strange == []


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


def test_contents_lead_to_their_sections_by_keyboard(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, WIDE) as (page, _):
        links = page.locator("nav a[href^='#']")
        targets = [link.get_attribute("href") for link in links.all()]
        assert targets
        missing = [target for target in targets if not page.locator(f"[id='{str(target)[1:]}']").count()]
        assert missing == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "A"
