"""Days as people type them: one unambiguous reading or a named fault; day or month first is decided per file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Order = Literal["dmy", "mdy"]

MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
EXCEL_EPOCH = date(1899, 12, 30)  # so that serials after February 1900 agree, in spite of Excel's 29 February 1900
SLIP_SHARE = 0.05  # so few dates against all others are slips of the pen, not another order

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_ISO = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}$")
_NUMBERS = re.compile(rf"^(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{4}}|\d{{2}}){_TIME}$")
_DAY_MONTH = re.compile(rf"^(\d{{1,2}})(?:st|nd|rd|th)?[-/. ,]*([a-z]+)\.?[-/. ,]*(\d{{4}}|\d{{2}}){_TIME}$")
_MONTH_DAY = re.compile(rf"^([a-z]+)\.?[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?[-/. ,]+(\d{{4}}|\d{{2}}){_TIME}$")
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
_WEEKDAY = re.compile(r"^(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)[a-z]*[,. ]+(?=.*\d)")


@dataclass(frozen=True)
class Day:
    """What a cell says: a day, or the rule that it breaks (not_a_date, impossible_date, two_digit_year, ambiguous_date)."""

    day: date | None = None
    rule: str = ""


def parse_day(text: str, order: Order | None) -> Day:
    """Reads one cell. `order` says how 01/02/2012 is meant; None: such a cell is ambiguous unless both readings agree.

    Accepts 31/12/2012 (also - . and spaces), 2012-12-31, 31 Dec 2012, December 31, 2012, five-digit spreadsheet serials,
    each with or without a time. Never guesses a century.

    >>> parse_day("31/12/2012", "dmy").day, parse_day("40909", None).day
    (datetime.date(2012, 12, 31), datetime.date(2012, 1, 1))
    >>> parse_day("31/12/12", "dmy").rule, parse_day("30 Feb 2012", None).rule, parse_day("01/02/2012", None).rule
    ('two_digit_year', 'impossible_date', 'ambiguous_date')
    """
    plain = _WEEKDAY.sub("", " ".join(text.lower().split())) if text.isascii() else ""
    if found := _ISO.match(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _SERIAL.match(plain):
        return Day(EXCEL_EPOCH + timedelta(days=int(found[1])))
    if found := _DAY_MONTH.match(plain):
        return _named(found[3], found[2], int(found[1]))
    if found := _MONTH_DAY.match(plain):
        return _named(found[3], found[1], int(found[2]))
    if found := _NUMBERS.match(plain):
        return _numbers(int(found[1]), int(found[2]), found[3], order)
    return Day(rule="not_a_date")


def _day(year: int, month: int, day: int) -> Day:
    try:
        return Day(date(year, month, day))
    except ValueError:
        return Day(rule="impossible_date")


def _named(year: str, month: str, day: int) -> Day:
    numbers = [
        i for i, name in enumerate(MONTH_NAMES, 1) if month in {name, name[:3]} or (name == "september" and month == "sept")
    ]
    if not numbers:
        return Day(rule="not_a_date")
    return _day(int(year), numbers[0], day) if len(year) == 4 else Day(rule="two_digit_year")


def _numbers(first: int, second: int, year: str, order: Order | None) -> Day:
    if len(year) == 2:
        return Day(rule="two_digit_year")
    if order is None and first != second:
        if first <= 12 and second <= 12:
            return Day(rule="ambiguous_date")
        order = "dmy" if first > 12 else "mdy"
    return _day(int(year), first, second) if order == "mdy" else _day(int(year), second, first)


@dataclass(frozen=True)
class OrderDecision:
    """The order of day and month in a file; None where it cannot be decided and a difference would matter.

    day_first, month_first: cells that can only be read so. either: cells that both orders read, differently.
    """

    order: Order | None
    day_first: int = 0
    month_first: int = 0
    either: int = 0

    @property
    def is_undecided(self) -> bool:
        """Whether the provider must be asked."""
        return self.order is None and (self.either > 0 or (self.day_first > 0 and self.month_first > 0))


def decide_order(texts: Iterable[str], date_order: str = "auto") -> OrderDecision:
    """Decides day or month first from all date cells of a file, unless the provider says.

    One kind of evidence decides; where both are there, a share under 5 % of one is taken for slips (which then are
    impossible dates), otherwise the file is undecided. date_order: `dmy` or `mdy` settles it, `auto` does not.

    >>> decide_order(["01/02/2012", "31/01/2012"]).order, decide_order(["01/02/2012"]).is_undecided
    ('dmy', True)
    """
    day_first = month_first = either = 0
    for text in texts:
        found = _NUMBERS.match(" ".join(text.split())) if text.isascii() else None
        if found and len(found[3]) == 4:
            first, second = int(found[1]), int(found[2])
            day_first += 12 < first <= 31 and 1 <= second <= 12
            month_first += 12 < second <= 31 and 1 <= first <= 12
            either += 1 <= first <= 12 and 1 <= second <= 12 and first != second
    told: dict[str, Order] = {"dmy": "dmy", "mdy": "mdy"}
    return OrderDecision(told.get(date_order) or _weigh(day_first, month_first), day_first, month_first, either)


def _weigh(day_first: int, month_first: int) -> Order | None:
    decided = day_first + month_first
    if decided and month_first < SLIP_SHARE * decided:
        return "dmy"
    if decided and day_first < SLIP_SHARE * decided:
        return "mdy"
    return None
