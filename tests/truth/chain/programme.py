"""A redrawn programme: who takes part, what it really did to them, and the upload that its provider sends."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from tests.truth.chain.country import ROUNDS, Country, episode_key

from datalab.synthetic.calendars import add_months, day
from datalab.synthetic.noise import read_noise
from datalab.synthetic.programmes import Places, Programme, fill_places
from datalab.synthetic.uploads import Upload, write_rows
from datalab.synthetic.world import find_convictions

# Who is taken: selection on what the records show, in both settings. Participants are few beside the events of their kind,
# because everybody who takes part leaves the pool with all of their events, and busy people take part more often.
COMMUNITY = Programme(
    name="community",
    title="Redrawn programme",
    kind="mentoring",
    setting="community",
    start=day("2008-01-01"),
    end=day("2014-12-31"),
    per_thousand=5.0,
    hazard_ratio=1.0,
    regions=(0, 1, 2),
    leanings=(
        ("sanctions", -0.35),
        ("employed", 0.50),
        ("young", -0.25),
        ("education_work", 0.20),
        ("drugs", -0.30),
        ("female", 0.20),
    ),
    sites=("Aire Valley", "Tees Bank", "Mersey Side"),
    latest_start_days=180,
)
NOBODY = np.zeros(0, np.int64)
CALIBRATIONS = 40


@dataclass(frozen=True)
class Effect:
    """points: by which the programme lowers the rate of those it takes, on average. hidden: selection on the unrecorded
    frailty, log odds for one spread. recorded: whether the traits of the records have a part in whom it takes. examined: so
    many of the first draws have the sensitivity family made too, which takes longer than all the rest. size: of the
    programme, against the others. most: draws at the most."""

    name: str
    title: str
    points: float
    hidden: float = 0.0
    recorded: bool = True
    examined: int = 0
    size: float = 1.0
    most: int = 1_000_000


EFFECTS = (
    Effect("none", "no effect", 0.0, examined=60),
    Effect("minus4", "−4 points", 4.0),
    Effect("minus8", "−8 points", 8.0),
    # Large enough for the check on the past to see what it looks for, and by nothing on record, which would pull the other way
    # (few earlier sanctions); every draw is examined, so fewer do.
    Effect("hidden", "no effect, unrecorded selection", 0.0, hidden=3.0, recorded=False, examined=60, size=6.0, most=60),
)


@dataclass(frozen=True)
class Outcomes:
    """Known for each participant, (n,): at_risk when the clock starts; reoffences within 12 months with the programme and
    without it. undone: the episodes that the programme prevented."""

    at_risk: np.ndarray
    with_it: np.ndarray
    without: np.ndarray
    undone: np.ndarray


@dataclass(frozen=True)
class Held:
    """A programme as it went."""

    programme: Programme
    places: Places
    upload: Upload
    outcomes: Outcomes


def recruit(country: Country, name: str, effect: Effect) -> tuple[Programme, Places]:
    """A programme of this name: the name is all that its draws depend on."""
    leanings = COMMUNITY.leanings if effect.recorded else ()
    programme = replace(COMMUNITY, name=name, per_thousand=COMMUNITY.per_thousand * effect.size, leanings=leanings)
    return programme, fill_places(programme, country.scene.country, country.scene.history, effect.hidden, NOBODY)


def hold(country: Country, effect: Effect, number: int, share: float) -> Held:
    """The programme with this number. share: of later episodes that it prevents."""
    programme, places = recruit(country, f"{effect.name}-{number}", effect)
    upload = write_rows(
        programme,
        places,
        find_convictions(places, country.scene.lives),
        country=country.scene.country,
        identities=country.ledger.identities,
        noise=read_noise(),
    )
    return Held(programme, places, upload, prevent(country, programme.name, places, share))


def prevent(country: Country, name: str, places: Places, share: float) -> Outcomes:
    """Each episode all of whose offences come after the clock's start is prevented with this chance, whatever the others."""
    clock = np.maximum(places.index_date, places.start)
    later = _later_episodes(country, places, clock)
    drawn = country.scene.country.stream.uniform(f"{name} prevented", later // ROUNDS, later % ROUNDS) < share
    undone = later[drawn]
    return Outcomes(
        at_risk=_count(country, places, places.index_date, clock, NOBODY) == 0,
        with_it=_count(country, places, clock, add_months(clock, 12), undone),
        without=_count(country, places, clock, add_months(clock, 12), NOBODY),
        undone=undone,
    )


def _later_episodes(country: Country, places: Places, clock: np.ndarray) -> np.ndarray:
    key, first = country.episode_starts
    place = np.minimum(np.searchsorted(places.person, key // ROUNDS), places.count - 1)
    return key[(places.person[place] == key // ROUNDS) & (first > clock[place])]


def _reoffences(
    country: Country, places: Places, after: np.ndarray, until: np.ndarray, undone: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Offences that count, committed after one day and by another, proven within 18 months of the clock's start: position
    of their person, and episode."""
    rows = country.counting
    proven_by = add_months(np.maximum(places.index_date, places.start), 18)
    mine = np.isin(rows["person"], places.person)
    rows = {name: values[mine] for name, values in rows.items()}
    place, key = np.searchsorted(places.person, rows["person"]), episode_key(rows["person"], rows["round"])
    counted = (rows["date"] > after[place]) & (rows["date"] <= until[place]) & (rows["proven"] <= proven_by[place])
    counted &= ~np.isin(key, undone)
    return place[counted], key[counted]


def _count(country: Country, places: Places, after: np.ndarray, until: np.ndarray, undone: np.ndarray) -> np.ndarray:
    return np.bincount(_reoffences(country, places, after, until, undone)[0], minlength=places.count)


def calibrate(country: Country, points: float) -> float:
    """The share of later episodes to prevent so that the rate of those taken and at risk is expected to fall by so many points.

    A person's rate falls where every episode with a reoffence is prevented: with m of them, all of which can be, by share^m.
    """
    if points == 0:
        return 0.0
    episodes = np.concatenate(
        [_to_prevent(country, recruit(country, f"calibration {n}", EFFECTS[0])[1]) for n in range(CALIBRATIONS)]
    )
    known = np.isfinite(episodes) & (episodes > 0)

    def fall(share: float) -> float:
        return float((share ** episodes[known]).sum() / episodes.size)

    return float(brentq(lambda share: fall(share) - points / 100, 0.0, 1.0))


def _to_prevent(country: Country, places: Places) -> np.ndarray:
    """Episodes with a reoffence of each participant at risk: how many, infinite where one of them cannot be prevented."""
    clock = np.maximum(places.index_date, places.start)
    place, key = _reoffences(country, places, clock, add_months(clock, 12), NOBODY)
    pairs = np.unique(np.stack([place, key]), axis=1)
    episodes = np.bincount(pairs[0], minlength=places.count).astype(float)
    episodes[pairs[0][~np.isin(pairs[1], _later_episodes(country, places, clock))]] = np.inf
    return episodes[_count(country, places, places.index_date, clock, NOBODY) == 0]
