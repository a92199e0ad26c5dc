"""The people of a made-up country: who they are, and the traits from which their lives follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

from datalab.fields.justice import codes
from datalab.synthetic.calendars import YEAR_DAYS
from datalab.synthetic.draws import Floats, Ints, Stream
from datalab.synthetic.settings import WorldSettings

Bools = NDArray[np.bool_]

SHARE_FEMALE = 0.215
SHARE_TWINS = 0.003  # people with a twin of theirs as the next person
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
# How first sanctions are spread over the years (year, share of people before it).
_FIRST_YEAR = ((0.0, 0.0), (0.30, 0.48), (0.55, 0.74), (0.80, 0.91), (0.94, 0.978), (1.0, 1.0))
# Fewer young people came into the records as the years went by (along the years; share of first sanctions under 18).
_FIRST_YOUNG = ((0.0, 0.24), (0.5, 0.24), (0.75, 0.17), (1.0, 0.13))
_HABIT_SHARES = (0.43, 0.10, 0.22, 0.07, 0.12, 0.02, 0.04)


@dataclass(frozen=True)
class People:
    """One value a person, (n,) each. Days are since 1970.

    female; birth, first_sanction, death: days; frailty: how much likelier to offend than others alike (mean 1);
    habit: position in offending.HABITS; ethnicity, region: positions in their code lists; uk: national of the United
    Kingdom; work: how easily the person finds work (mean 0, spread 1); need: level of needs (mean 0, spread 1).
    """

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


def make_people(count: int, stream: Stream, settings: WorldSettings) -> People:
    """Draws `count` people, each from draws of their own."""
    who = np.arange(count, dtype=np.int64)
    female = stream.uniform("sex", who) < SHARE_FEMALE
    along = _first_years(who, stream)
    first = settings.history_start + np.floor(along * (settings.extract_end - settings.history_start)).astype(np.int64)
    age = _first_ages(who, stream, female, along)
    frailty = stream.gamma("frailty", who, settings.frailty_shape)
    risk = standard_log(frailty, settings.frailty_shape)
    birth = _with_twins(first - np.round(age * YEAR_DAYS).astype(np.int64), first, who, stream)
    return People(
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


def _first_years(who: Ints, stream: Stream) -> Floats:
    """How far along the time of the records each person's first sanction lies (0 to 1)."""
    place, share = zip(*_FIRST_YEAR, strict=True)
    return np.asarray(np.interp(stream.uniform("first year", who), share, place), np.float64)


def _first_ages(who: Ints, stream: Stream, female: Bools, along: Floats) -> Floats:
    """Ages in years; women start a little later, and the first years of the records hold people of all ages."""
    place, share = zip(*_FIRST_AGE, strict=True)
    usual = float(np.interp(18.0, place, share))
    when, early = zip(*_FIRST_YOUNG, strict=True)
    young = np.interp(along, when, early)
    rank = stream.uniform("first age", who)
    rank = np.where(rank < young, rank * usual / young, usual + (rank - young) * (1 - usual) / (1 - young))
    drawn = np.interp(rank, share, place)
    drawn = drawn + 14.0 * np.maximum(1.0 - along / 0.35, 0.0) * stream.uniform("older entrant", who) * (drawn > 15)
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
