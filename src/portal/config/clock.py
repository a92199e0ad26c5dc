"""The one clock: everything that asks what time it is asks here, so that a test can say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import holidays
from django.utils import timezone

_SET: ContextVar[dt.datetime | None] = ContextVar("clock", default=None)


def now() -> dt.datetime:
    """The time, with its zone (UTC)."""
    return _SET.get() or timezone.now()


def today() -> dt.date:
    """The date in London."""
    return timezone.localtime(now()).date()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Inside it the clock stands at `moment`."""
    token = _SET.set(moment)
    try:
        yield
    finally:
        _SET.reset(token)


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The date `count` working days after `day`: Monday to Friday, without the bank holidays of England and Wales.

    >>> working_days_after(dt.date(2026, 12, 24), 1)
    datetime.date(2026, 12, 29)
    """
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5 and day not in _bank_holidays(day.year)
    return day


@cache
def _bank_holidays(year: int) -> frozenset[dt.date]:
    """Those of England and Wales; worked out once, since a page of the queue asks for fifty dates."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
