"""Shared set-up: slow tests are opt-in; Hypothesis prints its seed and keeps no deadline on a shared machine."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("shared", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("shared")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-slow"):
        return
    skip = pytest.mark.skip(reason="slow: run with make test-slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)
