"""Calendar years of those who could be analysed and of the pool, where neither they nor the quarters beside them tell a few."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datalab.balance.results import Balance, CovariateBalance
from datalab.disclosure.results import ReleasedBalance, ReleasedYear
from datalab.disclosure.thresholds import Thresholds
from datalab.wording import say

_QUARTER = re.compile(r"^(\d{4})Q[1-4]$")


@dataclass(frozen=True)
class _Year:
    """One year, or several put together: people and shares among the analysed and the pool; shown: those of its quarters that
    the balance table shows."""

    name: str
    counts: tuple[int, int]
    shares: tuple[float, float]
    shown: tuple[int, int]

    def is_safe(self, thresholds: Thresholds) -> bool:
        """Enough people in both groups, and in what is left of the year beside the quarters that are shown."""
        rest = (whole - part for whole, part in zip(self.counts, self.shown, strict=True))
        return not any(thresholds.is_small(count) for count in self.counts) and not any(
            thresholds.is_small(count) and count > 0 for count in rest
        )


def release_years(balance: Balance, released: ReleasedBalance, thresholds: Thresholds) -> tuple[ReleasedYear, ...]:
    """A line a year where a covariate's levels are calendar quarters; years that are not safe are put together as "other".

    Nothing where there are no quarters, or where what was put together would itself not be safe.
    """
    lines = [line for line in balance.covariates if _QUARTER.match(line.level)]
    if len({line.covariate for line in lines}) != 1:
        return ()
    visible = {line.level for line in released.covariates if line.name == lines[0].covariate and isinstance(line.treated, float)}
    names = sorted({line.level[:4] for line in lines})
    years = [_year(name, [line for line in lines if line.level[:4] == name], visible) for name in names]
    safe = [year for year in years if year.is_safe(thresholds)]
    rest = [year for year in years if not year.is_safe(thresholds)]
    while rest and safe and not _together(rest).is_safe(thresholds):
        smallest = min(safe, key=lambda year: (year.counts, year.name))
        safe.remove(smallest)
        rest.append(smallest)
    if rest and not _together(rest).is_safe(thresholds):
        return ()
    told = [*safe, *([_together(rest)] if rest else [])]
    return tuple(ReleasedYear(year.name, *year.shares) for year in told) if len(told) > 1 else ()


def _year(name: str, lines: Sequence[CovariateBalance], visible: set[str]) -> _Year:
    shown = [line for line in lines if line.level in visible]
    return _Year(
        name,
        (sum(line.treated_count for line in lines), sum(line.pool_count_before for line in lines)),
        (sum(line.mean_treated for line in lines), sum(line.mean_pool_before for line in lines)),
        (sum(line.treated_count for line in shown), sum(line.pool_count_before for line in shown)),
    )


def _together(years: Sequence[_Year]) -> _Year:
    """Several years as one."""

    def pair(name: str) -> tuple[float, float]:
        first, second = zip(*(getattr(year, name) for year in years), strict=True)
        return sum(first), sum(second)

    counts, shown = pair("counts"), pair("shown")
    whole = (int(counts[0]), int(counts[1]))
    return _Year(say("disclosure.levels.other_years"), whole, pair("shares"), (int(shown[0]), int(shown[1])))
