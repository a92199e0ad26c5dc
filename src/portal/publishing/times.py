"""When a release is out: 09:30 in London on its day, whatever the clocks do; and from when named people may see it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOUR = dt.time(9, 30)
EARLIEST = dt.timedelta(hours=24)


def publish_at(day: dt.date) -> dt.datetime:
    """The moment of publication, in UTC.

    >>> publish_at(dt.date(2027, 3, 28)).isoformat()  # the day summer time begins
    '2027-03-28T08:30:00+00:00'
    """
    return dt.datetime.combine(day, HOUR, tzinfo=LONDON).astimezone(dt.UTC)


def opens_at(day: dt.date) -> dt.datetime:
    """From when the people on the list may see it: 24 hours before, not a minute more.

    >>> opens_at(dt.date(2027, 3, 28)).isoformat()
    '2027-03-27T08:30:00+00:00'
    """
    return publish_at(day) - EARLIEST
