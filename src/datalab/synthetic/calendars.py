"""Days as whole numbers since 1 January 1970, and calendar months on them."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

NEVER = 10**6  # later than any date of a country; stands for "has not happened"
YEAR_DAYS = 365.25


def day(value: date | str) -> int:
    """Days since 1970.

    >>> day("1970-01-02")
    1
    """
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return (found - date(1970, 1, 1)).days


def date_of(days: int) -> date:
    """The date of a day number.

    >>> date_of(1).isoformat()
    '1970-01-02'
    """
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(days))


def add_months(days: ArrayLike, months: int) -> Ints:
    """Days (n,) moved by calendar months; the 31st becomes the month's last day where it has fewer, as in SQL.

    >>> date_of(add_months([day("2012-01-31")], 1)[0]).isoformat()
    '2012-02-29'
    """
    start = np.asarray(days, np.int64).astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    offset = (start - month.astype("datetime64[D]")).astype(np.int64)
    moved = month + np.timedelta64(months, "M")
    last = ((moved + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")).astype(np.int64)
    return np.asarray(np.minimum(moved.astype("datetime64[D]").astype(np.int64) + offset, last), np.int64)
