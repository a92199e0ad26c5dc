"""Journeys in a real browser: what a person sees and presses, from the first question to cleared output; axe on every page.

The pictures in docs/portal are taken here: `DATALAB_PICTURES=1 pytest tests/portal/test_portal_journeys.py`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.journeys.browser import NARROW, WIDE, chromium
from tests.portal.lab import WORKER, Lab, fresh, load_records, make_lab
from tests.portal.test_linkage_models import trained
from tests.world_fixture import world_folder

from portal.ops.linkage import propose_model
from portal.ops.management.commands.code import code_now
from portal.publishing.quality import open_results
from portal.requests.models import Request
from portal.runs.figures import PARTS
from portal.runs.seal import can_seal
from portal.runs.worker import work_once

PICTURES = Path(__file__).parents[2] / "docs" / "portal"
# The pictures that docs/portal.md shows.
KEPT = frozenset(
    {
        "start", "answer", "draft", "checked", "queue", "plan", "run", "vote", "fact-check", "certificate", "refused-narrow",
        "calendar", "release", "bulletin", "report", "log", "library", "library-narrow", "library-kind", "library-compare",
        "library-dashboard", "library-time",
    }
)  # fmt: skip
pytestmark = pytest.mark.django_db(transaction=True)


def _keep(screenshot: bytes, name: str) -> None:
    """A picture for the docs: narrower, in few colours."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    size = (min(900, picture.width), round(picture.height * min(900, picture.width) / picture.width))
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.resize(size).quantize(48, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


@contextmanager
def quietly() -> Iterator[None]:
    """The test and the browser's driver share a thread; Django is asked nothing while the driver waits."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with quietly(), chromium() as found:
        yield found


class Visitor:
    """Somebody at a browser. Every page that is opened is looked through by axe, and must not be wider than the window."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int] = WIDE, *, scripts: bool = True) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, base_url=address
        )
        self.page: Page = self.context.new_page()
        self.scripts = scripts
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("request", lambda one: self.said.append(one.url) if not one.url.startswith((address, "data:")) else None)

    def signed_in(self, user: Any, address: str) -> Visitor:
        """With a session, past the second factor (that door has a test of its own)."""
        client = Client()
        client.force_login(user)
        self.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
        return self

    def look(self, picture: str = "") -> None:
        """Axe, the width, and nothing strange on the console; and a picture for the docs."""
        if self.scripts:
            found = Axe().run(self.page)
            assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
            wide, window = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert wide <= window, self.page.url
        assert self.said == [], self.page.url
        if picture in KEPT and os.environ.get("DATALAB_PICTURES"):
            _keep(self.page.screenshot(full_page=True), picture)

    def go(self, path: str, picture: str = "") -> Visitor:
        """Opens a page."""
        self.page.goto(path)
        self.look(picture)
        return self

    def press(self, name: str, picture: str = "") -> Visitor:
        """Presses a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()
        self.look(picture)
        return self

    def follow(self, name: str, picture: str = "") -> Visitor:
        """Follows a link."""
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        self.look(picture)
        return self

    def fill(self, **answers: str) -> Visitor:
        """Writes into fields, by their names in the form; a choice is pressed."""
        for name, value in answers.items():
            field = self.page.locator(f"[name='{name}']")
            if field.first.get_attribute("type") in ("radio", "checkbox"):
                self.page.locator(f"[name='{name}'][value='{value}']").check()
            else:
                field.first.fill(value)
        return self

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.inner_text("main")


@pytest.fixture
def lab(home: Path, transactional_db: None) -> Lab:
    return make_lab()


def _letter(mailoutbox: list[Any], subject: str) -> str:
    return next(letter.body for letter in reversed(mailoutbox) if letter.subject == subject)


def test_from_the_first_question_to_a_second_factor(
    browser: Browser, live_server: Any, home: Path, mailoutbox: list[Any]
) -> None:
    visitor = Visitor(browser, live_server.url)
    visitor.go("/", "start").follow("Check if you can be evaluated", "check")
    dates = {"first-day": "1", "first-month": "2", "first-year": "2010", "last-day": "3", "last-month": "4", "last-year": "2012"}
    visitor.fill(participants="213", offenders="all", ends="yes", identity="full", basis="yes", **dates)
    visitor.press("See the answer", "answer")
    assert "You may be able to be evaluated" in visitor.text  # no records are loaded
    assert visitor.page.locator("main svg").count() == 1
    visitor.press("Register and make a request", "register")
    visitor.fill(
        email="new@example.invalid",
        password1="correct horse battery",
        password2="correct horse battery",
        name="New Person",
        organisation="New Trust",
        kind="charity",
    )
    visitor.press("Register")
    assert "We sent a letter" in visitor.text
    link = re.search(r"https?://\S+", _letter(mailoutbox, "Confirm your address")).group()
    visitor.go(link.replace(settings.ADDRESS, live_server.url)).press("Confirm")
    visitor.go("/account/login/", "sign-in").fill(login="new@example.invalid", password="correct horse battery").press(
        "Sign in", "second-factor"
    )
    assert "Set up a second factor" in visitor.text
    secret = visitor.page.locator(".portal-code").first.inner_text()
    visitor.fill(code=code_now(secret)).press("Set it up")
    assert "Recovery codes" in visitor.text
    visitor.go("/requests/", "requests")
    assert "You have no requests yet" in visitor.text


def _fill_in(visitor: Visitor, upload: Path) -> None:
    """The whole form and the upload, as a provider does it."""
    visitor.go("/requests/").press("Start a request", "draft")
    visitor.follow("The programme", "form")
    visitor.fill(title="Thames Workshop", kind="employment", description="Workshops.", theory="Work gives structure.")
    visitor.press("Save and go on").fill(setting="custody", who="Whoever asks.", participants="213", minimum_age="adults")
    visitor.press("Save and go on")
    dates = {"start-day": "1", "start-month": "1", "start-year": "2008", "end-day": "31", "end-month": "12", "end-year": "2014"}
    visitor.fill(follow_up="12", where="Three prisons.", **dates)
    visitor.press("Save and go on").fill(headline="rate", work="yes", analyses="completers")
    visitor.press("Save and go on").fill(basis="consent", notice_given="yes", publication="on", deletion="on")
    visitor.press("Save and go on")
    visitor.follow("The list of people", "upload")
    visitor.page.set_input_files("[name=file]", upload)
    visitor.press("Send and check", "checking")
    assert work_once(WORKER)
    visitor.page.wait_for_selector("text=Your list can be used.", timeout=30_000)
    visitor.look("checked")
    visitor.follow("Go on with the request", "ready").press("Submit the request", "submitted")


@pytest.mark.skipif(not can_seal(), reason="this kernel has no Landlock, so that no run can be done on it: docs/portal.md")
def test_provider_and_lab_to_cleared_output(
    browser: Browser, live_server: Any, lab: Lab, tmp_path_factory: pytest.TempPathFactory, mailoutbox: list[Any]
) -> None:
    country = world_folder(tmp_path_factory)
    load_records(lab, country / "central")
    provider = Visitor(browser, live_server.url).signed_in(lab.person("provider"), live_server.url)
    _fill_in(provider, country / "uploads" / "thames-workshop.xlsx")
    request = Request.objects.get()
    path = f"/requests/{request.public_id}/"
    analyst = Visitor(browser, live_server.url).signed_in(lab.person("analyst"), live_server.url)
    analyst.go("/requests/queue", "queue").follow(request.reference).press("Accept the request", "accepted")
    analyst.follow("Register the plan", "plan").press("Register and lock", "planned")
    analyst.press("Start the analysis", "queued")
    assert work_once(WORKER)
    analyst.go(path).follow("Runs").page.locator("main table a").first.click()
    analyst.look("run")
    assert "Done" in analyst.page.inner_text("h1"), analyst.text
    run = analyst.page.url
    for part in PARTS:
        analyst.go(f"{run}/figures/{part}", part)
    narrow = Visitor(browser, live_server.url, NARROW).signed_in(lab.person("reviewer1"), live_server.url)
    assert narrow.go(f"{run}/figures/match").page.locator("svg.plot:visible").count() == 2
    analyst.go(run).follow("Look at doubtful links", "doubtful")
    analyst.go(path).press("Send to review", "round")
    for name in ("reviewer1", "reviewer2"):
        reviewer = Visitor(browser, live_server.url).signed_in(lab.person(name), live_server.url)
        reviewer.go(f"{path}reviews/{request.rounds.get().public_id}", "vote" if name == "reviewer1" else "")
        for item in ("plan", "attrition", "balance", "small_numbers", "register", "words", "limits"):
            reviewer.fill(**{item: "yes"})
        reviewer.fill(decision="approve").press("Vote", "votes" if name == "reviewer2" else "")
    assert work_once(WORKER)  # the output is compared with the register and adopted
    analyst.go(path, "cleared").press("Send the draft for a fact check")
    provider.go(path, "fact-check").follow("Check the facts", "facts")
    assert "everyone" in provider.text
    provider.press("The facts are right", "agreed")
    assert fresh(request).state == "cleared_final"
    provider.go(f"{path}history", "history")
    subjects = [letter.subject for letter in mailoutbox if letter.to == ["provider@example.invalid"]]
    assert f"Please check the facts of request {request.reference}" in subjects


def test_provider_to_refused_and_certificate(browser: Browser, live_server: Any, lab: Lab) -> None:
    request = lab.submitted()
    path = f"/requests/{request.public_id}/"
    analyst = Visitor(browser, live_server.url).signed_in(lab.person("analyst"), live_server.url)
    analyst.go(path).follow("Refuse the request", "refuse").fill(criterion="too_few", reason="Sixty people are needed.").press(
        "Refuse the request"
    )
    steward = Visitor(browser, live_server.url).signed_in(lab.person("steward"), live_server.url)
    steward.go("/lab/", "steward").press("Destroy now", "certificate")
    provider = Visitor(browser, live_server.url, NARROW).signed_in(lab.person("provider"), live_server.url)
    provider.go(path, "refused-narrow")
    assert "Sixty people are needed." in provider.text
    provider.follow("Certificate of destruction")
    assert request.uploads.get().sha256 in provider.text


def test_provider_to_withdrawn_and_certificate_without_scripts(browser: Browser, live_server: Any, lab: Lab) -> None:
    import datetime as dt

    from portal.audit.record import SYSTEM
    from portal.config.clock import at, now
    from portal.ops.destruction import destroy_data

    request = lab.planned()
    path = f"/requests/{request.public_id}/"
    provider = Visitor(browser, live_server.url, scripts=False).signed_in(lab.person("provider"), live_server.url)
    provider.go(path).follow("Withdraw the request").press("Withdraw the request")
    assert fresh(request).state == "withdrawn"
    with at(now() + dt.timedelta(days=91)):
        destroy_data(by=SYSTEM, request=fresh(request))
    provider.go(path).follow("Certificate of destruction")
    assert "on its date" in provider.text


def test_with_the_keyboard_alone(browser: Browser, live_server: Any, lab: Lab) -> None:
    provider = Visitor(browser, live_server.url).signed_in(lab.person("provider"), live_server.url)
    page = provider.go("/requests/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Start a request"
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/*/")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "The programme":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/form/programme")
    provider.look()


def test_axe_finds_nothing_on_any_page_of_a_narrow_window(browser: Browser, live_server: Any, lab: Lab, settings: Any) -> None:
    settings.QUALITY_ACCESS = True
    load_records(lab)
    request = lab.fact_check()
    propose_model(by=lab.person("steward2"), content=trained(), why="Trained on the uploads of this year.")
    opened = open_results(
        by=lab.person("publisher"), request=request, email="stranger@example.invalid", role="Head of research", why="Sums."
    )
    job = request.jobs.get(kind="run")
    path = f"/requests/{request.public_id}"
    accepted = f"/requests/{lab.accepted().public_id}"
    plan, amend = f"{accepted}/plan", f"/requests/{lab.planned().public_id}/amend"
    pages = {
        "": ["/", "/check", "/methods", "/privacy", "/accessibility", "/account/login/", "/account/signup/", "/account/password/reset/", "/nothing"],
        "provider": ["/requests/", f"{path}/", f"{path}/answers", f"{path}/notes", f"{path}/history", f"{path}/own-words", f"{path}/draft", f"{accepted}/withdraw", "/account/", "/account/invite", "/account/2fa/", "/account/password/change/"],
        "analyst": ["/requests/queue", plan, amend, f"{path}/", f"{path}/runs", f"{path}/runs/{job.public_id}", f"{path}/runs/{job.public_id}/links", f"{path}/runs/{job.public_id}/beside/{job.public_id}", f"{path}/reviews", f"{path}/reviews/{request.rounds.get().public_id}", f"{path}/runs/{job.public_id}/output/report.html"],
        "stranger": [f"/quality/{opened.public_id}"],
        "publisher": ["/publishing/", f"{path}/stop", f"{path}/quality"],
        "steward": ["/lab/", "/lab/records", "/lab/thresholds", "/lab/linkage", "/lab/people", "/lab/audit?verify=1"],
    }  # fmt: skip
    for name, addresses in pages.items():
        visitor = Visitor(browser, live_server.url, NARROW)
        if name:
            visitor.signed_in(lab.person(name), live_server.url)
        for address in addresses:
            if address == "/nothing":
                visitor.page.goto(address)
                visitor.said.clear()
                visitor.look()
            else:
                visitor.go(address)
