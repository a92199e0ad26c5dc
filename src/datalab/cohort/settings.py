"""CohortSettings: the choices of a plan that decide who is in the cohort, and the fixed tolerances with their reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from datalab.constraints import Options, Range, require, unknown
from datalab.errors import UsageError
from datalab.fields.justice.codes import EVENT_KIND
from datalab.fields.justice.offences import GROUPS
from datalab.wording import say

SETTINGS = ("custody", "community", "both")
FOLLOW_UP_MONTHS = ("12", "24")
KINDS = tuple(code for code, _ in EVENT_KIND)
OFFENCE_GROUPS = tuple(group for group, _, _ in GROUPS)

# A date the provider gives is taken for the event nearest to it within so many days: files differ by a few days on when
# a person left prison or was sentenced. (Ours.)
DATE_TOLERANCE_DAYS = 14
# A programme in the community belongs to the latest event in so many months before it starts; a programme in custody that
# starts before the stay belongs to the first stay that begins within as many months after. (Ours, design 2.5.)
REACH_MONTHS = 6

RULES: dict[str, Options | Range] = {
    "setting": Options(SETTINGS),
    "follow_up_months": Options(FOLLOW_UP_MONTHS),
    "minimum_age_years": Range(10, 100, whole=True),
    "region": Options(("national", "regional")),
    "pool_events": Options(("quarterly", "first")),
}


@dataclass(frozen=True)
class CohortSettings:
    """Who is followed, for how long, and what the pool is made of.

    setting: where the programme was. programme_start, programme_end: days between which a person's programme start must
    lie (None: no limit). follow_up_months: 12 or 24. minimum_age_years: at the index date. exclude: index offence groups
    left out ("sexual" leaves out both sexual groups). region: "regional" keeps the pool to the regions of the treated
    people. pool_events: at most the first event of a person in each calendar quarter, or only the first of all.
    index_kinds: kinds of event that count; empty: releases for custody, every kind otherwise.

    Raises UsageError naming every value that is out of its rule.

    >>> CohortSettings(setting="custody").kinds
    ('release',)
    """

    setting: str = "both"
    programme_start: dt.date | None = None
    programme_end: dt.date | None = None
    follow_up_months: int = 12
    minimum_age_years: int = 18
    exclude: tuple[str, ...] = ()
    region: str = "national"
    pool_events: str = "quarterly"
    index_kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = {name: getattr(self, name) for name in RULES}
        require(RULES, values | {"follow_up_months": str(self.follow_up_months)})
        faults = [unknown("exclude", group, OFFENCE_GROUPS) for group in self.exclude if group not in OFFENCE_GROUPS]
        faults += [unknown("index_kinds", kind, KINDS) for kind in self.index_kinds if kind not in KINDS]
        if self.programme_start and self.programme_end and self.programme_end < self.programme_start:
            faults.append(say("cohort.settings.end_before_start"))
        if faults:
            raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of event that may be an index event, in the schema's order."""
        if self.index_kinds:
            return tuple(kind for kind in KINDS if kind in self.index_kinds)
        return ("release",) if self.setting == "custody" else KINDS

    @property
    def excluded_groups(self) -> tuple[str, ...]:
        """Offence groups left out: naming "sexual" leaves out offences against children too."""
        both = ("sexual_child",) if "sexual" in self.exclude else ()
        return tuple(sorted({*self.exclude, *both}))
