"""Where each life stands between two offending episodes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic.calendars import NEVER
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints

REPLICATE = 2**40  # key = number of the person + replicate * REPLICATE


@dataclass(frozen=True)
class Lives:
    """Where each life stands between two episodes, (n,) each; days are since 1970.

    person, key; round: episodes so far; since: day from which the person has been at risk; survived: day up to which nothing
    is known to have happened (since, or later); sanctions, custodies: counts; licence_end, order_end: last day of the last
    licence and order; licence_round: round of the sentence behind the licence; last_kind, last_disposal, last_sentence: main
    offence of the last episode, what it got, days of custody (0: none); earlier, offences: offences before that episode and
    with it; phase: how active this part of the life is (mean 1); effect_start, hazard_ratio: the programme's; until: last day
    that matters.
    """

    person: Ints
    key: Ints
    round: Ints
    since: Ints
    survived: Ints
    sanctions: Ints
    custodies: Ints
    licence_end: Ints
    licence_round: Ints
    order_end: Ints
    last_kind: Ints
    last_disposal: Ints
    last_sentence: Ints
    earlier: Ints
    offences: Ints
    phase: Floats
    effect_start: Ints
    hazard_ratio: Floats
    until: Ints

    def take(self, rows: NDArray[np.generic]) -> Lives:
        """The lives at these positions, or where true."""
        return Lives(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def begin_lives(country: Country, rows: Ints) -> Lives:
    """The lives of these people before their first sanction, without any programme."""
    people, settings = country.people, country.settings
    nothing = np.zeros(rows.size, np.int64)
    first = people.first_sanction[rows]
    return Lives(
        person=rows,
        key=people.number[rows],
        round=nothing,
        since=first,
        survived=first,
        sanctions=nothing,
        custodies=nothing,
        licence_end=nothing - NEVER,
        licence_round=nothing - 1,
        order_end=nothing - NEVER,
        last_kind=nothing,
        last_disposal=nothing,
        last_sentence=nothing,
        earlier=nothing,
        offences=nothing,
        phase=phases(country, people.number[rows], nothing),
        effect_start=nothing + NEVER,
        hazard_ratio=np.ones(rows.size),
        until=np.minimum(settings.extract_end, people.death[rows] - 1),
    )


def phases(country: Country, key: Ints, round_: Ints) -> Floats:
    """How active a new part of each life is (n,): gamma of mean 1."""
    return country.stream.gamma("phase", key, country.settings.phase_shape, round_)
