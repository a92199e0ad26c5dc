"""The survival section: weighted curves of both groups on common days, numbers at risk, landmarks (design 3.6)."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from datalab.balance.results import BalancedMatch
from datalab.effects.cox import fit_hazard_ratio
from datalab.effects.influence import dense_codes
from datalab.effects.life_table import LifeTable, end_at_horizon, make_life_table
from datalab.effects.results import Effect, Survival, SurvivalCurve
from datalab.table import Bools, Floats, Ints

MOST_DAYS = 732  # a curve has a point a day for two years, coarser beyond
FEWEST_STEPS = 50  # a horizon of fewer units (years, months) is cut finer than they are
_YEAR = 365.0
_MONTHS = (1, 3, 6, 9, 12, 18, 24)


def _step(horizon: float) -> tuple[int, int]:
    """The step of a curve as 1, 2 or 5 and decimal places (5, 2: 0.05): one unit where the horizon has enough of them, else
    the largest of which it has.

    >>> _step(52.0), _step(12.0), _step(1.0)
    ((1, 0), (2, 1), (2, 2))
    """
    if horizon >= FEWEST_STEPS:
        return 1, 0
    places = math.ceil(-math.log10(horizon / FEWEST_STEPS))
    digit = next(digit for digit in (5, 2, 1) if round(horizon * 10**places / digit, 9) >= FEWEST_STEPS)
    return digit, places


def common_days(horizon: float) -> Ints | Floats:
    """The days of both curves: 0 to the horizon, every day up to two years, else evenly spread; landmarks among them.

    Where the horizon is told in a larger unit, in even steps of it, of which there are at least `FEWEST_STEPS`.

    >>> common_days(365.0).size, common_days(0.5)[:3].tolist()
    (366, [0.0, 0.01, 0.02])
    """
    digit, places = _step(horizon)
    if not places:
        last = int(horizon)
        spread = np.linspace(0, last, min(last + 1, MOST_DAYS)).astype(np.int64)
        return np.union1d(spread, np.array(landmark_days(horizon), dtype=np.int64))
    last = math.floor(round(horizon * 10**places / digit, 9))
    steps = [round(place * digit / 10**places, places) for place in range(last + 1)]
    return np.array(sorted({*steps, *landmark_days(horizon), horizon}))


def landmark_days(horizon: float) -> tuple[float, ...]:
    """1, 3, 6, 9, 12 (18, 24) months where the horizon is a year or more, else those twelfths of the horizon.

    Whole numbers, or with the decimal places of the curve's step.

    >>> landmark_days(365.0)
    (30, 91, 182, 274, 365)
    """
    year = _YEAR if horizon >= _YEAR else horizon
    places = _step(horizon)[1]
    days = (round(year * months / 12, places or None) for months in _MONTHS)
    return tuple(sorted({day for day in days if 0 < day <= horizon}))


def _cumulate(place: Ints, values: Floats, size: int) -> Floats:
    """Sum of `values` over rows whose place is at most each of 0 to size - 1."""
    return np.asarray(np.cumsum(np.bincount(place, values, size + 1)[:size]), dtype=np.float64)


def _sum_of_squares(place: Ints, settled: Floats, weights: Floats, person: Ints, drift: Floats) -> Floats:
    """Sum over people of squared influence on log surviving at each day (d,), without a people x days matrix.

    A row's influence is -weight x drift(day) until its own end (day index `place`), and `settled` from then on. Rows of
    the same person are paired lag by lag, in order of their end, so that a person's sum is squared, not each row.
    """
    size = drift.size
    open_weight = float(weights @ weights) - _cumulate(place, weights**2, size)
    total = _cumulate(place, settled**2, size) + open_weight * drift**2
    order = np.lexsort((place, person))
    place, settled, weights, person = place[order], settled[order], weights[order], person[order]
    for lag in range(1, place.size):
        pair = person[lag:] == person[:-lag]
        if not pair.any():
            break
        first, second = np.flatnonzero(pair), np.flatnonzero(pair) + lag
        both_open = float(weights[first] @ weights[second]) - _cumulate(place[first], weights[first] * weights[second], size)
        cross = settled[first] * weights[second]
        one_open = _cumulate(place[first], cross, size) - _cumulate(place[second], cross, size)
        both_settled = _cumulate(place[second], settled[first] * settled[second], size)
        total += 2 * (both_open * drift**2 - one_open * drift + both_settled)
    return np.maximum(total, 0.0)


def curve_se(table: LifeTable, duration: Floats, event: Bools, *, weights: Floats, person: Ints, days: Floats) -> Floats:
    """Robust standard error of the weighted Kaplan-Meier at each day: infinitesimal jackknife, summed by person."""
    increments = table.increments
    drift = np.concatenate(([0.0], np.cumsum(increments * table.hazard)))
    passed = table.passed(duration)
    own = np.where(event, np.concatenate(([0.0], increments))[passed], 0.0)
    place = np.searchsorted(days, duration, side="left").astype(np.int64)
    settled = weights * (own - drift[passed])
    squares = _sum_of_squares(place, settled, weights, person, drift[table.passed(days)])
    return np.asarray(table.surviving_at(days) * np.sqrt(squares), dtype=np.float64)


def _band(surviving: Floats, se: Floats) -> tuple[Floats, Floats]:
    """Pointwise 95 % band on the log(-log) scale, so that it stays within 0 and 1; no width at exactly 0 or 1."""
    inside = (surviving > 0) & (surviving < 1)
    level = np.where(inside, surviving, 0.5)
    reach = float(ndtri(0.975)) * se / (level * -np.log(level))
    low, high = level ** np.exp(reach), level ** np.exp(-reach)
    return np.where(inside, low, surviving), np.where(inside, high, surviving)


def _people_at_risk(duration: Floats, person: Ints, days: Floats) -> Ints:
    codes, people = dense_codes(person)
    last = np.zeros(people)
    np.maximum.at(last, codes, duration)
    return (people - np.searchsorted(np.sort(last), days, side="left")).astype(np.int64)


def draw_curve(duration: Floats, event: Bools, weights: Floats, person: Ints, days: Ints | Floats) -> SurvivalCurve:
    """Weighted Kaplan-Meier of one group (n rows, positive weights) at `days`, band, and people at risk (unweighted)."""
    points = days.astype(np.float64)
    table = make_life_table(duration, event, weights)
    surviving = table.surviving_at(points)
    low, high = _band(surviving, curve_se(table, duration, event, weights=weights, person=person, days=points))
    return SurvivalCurve(days, surviving, low, high, _people_at_risk(duration, person, points))


def earlier_years(horizon: float) -> tuple[float, ...]:
    """The whole years (days) before the horizon within which the mean time is compared too.

    >>> earlier_years(730.0), earlier_years(365.0)
    ((365.0,), ())
    """
    return tuple(_YEAR * year for year in range(1, math.ceil(horizon / _YEAR)))


def compare_survival(
    balanced: BalancedMatch,
    duration: Floats,
    event: Bools,
    horizon: float,
    rmst: Effect | None,
    *,
    earlier: tuple[tuple[float, Effect], ...] = (),
) -> Survival:
    """Both groups' curves up to the horizon, landmarks (share with the event by day), and the robust hazard ratio.

    duration, event (n,): as in the balanced table's rows, none missing. rmst: the effect on the mean time without the
    event, as `estimate_outcome` gives it; earlier: the same within the `earlier_years`.
    """
    table, match = balanced.table, balanced.match
    duration, event = end_at_horizon(duration, event, horizon)
    days = common_days(horizon)
    used = [match.matched & table.treated, match.matched & ~table.treated]
    sides = [draw_curve(duration[g], event[g], match.weights[g], table.person[g], days) for g in used]
    marks = landmark_days(horizon)
    at = np.searchsorted(days, marks)
    shares = [1.0 - side.surviving[at] for side in sides]
    rows = match.matched
    ratio = fit_hazard_ratio(duration[rows], event[rows], table.treated[rows], match.weights[rows], table.person[rows])
    landmarks = tuple((mark, float(a), float(b)) for mark, a, b in zip(marks, *shares, strict=True))
    return Survival(sides[0], sides[1], horizon, rmst, landmarks, ratio, earlier)
