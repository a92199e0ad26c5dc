"""AnalysisTable: one row per person and index event, ready for matching; the engine's public entrance for any field.

`Measure` describes an outcome; `Covariate` and `Outcome` hold its numbers. Nothing here knows what the names mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Kind = Literal["binary", "count", "days", "number", "time"]
Direction = Literal["lower", "higher", "neutral"]


@dataclass(frozen=True)
class Measure:
    """An outcome's description.

    kind: binary (0/1), count (0, 1, …), days (0 to 365 with a mass at 0), number (any), time (censored duration).
    unit: "share", "per person", "days" or free text. favourable: the direction that is good news.
    among: "" for everyone analysed, else the name of the subgroup that is the denominator; such a
    measure is matched again within it. known_before: that subgroup was known before the clock started, so that looking at
    it alone does not select on what came of the programme. minimum_treated: fewest treated people in the denominator;
    minimum_expected: least treated n x p. survival: a curve of the time to the event goes with it. part_of: the binary
    measure that everybody with this event has too, of the same denominator. one_of: name of the set of measures of which
    everybody in the denominator has exactly one, or whose counts add up to another's. Both are for disclosure control: counts
    that can be subtracted.

    >>> Measure("back", "binary", "Came back", unit="share", favourable="lower").among
    ''
    """

    name: str
    kind: Kind
    label: str
    unit: str = ""
    favourable: Direction = "neutral"
    among: str = ""
    minimum_treated: int = 0
    minimum_expected: float = 0.0
    survival: bool = False
    known_before: bool = False
    part_of: str = ""
    one_of: str = ""


@dataclass(frozen=True)
class Covariate:
    """One covariate of all rows.

    numeric: `values` float64 (n,), NaN = missing. categorical: `values` int64 codes (n,) into `levels`; -1 is not
    allowed: a missing category is a level of its own. `family` is the switch that turns it on in a plan.

    >>> age, sex = Covariate("age", "Age", np.array([31.0, np.nan])), Covariate("sex", "Sex", np.array([0, 1]), ("f", "m"))
    >>> age.is_categorical, sex.is_categorical, age.is_constant
    (False, True, True)
    """

    name: str
    label: str
    values: Floats | Ints
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    family: str = ""

    @property
    def is_categorical(self) -> bool:
        """True where `values` are codes of `levels`."""
        return bool(self.levels)

    @property
    def is_constant(self) -> bool:
        """True where there is one value only (missing apart), which can tell nobody from anybody."""
        if self.is_categorical:
            return bool(self.values.size == 0 or (self.values == self.values[0]).all())
        # Least and greatest of what is known; NaN, which is not less than anything, where nothing is.
        return not (self.values.size and np.fmin.reduce(self.values) < np.fmax.reduce(self.values))


@dataclass(frozen=True)
class Outcome:
    """Values (n,) of one measure; NaN where the row is outside the measure's denominator.

    kind "time": `values` are durations and `event` (n,) says whether the end was the event (True) or censoring.
    withheld: wording key of why the data cannot give it (every value is NaN then), "" where they can.

    >>> weeks = Measure("weeks", "time", "Weeks to return", survival=True)
    >>> Outcome(weeks, np.array([12.0, 52.0]), event=np.array([True, False])).measure.kind
    'time'
    """

    measure: Measure
    values: Floats
    event: Bools | None = None
    withheld: str = ""


@dataclass(frozen=True)
class Subgroup:
    """People known before the clock started, who are the denominator of measures: name as in `Measure.among`.

    member (n,): whether the row belongs to it, whatever happened afterwards.
    """

    name: str
    member: Bools


@dataclass(frozen=True)
class NegativeControl:
    """An outcome dated before the programme, which it cannot have moved: the expected effect is 0 (design 3.5).

    covariates: what to match on for it, in place of the table's: the same people without what lies in the window of the
    outcome, so that the outcome is not matched on itself.
    """

    outcome: Outcome
    covariates: tuple[Covariate, ...]


@dataclass(frozen=True)
class AnalysisTable:
    """n rows of treated and comparison events.

    row_id (n,): unique, and the only tie-breaker anywhere (so results do not depend on row order).
    person (n,): person code; influence is summed by person before it is squared.
    treated (n,). strata (n,): code of the exact stratum (all 0 where none is asked). cluster (n,): site code, -1 = none.
    duration/died (n,): days from the clock start to the first event or censoring at the horizon, for the survival curve,
    None where there is none; event says whether it ended in the event. negative_control: None where none can be had.
    subgroups: those known before, whose shares are reported beside the measures among them.
    case_weights (n,): how many a row stands for, 0 or more, None for one each; used in score, match, outcome model and
    balance alike, so that a row counts as its copies would.

    >>> ids, none = np.arange(4), np.zeros(4, dtype=np.int64)
    >>> age = Covariate("age", "Age", np.array([31.0, 44.0, 30.0, 45.0]))
    >>> back = Outcome(Measure("back", "binary", "Came back"), np.array([0.0, 1.0, 1.0, 1.0]))
    >>> AnalysisTable(ids, ids, ids < 2, (age,), (back,), strata=none, cluster=none - 1).n
    4
    """

    row_id: Ints
    person: Ints
    treated: Bools
    covariates: tuple[Covariate, ...]
    outcomes: tuple[Outcome, ...]
    strata: Ints
    cluster: Ints
    duration: Floats | None = None
    event: Bools | None = None
    horizon: float = 365.0
    warnings: tuple[str, ...] = field(default=())
    negative_control: NegativeControl | None = None
    case_weights: Floats | None = None
    subgroups: tuple[Subgroup, ...] = field(default=())

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.treated.size)


def take_rows(table: AnalysisTable, rows: Bools | Ints) -> AnalysisTable:
    """The table of some rows (mask or places), outcomes and times with it."""
    control = table.negative_control
    return replace(
        table,
        row_id=table.row_id[rows],
        person=table.person[rows],
        treated=table.treated[rows],
        covariates=_take_covariates(table.covariates, rows),
        outcomes=tuple(take_outcome(o, rows) for o in table.outcomes),
        strata=table.strata[rows],
        cluster=table.cluster[rows],
        duration=None if table.duration is None else table.duration[rows],
        event=None if table.event is None else table.event[rows],
        negative_control=None if control is None else _take_control(control, rows),
        case_weights=None if table.case_weights is None else table.case_weights[rows],
        subgroups=tuple(replace(group, member=group.member[rows]) for group in table.subgroups),
    )


def _take_covariates(covariates: tuple[Covariate, ...], rows: Bools | Ints) -> tuple[Covariate, ...]:
    return tuple(replace(covariate, values=covariate.values[rows]) for covariate in covariates)


def _take_control(control: NegativeControl, rows: Bools | Ints) -> NegativeControl:
    return NegativeControl(take_outcome(control.outcome, rows), _take_covariates(control.covariates, rows))


def take_outcome(outcome: Outcome, rows: Bools | Ints) -> Outcome:
    """The outcome of some rows (mask or places)."""
    return replace(outcome, values=outcome.values[rows], event=None if outcome.event is None else outcome.event[rows])
