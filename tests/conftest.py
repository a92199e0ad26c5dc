"""Shared set-up: slow tests are opt-in; Hypothesis keeps no deadline on a shared machine.

The fast tests try the same examples every time, so that a failure is a change's and not chance's; the slow ones search anew
each time, and what they find becomes a test of its own.
"""

from __future__ import annotations

import functools
import json

import pytest
import vl_convert
from hypothesis import settings

from datalab.engines.spark import missing_parts

VEGALITE_TO_SVG = vl_convert.vegalite_to_svg
ATTACKS = "disclosure attacks"  # the property that test_linear_programmes records

settings.register_profile("fast", deadline=None, print_blob=True, max_examples=50, derandomize=True)
settings.register_profile("search", settings.get_profile("fast"), derandomize=False, max_examples=500)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow too")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("search" if config.getoption("--run-slow") else "fast")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if missing := missing_parts():
        lacking = pytest.mark.skip(reason=f"Spark: {' and '.join(missing)} not installed; make test-spark says what to do")
        for item in items:
            if "spark" in item.keywords:
                item.add_marker(lacking)
    if config.getoption("--run-slow"):
        return
    skip = pytest.mark.skip(reason="slow: run with make test-slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many attacks on disclosure control were tried, and the narrowest range that any of them reached."""
    told = [
        value for report in terminalreporter.stats.get("passed", []) for name, value in report.user_properties if name == ATTACKS
    ]
    if told:
        sets, attacks = (sum(value[place] for value in told) for place in (0, 1))
        width, where = min((value[2], value[3]) for value in told)
        terminalreporter.write_line(
            f"Disclosure: {attacks:,} hidden counts attacked in {sets:,} sets of tables, none found; "
            f"narrowest range of a count under 10: {width:g} people wide ({where})."
        )


@functools.lru_cache(maxsize=512)
def _draw(specification: str, version: str) -> str:
    return str(VEGALITE_TO_SVG(json.loads(specification), vl_version=version))


@pytest.fixture
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports in which nothing is drawn that was drawn before in this process: for tests of what a page says. The same
    specification gives the same drawing (`rerun` compares whole pages to the byte), and drawing takes half of a page's time."""

    def draw(wanted: dict[str, object], vl_version: str) -> str:
        return _draw(json.dumps(wanted), vl_version)

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", draw)
