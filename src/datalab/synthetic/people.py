"""The people of a made-up country: who they are, and the traits from which their lives follow."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

from datalab.fields.justice import codes
from datalab.synthetic.calendars import YEAR_DAYS, day
from datalab.synthetic.draws import Floats, Ints, Stream
from datalab.synthetic.settings import WorldSettings

Bools = NDArray[np.bool_]

SHARE_FEMALE = 0.215
SHARE_TWINS = 0.0076  # people drawn with a twin as the one drawn next; both are kept for 0.003 of those in the records
# Self-defined ethnicity of people with a record, in the order of codes.ETHNICITY (shares of the five groups: 84, 6, 5, 3, 1).
ETHNICITY_SHARES = (
    0.765,
    0.012,
    0.038,
    0.013,
    0.004,
    0.004,
    0.008,
    0.012,
    0.021,
    0.008,
    0.013,
    0.026,
    0.019,
    0.013,
    0.002,
    0.012,
    0.03,
)
REGION_SHARES = (0.055, 0.14, 0.105, 0.08, 0.11, 0.095, 0.16, 0.125, 0.085, 0.055)
# Age at the first sanction: knots of its distribution (years, share of people at most that old).
_FIRST_AGE = (
    (10.2, 0.0), (13.0, 0.02), (15.0, 0.075), (18.0, 0.24), (21.0, 0.44), (25.0, 0.60),
    (30.0, 0.735), (40.0, 0.88), (50.0, 0.955), (60.0, 0.985), (75.0, 1.0),
)  # fmt: skip
# How first sanctions are spread over the years: as many a year, by calendar year (straight between the knots).
_FIRST_YEAR = ((1970, 1.0), (1985, 1.2), (1995, 1.1), (2004, 1.0), (2007, 1.0), (2010, 0.7), (2014, 0.5), (2018, 0.4))
# Fewer young people came into the records as the years went by (calendar year; share of first sanctions under 18).
_FIRST_YOUNG = ((2006, 0.24), (2012, 0.17), (2018, 0.13))
_HABIT_SHARES = (0.43, 0.10, 0.22, 0.07, 0.12, 0.02, 0.04)


@dataclass(frozen=True)
class People:
    """One value a person, (n,) each. Days are since 1970.

    number: by which all draws of the person's life are keyed; rises along the people, with gaps where somebody was left out;
    female; birth, first_sanction, death: days; frailty: how much likelier to offend than others alike (mean 1);
    habit: position in offending.HABITS; ethnicity, region: positions in their code lists; uk: national of the United
    Kingdom; work: how easily the person finds work (mean 0, spread 1); need: level of needs (mean 0, spread 1).
    """

    number: Ints
    female: Bools
    birth: Ints
    first_sanction: Ints
    death: Ints
    frailty: Floats
    habit: Ints
    ethnicity: Ints
    region: Ints
    uk: Bools
    work: Floats
    need: Floats

    @property
    def count(self) -> int:
        """How many people."""
        return int(self.birth.size)

    def take(self, rows: Ints) -> People:
        """The people at these positions."""
        return People(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def make_people(count: int, stream: Stream, settings: WorldSettings) -> People:
    """Draws `count` people, each from draws of their own."""
    who = np.arange(count, dtype=np.int64)
    female = stream.uniform("sex", who) < SHARE_FEMALE
    first = _first_days(who, stream, settings)
    age = _first_ages(who, stream, female, first)
    frailty = stream.gamma("frailty", who, settings.frailty_shape)
    risk = standard_log(frailty, settings.frailty_shape)
    birth = _with_twins(first - np.round(age * YEAR_DAYS).astype(np.int64), first, who, stream)
    return People(
        number=who,
        female=female,
        birth=birth,
        first_sanction=first,
        death=_deaths(who, stream, birth, first),
        frailty=frailty,
        habit=stream.index("habit", who, _HABIT_SHARES),
        ethnicity=stream.index("ethnicity", who, ETHNICITY_SHARES),
        region=stream.index("region", who, REGION_SHARES),
        uk=stream.uniform("uk", who) < 0.92,
        # Work and needs follow the same leaning as offending, so that the records of them tell of risk.
        work=-0.45 * risk + np.sqrt(1 - 0.45**2) * stream.normal("work", who),
        need=0.6 * risk + 0.8 * stream.normal("need", who),
    )


def standard_log(frailty: Floats, shape: float) -> Floats:
    """The logarithm of gamma frailties (n,) of mean 1, moved and scaled to mean 0 and spread 1 by their law."""
    return np.asarray((np.log(frailty) - digamma(shape) + np.log(shape)) / np.sqrt(polygamma(1, shape)), np.float64)


def _first_days(who: Ints, stream: Stream, settings: WorldSettings) -> Ints:
    """The day of each person's first sanction."""
    year, many = zip(*_FIRST_YEAR, strict=True)
    steps = np.arange(settings.history_start, settings.extract_end + 1, 30)
    share = np.cumsum(np.interp(steps, [day(f"{one}-01-01") for one in year], many))
    day_of = np.interp(stream.uniform("first day", who) * share[-1], share, steps)
    return np.asarray(np.floor(day_of), np.int64)


def _first_ages(who: Ints, stream: Stream, female: Bools, first: Ints) -> Floats:
    """Ages in years at these first sanctions; women start a little later."""
    place, share = zip(*_FIRST_AGE, strict=True)
    usual = float(np.interp(18.0, place, share))
    year, early = zip(*_FIRST_YOUNG, strict=True)
    young = np.interp(first, [day(f"{one}-01-01") for one in year], early)
    rank = stream.uniform("first age", who)
    rank = np.where(rank < young, rank * usual / young, usual + (rank - young) * (1 - usual) / (1 - young))
    drawn = np.interp(rank, share, place)
    return np.asarray(np.where(female, 10.2 + (drawn - 10.2) * 1.12, drawn), np.float64)


def _with_twins(birth: Ints, first: Ints, who: Ints, stream: Stream) -> Ints:
    """Some people share the birthday of the person before them, where their first sanction leaves that possible."""
    elder = np.roll(birth, 1)
    age = (first - elder) / YEAR_DAYS
    twin = (stream.uniform("twin", who) < SHARE_TWINS) & (age > 10.1) & (age < 75) & (who > 0)
    twin = twin & ~np.roll(twin, 1)
    return np.where(twin, elder, birth)


def _deaths(who: Ints, stream: Stream, birth: Ints, first: Ints) -> Ints:
    """Day of death, from a Gompertz law about three times as heavy as the public's, after the first sanction."""
    slope, level = 0.075, 2.4e-4
    age = (first - birth) / YEAR_DAYS
    years = np.log(np.exp(slope * age) + stream.exponential("death", who) * slope / level) / slope
    return np.asarray(birth + np.ceil(years * YEAR_DAYS), np.int64)


def ethnicity_codes() -> NDArray[np.str_]:
    """The 16+1 codes, in order."""
    return np.array([code for code, _ in codes.ETHNICITY])
