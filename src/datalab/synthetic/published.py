"""The published figures that a made-up country can be set beside, each with its cohort, its source and what is asked of it."""

from __future__ import annotations

import csv
import re
from calendar import month_abbr, monthrange
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from datalab.synthetic.cells import NEW, OLD

# What is asked of a figure: held (the country is calibrated to it), other_year (the same measure in a year to which it is not:
# the made-up country knows no trend), soft (told, because no figure of the right definition was found).
HELD, OTHER_YEAR, SOFT = "held", "other_year", "soft"
MAIN = "Apr 2013-Mar 2014"
CALIBRATED = (MAIN, "Jul 2013-Jun 2014")
FIRST, LAST = date(2002, 1, 1), date(2014, 12, 31)  # the cohorts that the country's records allow
_MONTHS = {name: number for number, name in enumerate(month_abbr) if name}
_SERIES = {"binary": "rate_pct", "frequency": "reoffences_per_reoffender"}
# Two published rows of suspended sentence orders, with and without requirements, as one: 36,000 at 30 % and 4,000 at 36 %.
_SUSPENDED = {"SSO with requirements": 36_000, "SSO without requirements": 4_000}


@dataclass(frozen=True)
class Figure:
    """One published figure. cohort: its label; measure: old (12 months) or new (four quarters); group: as published; metric:
    rate_pct, reoffences_per_reoffender, days_to_first, entries_per_person or share_pct; asked: HELD, OTHER_YEAR or SOFT."""

    cohort: str
    measure: str
    population: str
    breakdown: str
    group: str
    metric: str
    value: float
    asked: str
    source: str


@dataclass(frozen=True)
class Window:
    """A cohort's days, both included."""

    cohort: str
    measure: str
    first: date
    last: date


def window_of(cohort: str, measure: str) -> Window | None:
    """The days of a cohort's label; None where it is no twelve months inside the years that the country's records allow.

    >>> window_of("12 months to Mar 2006", "old").first.isoformat()
    '2005-04-01'
    """
    found = _days(cohort.removeprefix("calendar "))
    if found is None or found[0] < FIRST or found[1] > LAST:
        return None
    return Window(cohort, measure, *found)


def _days(label: str) -> tuple[date, date] | None:
    if years := re.fullmatch(r"(\d{4})/\d{2}", label):
        return date(int(years[1]), 4, 1), date(int(years[1]) + 1, 3, 31)
    if re.fullmatch(r"\d{4}", label):
        return date(int(label), 1, 1), date(int(label), 12, 31)
    if ended := re.fullmatch(r"12 months to (\w{3}) (\d{4})", label):
        last = _month_end(int(ended[2]), _MONTHS[ended[1]])
        return date(last.year - 1, last.month % 12 + 1, 1) if last.month < 12 else date(last.year, 1, 1), last
    if both := re.fullmatch(r"(\w{3})(?: (\d{4}))?-(\w{3}) (\d{4})", label):
        first = date(int(both[2] or both[4]), _MONTHS[both[1]], 1)
        last = _month_end(int(both[4]), _MONTHS[both[3]])
        return (first, last) if 360 <= (last - first).days <= 366 else None
    return None


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@cache
def published_figures() -> tuple[Figure, ...]:
    """Every packaged figure that applies to a made-up country, in a fixed order.

    >>> [one.value for one in published_figures() if one.breakdown == "sex" and one.cohort == MAIN]
    [27.8, 19.4]
    """
    told = [*_breakdowns(), *_series(), *_derived()]
    return tuple(one for one in told if window_of(one.cohort, one.measure) is not None)


def windows(*, held: bool = False) -> tuple[Window, ...]:
    """The cohorts of all the figures, or of the held ones alone, each once."""
    labels = dict.fromkeys((one.cohort, one.measure) for one in published_figures() if one.asked == HELD or not held)
    found = (window_of(cohort, measure) for cohort, measure in labels)
    return tuple(one for one in found if one is not None)


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of a packaged file of figures."""
    source = resources.files("datalab.data").joinpath(name)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def _breakdowns() -> list[Figure]:
    rows = [row for row in read_rows("reoffending_breakdowns.csv") if row["metric"] in _SERIES.values()]
    figures = []
    for row in rows:
        measure = OLD if row["measure"].startswith("12-month") else NEW if "four 3-month" in row["measure"] else ""
        if not measure or row["level"] in (*_SUSPENDED, "All adult", "Custody life") or row["dimension"] == "ethnicity":
            continue
        figures.append(
            Figure(
                row["cohort"], measure, row["population"], row["dimension"], row["level"], row["metric"], float(row["value"]),
                HELD if row["cohort"] in CALIBRATED else OTHER_YEAR, row["source"],
            )
        )  # fmt: skip
    return figures


def _series() -> list[Figure]:
    """The yearly series of both measures; its year 2013/14 of the new measure is held."""
    figures = []
    for row in read_rows("reoffending_timeseries_2000_2014.csv"):
        if row["temporal_unit"] != "annual" or row["rate"] not in _SERIES:
            continue
        first = date.fromisoformat(row["date"])
        label = str(first.year) if first.month == 1 else f"{first.year}/{(first.year + 1) % 100:02d}"
        held = row["measure"] == NEW and label == "2013/14"
        if row["measure"] == OLD and label == "2013/14":
            continue  # the breakdowns hold it
        figures.append(
            Figure(
                label, row["measure"], row["group"], "all", "all", _SERIES[row["rate"]], float(row["value"]),
                HELD if held else OTHER_YEAR, row["source"],
            )
        )  # fmt: skip
    return figures


def _derived() -> list[Figure]:
    """Figures that follow from published counts: of all people, entries a person, suspended sentence orders as one group."""
    counts = {
        (row["population"], row["metric"]): float(row["value"])
        for row in read_rows("reoffending_breakdowns.csv")
        if row["cohort"] == MAIN and row["dimension"] == "all"
    }
    people, again, reoffences = (
        sum(counts[who, name] for who in ("Adult", "Juvenile")) for name in ("n_offenders", "n_reoffenders", "n_reoffences")
    )
    entries = next(
        float(row["value"])
        for row in read_rows("reoffending_timeseries_2000_2014.csv")
        if (row["measure"], row["temporal_unit"], row["date"]) == (NEW, "annual", "2013-04-01")
        and (row["group"], row["rate"]) == ("All", "cohort")
    )
    rates = [row for row in read_rows("reoffending_breakdowns.csv") if row["level"] in _SUSPENDED and row["metric"] == "rate_pct"]
    both = sum(_SUSPENDED[row["level"]] * float(row["value"]) for row in rates) / sum(_SUSPENDED.values())
    suspended = ("Adult", "index_disposal", "Suspended sentence order", "rate_pct")
    leavers = ("Adult released from custody", "time", "where 42 % reoffend", "days_to_first")
    source = "counted from the published table"
    return [
        Figure(MAIN, OLD, "All", "all", "all", "rate_pct", 100 * again / people, HELD, source),
        Figure(MAIN, OLD, "All", "all", "all", "reoffences_per_reoffender", reoffences / again, HELD, source),
        Figure("2013/14", NEW, "All", "all", "all", "entries_per_person", entries / people, HELD, source),
        Figure("Jul 2013-Jun 2014", OLD, *suspended, both, HELD, rates[0]["source"]),
        Figure(MAIN, OLD, *leavers, 122.0, HELD, "City & Guilds 2017, comparison group (42 % reoffended)"),
    ]
