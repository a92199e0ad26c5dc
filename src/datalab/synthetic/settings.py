"""Settings of a made-up country: its windows, its levels, and the presets. All numbers that calibration may turn stand here."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.constraints import Range
from datalab.synthetic.calendars import day

PRESETS = {"small": 20_000, "demo": 50_000}
PEOPLE = Range(500, 2_000_000, whole=True, hint="A demonstration takes 50,000.")


# Effect of age on z: age in years, men, women (after OGRS3's age and sex bands, made smooth; ours where calibration moved them).
AGE_EFFECTS: tuple[tuple[float, float, float], ...] = (
    (10.0, 0.62, -0.20),
    (14.0, 0.60, -0.25),
    (17.0, 0.29, -0.66),
    (19.5, -0.40, -0.84),
    (23.0, -1.05, -1.12),
    (27.5, -1.17, -1.15),
    (32.5, -1.03, -0.95),
    (37.5, -1.07, -1.21),
    (45.0, -1.36, -1.50),
    (55.0, -1.83, -2.34),
)


@dataclass(frozen=True)
class WorldSettings:
    """What a country is like. Days are since 1970.

    history_start: earliest first sanction. extract_end: last day in the records. frailty_shape: 1 / variance of the frailty.
    hazard_*: log of the yearly hazard of a further offending episode; hazard_power: how it falls with time free of offending
    (Weibull shape). longest_gap_years: nobody free of offending for longer comes back.
    """

    history_start: int = day("1995-01-01")
    extract_end: int = day("2017-12-31")
    frailty_shape: float = 1.43
    age_effects: tuple[tuple[float, float, float], ...] = AGE_EFFECTS
    extras_base: float = 1.32
    extras_slope: float = 0.43
    hazard_level: float = 0.63
    hazard_copas: float = 0.81
    hazard_first: float = -0.03
    hazard_power: float = 0.85
    longest_gap_years: float = 12.0


# What the data steward would have loaded: dataset, kind, first, last day. Index dates are allowed up to the end of 2014
# and in the first quarter of 2016 only, as in the real service; the extract runs on.
COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    ("assessment", "events", "2004-01-01", "2017-12-31"),
    ("benefit", "events", "2005-01-01", "2017-12-31"),
    ("employment", "events", "2005-01-01", "2017-12-31"),
    ("reoffending", "cohort", "2002-01-01", "2014-12-31"),
    ("reoffending", "cohort", "2016-01-01", "2016-03-31"),
    ("reoffending", "events", "1995-01-01", "2017-12-31"),
)
