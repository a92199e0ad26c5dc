"""Criminal careers: one person's offending episodes after another, all people at once, a round an episode.

The yearly hazard of a further episode is softplus(z) times the person's frailty, where z follows the Offender Group
Reconviction Scale 3 (Howard and others, 2009): Copas rate, age and sex, first sanction or not, last offence. It falls with
the time free of offending (Weibull). A programme multiplies the hazard from its start. Nobody offends in custody.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic import disposals
from datalab.synthetic.calendars import NEVER, YEAR_DAYS
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints
from datalab.synthetic.episodes import TABLES, Columns, Episodes, gather
from datalab.synthetic.lives import Lives, phases
from datalab.synthetic.offending import offence_mix
from datalab.synthetic.people import People
from datalab.synthetic.turns import after_turn, take_turn, turn_rows

Bools = NDArray[np.bool_]


def live(country: Country, lives: Lives, watch: Callable[[Lives], None] | None = None) -> Episodes:
    """Plays the lives to their `until` and returns what happened, in the order key, round.

    `watch` is shown the state after every round (before those whose life is over are dropped).
    """
    parts: list[dict[str, Columns]] = [empty_round()]
    while lives.person.size:
        lives, part = play_round(country, lives)
        parts.append(part)
        if watch is not None:
            watch(lives)
    return gather(parts)


def empty_round() -> dict[str, Columns]:
    """The tables without a row."""
    return {table: {name: np.zeros(0, np.int64) for name in names} for table, names in TABLES.items()}


def play_round(country: Country, lives: Lives) -> tuple[Lives, dict[str, Columns]]:
    """The next episode of every life: returns the lives that had one, after it, and its rows."""
    hazard = yearly_hazards(country, lives)
    offended = _next_offences(country, lives, hazard)
    going = offended <= lives.until
    lives, hazard, offended = lives.take(going), hazard[going], offended[going]
    main = _main_offences(country, lives, offended)
    proven = np.where(lives.round == 0, lives.since, offended + main["lag"])
    offended = _first_offences(country.people, lives, offended, main["lag"])
    seen = proven <= lives.until
    lives, hazard, offended, proven = lives.take(seen), hazard[seen], offended[seen], proven[seen]
    main = {name: values[seen] for name, values in main.items()}
    extra = extra_means(country, lives, hazard)
    turn = take_turn(country.stream, lives, main, extra_mean=extra, offended=offended, proven=proven)
    return after_turn(turn, _next_phases(country, lives)), turn_rows(turn, country.stream)


def yearly_hazards(country: Country, lives: Lives) -> Floats:
    """The hazard of a further episode in the first year at risk, per year (n,), frailty included."""
    people, settings = country.people, country.settings
    years = np.maximum(lives.since - people.first_sanction[lives.person], 0) / YEAR_DAYS
    copas = np.log((1.0 + np.maximum(lives.sanctions - 1, 0)) / (10.0 + years))
    age = (lives.since - people.birth[lives.person]) / YEAR_DAYS
    effects = settings.effects
    z = settings.hazard_level + settings.hazard_copas * copas + effects.of_age(age, people.female[lives.person])
    z = z + effects.of_record(
        age, earlier=lives.earlier, kind=lives.last_kind, disposal=lives.last_disposal, sentence=lives.last_sentence
    )
    return np.asarray(people.frailty[lives.person] * lives.phase * np.logaddexp(0.0, z), np.float64)


def _next_phases(country: Country, lives: Lives) -> Floats:
    """The phase after the episode: mostly the same; else a new one (drawn for those alone: such a draw is dear)."""
    changes = country.stream.uniform("phase stays", lives.key, lives.round) >= country.settings.phase_stays
    phase = lives.phase.copy()
    phase[changes] = phases(country, lives.key[changes], lives.round[changes] + 1)
    return phase


def _next_offences(country: Country, lives: Lives, hazard: Floats) -> Ints:
    """Day of the next offence; NEVER for a life that has stopped offending. The first round's day is set elsewhere."""
    stream, settings = country.stream, country.settings
    power = settings.hazard_power
    target = hazard * ((lives.survived - lives.since) / YEAR_DAYS) ** power
    target = target + stream.exponential("wait", lives.key, lives.round)
    before = hazard * (np.maximum(lives.effect_start - lives.since, 0) / YEAR_DAYS) ** power
    target = np.where(target > before, before + (target - before) / lives.hazard_ratio, target)
    years = (target / hazard) ** (1.0 / power)
    days = lives.since + 1 + np.floor(np.minimum(years, 1000.0) * YEAR_DAYS).astype(np.int64)
    days = np.where(years > settings.longest_gap_years, NEVER, days)
    return np.where(lives.round == 0, lives.since, days)


def _main_offences(country: Country, lives: Lives, offended: Ints) -> Columns:
    """Kind, heaviest disposal and lag of the episode's main offence."""
    people, stream = country.people, country.stream
    mix, key, when = offence_mix(), lives.key, lives.round
    chances = mix.chances[people.habit[lives.person]]
    kind = (stream.uniform("kind", key, when)[:, None] >= chances).sum(axis=1)
    supervised = np.maximum(lives.licence_end, lives.order_end) >= offended
    breach = supervised & (stream.uniform("breach", key, when) < 0.12)
    kind = np.where(breach, mix.first_breach + stream.index("breach kind", key, (2, 2, 1), when), kind)
    gravity = mix.gravity[kind]
    age = (offended - people.birth[lives.person]) / YEAR_DAYS
    disposal = disposals.choose_disposals(
        stream, key, when, gravity=gravity, sanctions=lives.sanctions, custodies=lives.custodies, age_years=age
    )
    disposal = np.where(breach & (disposal == disposals.CAUTION), disposals.OTHER, disposal)
    lag = disposals.lag_days(stream, key, when, disposal == disposals.CAUTION, gravity)
    return {"kind": kind, "disposal": disposal, "lag": lag, "gravity": gravity}


def _first_offences(people: People, lives: Lives, offended: Ints, lag: Ints) -> Ints:
    """In the first round the sanction's day is given: the offence lies before it, though never before the age of ten."""
    tenth = people.birth[lives.person] + np.int64(10 * YEAR_DAYS) + 1
    return np.where(lives.round == 0, np.minimum(np.maximum(lives.since - lag, tenth), lives.since), offended)


def extra_means(country: Country, lives: Lives, hazard: Floats) -> Floats:
    """Mean number of further offences of an episode (n,): more for those likelier to offend, fewer for the young."""
    settings = country.settings
    young = (lives.since - country.people.birth[lives.person]) / YEAR_DAYS < 18
    mean = settings.extras_base + settings.extras_slope * np.minimum(hazard, settings.extras_most)
    return np.asarray(np.where(young, settings.extras_young, 1.0) * mean, np.float64)
