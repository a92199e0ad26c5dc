"""A lab to test in: people of every kind, made-up records, and requests brought to a state by the real actions alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from tests.portal.lab import Lab, make_lab

from portal.audit.guards import guard, unguard
from portal.ops.rights import standing_tables


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder of its own for every test."""
    folder = tmp_path / "home"
    for name in ("central", "keys"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setattr(settings, "HOME", folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def quick_bulletins(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulletins without the second that drawing a PDF takes, but where a test is about it (mark `pdf`)."""
    if "pdf" not in request.keywords:
        monkeypatch.setattr("portal.publishing.bulletin.pdf_bytes", lambda page, identifier: b"%PDF-1.7 of a test")


@pytest.fixture
def lab(db: None, home: Path) -> Lab:
    """People of every kind, no request yet."""
    return make_lab()


@pytest.fixture
def sign_in(lab: Lab) -> Iterator[object]:
    """A browser in which somebody is signed in, past the second factor."""

    def enter(name: str) -> Client:
        client = Client()
        client.force_login(lab.person(name))
        return client

    return enter


_EMPTY = TransactionTestCase._fixture_teardown


def _empty_past_the_guards(case: TransactionTestCase) -> None:
    """A test of several connections empties all tables at its end, which the database would refuse."""
    for table in standing_tables():
        unguard(connection, table)
    try:
        _EMPTY(case)
        # Its table belongs to no model, so nothing else empties it: what is counted there (letters to one address) would
        # go on into the next test.
        cache.clear()
    finally:
        for table in standing_tables():
            guard(connection, table)


TransactionTestCase._fixture_teardown = _empty_past_the_guards
