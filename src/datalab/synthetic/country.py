"""Country: the people, the draws and the settings that every part of a made-up country needs."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.synthetic.draws import Stream
from datalab.synthetic.people import People
from datalab.synthetic.settings import WorldSettings


@dataclass(frozen=True)
class Country:
    """The people of a country, the source of all its draws, and its settings. first: people of other blocks before them."""

    people: People
    stream: Stream
    settings: WorldSettings
    first: int = 0
