"""Who is in the records: people are drawn with their lives, one after another, and those sanctioned in its years are kept.

So those whose career began long before are, of themselves, the ones who went on: nothing about them is drawn otherwise.
"""

from __future__ import annotations

import numpy as np

from datalab.synthetic.careers import live
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.episodes import Episodes, keep_people
from datalab.synthetic.lives import begin_lives
from datalab.synthetic.people import People, make_people
from datalab.synthetic.settings import WorldSettings

SHARE_KEPT = 0.37  # about; where too few are kept, twice as many are drawn
MORE = 400  # drawn beyond what that share asks for, so that a small country is not drawn twice


def gather_people(count: int, stream: Stream, settings: WorldSettings) -> tuple[People, Episodes]:
    """The first `count` people who belong into the records, in the order of their numbers, and their lives.

    Whether somebody belongs there depends on nobody else, so the first people are the same in a country of any size.
    """
    drawn = round(count / SHARE_KEPT) + MORE
    while True:
        country = Country(make_people(drawn, stream, settings), stream, settings)
        lives = live(country, begin_lives(country, np.arange(drawn)))
        kept = active_people(lives, drawn, settings.active_from)[:count]
        if kept.size == count:
            return country.people.take(kept), keep_people(lives, kept)
        drawn *= 2


def active_people(lives: Episodes, count: int, first_day: int) -> Ints:
    """Positions, among `count` people, of those with an occasion on the day or after it."""
    late = np.asarray(lives.occasion["date"] >= first_day)
    return np.flatnonzero(np.bincount(lives.occasion["person"][late], minlength=count) > 0)
