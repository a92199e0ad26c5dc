"""A headless Chromium for the journeys: found on the machine, or skipped with a plain sentence (in CI: a failure)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root a sandbox cannot be had; nothing but our own pages is opened, and nothing outside is called.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = (1280, 900), (320, 640)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that ends with the block."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        sentence = "Chromium is not installed, so pages are not opened: apt-get install chromium"
        if os.environ.get("DATALAB_CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, size: tuple[int, int], *, scripts: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """A page in a window of this size, and what it asked for beside its own file or said on the console."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts)
    page, strange = context.new_page(), []
    page.on("request", lambda request: strange.append(request.url) if request.url != path.as_uri() else None)
    page.on("console", lambda message: strange.append(message.text))
    page.goto(path.as_uri())
    yield page, strange
    context.close()
