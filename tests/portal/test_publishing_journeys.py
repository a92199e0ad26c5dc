"""From cleared to published, corrected and destroyed with a certificate, in a real browser: wide, narrow, without scripts; axe."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import NARROW, WIDE, chromium
from tests.portal.lab import ANSWERS, RESULTS, Lab, fresh, make_lab
from tests.portal.test_portal_journeys import Visitor, quietly

from portal.audit.record import SYSTEM
from portal.config.clock import at
from portal.ops.destruction import destroy_data
from portal.publishing.clock import keep_time
from portal.publishing.models import Release, Report
from portal.requests import actions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pdf]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with quietly(), chromium() as found:
        yield found


@pytest.fixture
def lab(home: Path, transactional_db: None) -> Lab:
    return make_lab()


def _effect(estimate: float, low: float, high: float, sentence: str) -> dict[str, Any]:
    outcome = {
        "measure": "rate",
        "unit": "share",
        "status": "estimated",
        "effect": {"estimate": estimate, "low": low, "high": high},
    }
    analysis = {**RESULTS["analyses"][0], "outcomes": [outcome]}
    return {**RESULTS, "headline": {**RESULTS["headline"], "sentence": sentence}, "analyses": [analysis]}


def _ready(lab: Lab, title: str, results: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    import tests.portal.lab as builders

    monkeypatch.setattr(builders, "RESULTS", results)
    monkeypatch.setattr(builders, "ANSWERS", {**ANSWERS, "title": title})
    return lab.cleared_final()


def test_from_cleared_to_published_corrected_and_destroyed(
    browser: Browser, live_server: Any, lab: Lab, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    fewer = _effect(-0.06, -0.10, -0.02, "Of every 100 people who took part, 2 to 10 fewer offended again.")
    open_question = _effect(-0.01, -0.05, 0.03, "More people are needed to say whether it changed reoffending.")
    first = _ready(lab, "Thames Workshop", fewer, monkeypatch)
    _ready(lab, "Northern Mentoring", open_question, monkeypatch)
    actions.give_own_words(by=lab.person("provider"), request=fresh(first), text="We are proud of what our people did.")
    publisher = Visitor(browser, live_server.url).signed_in(lab.person("publisher"), live_server.url)
    publisher.go("/publishing/").press("New release")
    publisher.fill(title="Results, January 2027", **{"day-day": "14", "day-month": "1", "day-year": "2027"}).press(
        "Make the release"
    )
    release = Release.objects.get()
    for one in ("Thames Workshop", "Northern Mentoring"):
        publisher.page.get_by_role("button", name=f"Put in: {one}").click()
        publisher.look()
    publisher.follow("Let somebody see it early")
    publisher.fill(email="stranger@example.invalid", role="Head of News", why="To answer questions.").press("Put on the list")
    publisher.go(f"/publishing/{release.public_id}/change").go(f"/publishing/{release.public_id}").press("Propose the release")
    second = Visitor(browser, live_server.url).signed_in(lab.person("publisher2"), live_server.url)
    second.go(f"/publishing/{release.public_id}").press("Schedule the release", "release").follow("The bulletin as it is fixed")
    second.go(f"/publishing/{release.public_id}/cancel")
    reader = Visitor(browser, live_server.url)
    reader.go("/releases/")
    assert "A release" in reader.text
    assert "Thames Workshop" not in reader.text
    with monkeypatch.context() as clock:
        # The server has a thread, and so a clock, of its own.
        clock.setattr("portal.publishing.permissions.now", lambda: release.opens_at)
        _early(browser, live_server, lab, release)
    with at(release.publish_at):
        keep_time()
    _read(reader, release)
    _correct(publisher, second, reader)
    narrow = Visitor(browser, live_server.url, NARROW)
    without = Visitor(browser, live_server.url, scripts=False)
    report = Report.objects.get(request=first)
    for address in (
        f"/releases/{release.public_id}",
        f"/reports/{report.public_id}",
        f"/reports/{report.public_id}/1",
        "/releases/log",
        "/releases/subscribe",
    ):
        narrow.go(address)
        without.go(address)
    with at(release.publish_at + dt.timedelta(days=91)):
        destroy_data(by=SYSTEM, request=fresh(first))
    provider = Visitor(browser, live_server.url).signed_in(lab.person("provider"), live_server.url)
    provider.go(f"/requests/{first.public_id}/").follow("Certificate of destruction")


def _early(browser: Browser, live_server: Any, lab: Lab, release: Release) -> None:
    """What somebody on the list finds in the day before, wide and narrow."""
    with at(release.opens_at):
        keep_time()
    for size in (WIDE, NARROW):
        visitor = Visitor(browser, live_server.url, size).signed_in(lab.person("stranger"), live_server.url)
        visitor.go(f"/early/{release.named.get().public_id}")
        assert "You see this as Head of News." in visitor.text
        assert "2 to 10 fewer offended again" in visitor.text


def _read(reader: Visitor, release: Release) -> None:
    """What the public finds once it is out."""
    reader.go("/releases/", "calendar").follow("Results, January 2027", "bulletin")
    assert "Head of News: To answer questions." in reader.text
    assert "2 to 10 fewer offended again" in reader.text
    assert reader.page.locator("svg.plot").count() == 6
    reader.follow("Thames Workshop", "report")
    assert "We are proud of what our people did." in reader.text
    reader.go("/releases/log", "log")
    assert "Answered with a report: Thames Workshop" in reader.text


def _correct(publisher: Visitor, second: Visitor, reader: Visitor) -> None:
    publisher.go("/publishing/").follow("Thames Workshop")
    publisher.fill(note="The name of a prison was wrong.", with_output="no").press("Propose a correction")
    second.go(publisher.page.url).press("Publish the correction")
    reader.go("/releases/").follow("Results, January 2027").follow("Thames Workshop")
    assert "The name of a prison was wrong." in reader.text
    reader.follow("Version 1")
    assert "which was corrected" in reader.text
    assert os.environ.get("DATALAB_PICTURES") or reader.said == []
