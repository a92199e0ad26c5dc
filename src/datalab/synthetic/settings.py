"""Settings of a made-up country: its windows, its levels, and the presets. All numbers that calibration may turn stand here."""

from __future__ import annotations

from dataclasses import dataclass, field

from datalab.constraints import Range
from datalab.synthetic.calendars import day
from datalab.synthetic.effects import Effects, read_effects

PRESETS = {"small": 20_000, "demo": 50_000, "region": 500_000, "national": 5_000_000}
PEOPLE = Range(500, 1_000_000, whole=True, hint="A demonstration takes 50,000.")


@dataclass(frozen=True)
class WorldSettings:
    """What a country is like. Days are since 1970.

    history_start: earliest first sanction. active_from: everybody sanctioned on or after this day is in the records, with the
    whole history, and nobody else is. extract_end: last day in the records. frailty_shape: 1 / variance of the frailty.
    hazard_*: log of the yearly hazard of a further offending episode; hazard_power: how it falls with time free of offending
    (Weibull shape). longest_gap_years: nobody free of offending for longer comes back.
    """

    history_start: int = day("1970-01-01")
    active_from: int = day("2000-01-01")
    extract_end: int = day("2017-12-31")
    frailty_shape: float = 0.7
    phase_shape: float = 0.5
    phase_stays: float = 0.97
    effects: Effects = field(default_factory=read_effects)
    extras_base: float = 0.45
    extras_slope: float = 0.5
    extras_most: float = 4.0
    extras_young: float = 0.49
    hazard_level: float = 0.56
    hazard_copas: float = 1.0
    hazard_power: float = 0.97
    longest_gap_years: float = 12.0


# What the data steward would have loaded: dataset, kind, first, last day. Index dates are allowed up to the end of 2014
# and in the first quarter of 2016 only, as in the real service; the extract runs on. Of whoever can be in a cohort the whole
# history is there, back to a first sanction of 1970; what a programme's start is checked against reaches back to 1995.
COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    ("assessment", "events", "2004-01-01", "2017-12-31"),
    ("benefit", "events", "2005-01-01", "2017-12-31"),
    ("employment", "events", "2005-01-01", "2017-12-31"),
    ("reoffending", "cohort", "2002-01-01", "2014-12-31"),
    ("reoffending", "cohort", "2016-01-01", "2016-03-31"),
    ("reoffending", "events", "1995-01-01", "2017-12-31"),
)
