"""How many of the people sent in are likely to be analysed: quantiles over published cases."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import quantiles

CASES = "attrition_cases.csv"


@dataclass(frozen=True)
class Case:
    """A published case: people sent in, found in the records, analysed (None: not read), and the share that was kept."""

    report_id: str
    submitted: int | None
    linked: int | None
    analysed: int | None
    kept: float
    source: str


@dataclass(frozen=True)
class Kept:
    """Share of the people sent in who were analysed: lower quartile, median and upper quartile over `cases`."""

    low: float
    typical: float
    high: float
    cases: int


@cache
def read_cases() -> tuple[Case, ...]:
    """Every published case, in the order of the file; where only the share was read, the counts are None.

    >>> [case.kept for case in read_cases() if case.report_id == "CLINK-2016"]
    [0.5]
    """
    text = resources.files("datalab.data").joinpath(CASES).read_text(encoding="utf-8")
    return tuple(_case(row) for row in csv.DictReader(text.splitlines()))


def _case(row: dict[str, str]) -> Case:
    submitted, linked, analysed = (int(row[name]) if row[name] else None for name in ("submitted", "linked", "analysed"))
    kept = analysed / submitted if analysed and submitted else float(row["share_kept"])
    return Case(row["report_id"], submitted, linked, analysed, kept, row["source"])


def typical_kept(cases: tuple[Case, ...] | None = None) -> Kept:
    """Quartiles of the share kept over the cases (those of the package where None), each case counting once.

    The cases are those whose figures could be read, not a sample of all: half of them lie between low and high.
    """
    found = read_cases() if cases is None else cases
    low, typical, high = quantiles([case.kept for case in found], n=4, method="inclusive")
    return Kept(low, typical, high, len(found))
