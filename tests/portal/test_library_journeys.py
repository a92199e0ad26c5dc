"""The library in a real browser: from the question to a result, wide and narrow, by keyboard and without scripts; axe on every page.

The pictures of docs/library.md are taken here: `DATALAB_PICTURES=1 pytest tests/portal/test_library_journeys.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.findings_factory import make_feasible, make_findings
from tests.journeys.browser import NARROW, WIDE
from tests.portal.test_library import keep
from tests.portal.test_portal_journeys import Visitor, browser
from tests.run_folder import releasable_of, write_release

from portal.library.entries import install_published

__all__ = ["browser"]
pytestmark = pytest.mark.django_db(transaction=True)
# What the journeys pass in a wide window is looked at here in a narrow one, and the rest in both.
BOTH = (
    "/library/feasibility", "/library/analyses/a-study", "/library/analyses/kd4-93rt",
    "/library/outcomes/days_employed", "/library/dashboard?view=survival&kind=employment",
)  # fmt: skip
IN_NARROW = (
    "/library/", "/library/kinds/family", "/library/compare?kind=education&kind=employment", "/library/about", "/library/api/",
    "/library/organisations/the-clink", "/library/dashboard?view=forest&kind=employment", "/library/dashboard?view=time",
    "/library/dashboard?view=size&kind=education",
)  # fmt: skip


@pytest.fixture
def filled(transactional_db: None, tmp_path: Path) -> None:
    install_published()
    keep(write_release(tmp_path / "output", releasable_of(make_findings(sensitivity=False))))
    keep(write_release(tmp_path / "study", releasable_of(make_feasible())), permanent="a-study")


def test_a_commissioner_finds_what_works_and_how_sure(browser: Browser, live_server: Any, filled: None) -> None:
    visitor = Visitor(browser, live_server.url)
    visitor.go("/library/", "library")
    assert "8 independent studies, and 33 of 45 results have no usable number" in visitor.text
    visitor.follow("Education and learning", "library-kind")
    visitor.follow("Compare with other kinds of programme")
    visitor.page.get_by_label("Employment", exact=True).check()
    visitor.press("Compare", "library-compare")
    assert "Side by side" in visitor.text
    visitor.page.goto("/library/dashboard")
    # A choice shows its chart without the page being loaded anew, and the address can be shared.
    visitor.page.evaluate("window.same = true")
    visitor.page.get_by_label("Kind of programme").select_option("employment")
    visitor.page.get_by_text("The chart was updated.").wait_for()
    assert "kind=employment" in visitor.page.url
    assert "Restaurant training programme" in visitor.text
    assert "Grants for distance learning" not in visitor.text
    visitor.look()
    visitor.page.get_by_role("link", name="Time line").click()
    visitor.page.get_by_role("heading", name="Results by year of publication").wait_for()
    visitor.look("library-time")
    visitor.page.go_back()
    visitor.page.get_by_role("heading", name="Differences with their likely ranges").wait_for()
    assert visitor.page.evaluate("window.same") is True


def test_a_chart_is_read_by_keyboard_and_by_pointing(browser: Browser, live_server: Any, filled: None) -> None:
    visitor = Visitor(browser, live_server.url).go("/library/dashboard", "library-dashboard")
    page, told = visitor.page, visitor.page.locator("[data-told]")
    marks = page.locator(".portal-chart__wide .mark")
    assert page.locator(".portal-chart__wide .mark[tabindex='0']").count() == 1, "one stop for the Tab key"
    marks.first.focus()
    page.keyboard.press("Home")
    first = told.inner_text()
    assert "12 fewer in every 100 people" in first
    page.keyboard.press("ArrowDown")
    assert told.inner_text() not in ("", first)
    page.keyboard.press("End")
    assert told.inner_text().startswith("All together")
    page.keyboard.press("Home")
    assert told.inner_text() == first
    marks.nth(3).hover()
    assert told.inner_text() == marks.nth(3).get_attribute("aria-label")
    marks.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/library/analyses/**")
    visitor.look()


def test_without_scripts_the_same_filters_and_charts_are_there(browser: Browser, live_server: Any, filled: None) -> None:
    visitor = Visitor(browser, live_server.url, scripts=False)
    visitor.go("/library/dashboard?view=survival")
    assert visitor.page.locator(".portal-chart__wide svg").count() == 1
    visitor.go("/library/dashboard")
    visitor.page.get_by_label("Kind of programme").select_option("family")
    visitor.press("Update the chart")
    assert "kind=family" in visitor.page.url
    assert "Family Man" in visitor.text
    visitor.go("/library/").fill(q="bike")
    visitor.press("Show results")
    visitor.follow("Bike Back")
    assert "Could not tell which way" in visitor.text
    with visitor.page.expect_download() as download:
        visitor.go("/library/?q=bike").page.get_by_role("link", name="These results as CSV").click()
    assert "Bike Back" in Path(download.value.path()).read_text(encoding="utf-8")


def test_every_page_of_the_library_wide_and_narrow(browser: Browser, live_server: Any, filled: None) -> None:
    wide, narrow = (Visitor(browser, live_server.url, size) for size in (WIDE, NARROW))
    for path in BOTH:
        wide.go(path)
        narrow.go(path)
    for path in IN_NARROW:
        narrow.go(path, "library-narrow" if path == "/library/" else "")
