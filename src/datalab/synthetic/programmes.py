"""The programmes of a made-up country: what each is, whom it selects, and what it does to the hazard of offending."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic.calendars import YEAR_DAYS, day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Floats, Ints, Stream
from datalab.synthetic.episodes import Episodes
from datalab.synthetic.people import People
from datalab.synthetic.traits import History

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Programme:
    """One programme. Days are since 1970.

    setting: custody (starts inside, ends by release) or community (starts up to `latest_start_days` after an order).
    start, end: days between which people start. per_thousand: participants for 1,000 people of the country.
    hazard_ratio: what the programme does to the hazard of offending from its start, for good; work_ratio: what it does to the
    hazard of finding work when out of work. regions: positions in
    codes.REGION whence it takes people twice as often. leanings: log odds of taking part for one step of each recorded trait
    (traits.History). sites: names of where it ran.
    """

    name: str
    title: str
    kind: str
    setting: str
    start: int
    end: int
    per_thousand: float
    hazard_ratio: float
    regions: tuple[int, ...]
    leanings: tuple[tuple[str, float], ...]
    sites: tuple[str, ...]
    latest_start_days: int = 0
    work_ratio: float = 1.0


PROGRAMMES = (
    Programme(
        name="thames-workshop",
        title="Thames Workshop",
        kind="employment",
        setting="custody",
        start=day("2008-01-01"),
        end=day("2014-12-31"),
        per_thousand=10.0,
        hazard_ratio=0.70,
        regions=(),
        leanings=(
            ("sanctions", -0.25),
            ("employed", 0.45),
            ("young", -0.20),
            ("education_work", 0.20),
            ("drugs", -0.25),
            ("female", 0.15),
        ),
        sites=("HMP Kingsmere", "HMP Priory Road", "HMP Ridgeway"),
        work_ratio=1.5,
    ),
    Programme(
        name="northern-mentoring",
        title="Northern Mentoring",
        kind="mentoring",
        setting="community",
        start=day("2012-01-01"),
        end=day("2013-12-31"),
        per_thousand=13.0,
        hazard_ratio=1.0,
        regions=(0, 1, 2),
        leanings=(
            ("sanctions", 0.20),
            ("employed", -0.35),
            ("young", 0.30),
            ("education_work", 0.15),
            ("drugs", 0.10),
            ("female", 0.30),
        ),
        sites=("Aire Valley", "Tees Bank", "Mersey Side"),
        latest_start_days=180,
    ),
)
MAIN_PROGRAMME = PROGRAMMES[0].name


@dataclass(frozen=True)
class Places:
    """Who takes part, (n,) each, in the order of person: index_date (release or order), start, end: days; completed; site."""

    person: Ints
    index_date: Ints
    start: Ints
    end: Ints
    completed: Mask
    site: Ints

    @property
    def count(self) -> int:
        """How many take part."""
        return int(self.person.size)


def fill_places(programme: Programme, country: Country, history: History, hidden_selection: float, taken: Ints) -> Places:
    """Chooses the participants among those who could take part, by chance and leaning (weighted, without replacement).

    history: what the records hold (before any programme). hidden_selection: log odds for one spread of the unrecorded
    frailty. taken: people already in another programme.
    """
    people, stream = country.people, country.stream
    could = _candidates(programme, people, history.lives, stream)
    free = ~np.isin(could[0], taken)
    who, baseline, index_date, start = (values[free] for values in could)
    traits = history.traits(people, who, baseline, start)
    score = _scores(programme, people.region[who], traits)
    score = score + hidden_selection * _standard(np.log(people.frailty))[who]
    noise = -np.log(stream.exponential(f"{programme.name} place", who, index_date))
    order = np.lexsort((index_date, who, -(score + noise)))
    _, first = np.unique(who[order], return_index=True)
    wanted = round(programme.per_thousand * people.count / 1000)
    chosen = order[np.sort(first)[:wanted]]
    chosen = chosen[np.lexsort((index_date[chosen], who[chosen]))]
    return _places(programme, who[chosen], index_date[chosen], start[chosen], stream)


def _places(programme: Programme, who: Ints, index_date: Ints, start: Ints, stream: Stream) -> Places:
    length = 42 + np.round(70 * stream.uniform(f"{programme.name} length", who)).astype(np.int64)
    end = start + length
    if programme.setting == "custody":
        end = np.minimum(end, index_date)
    return Places(
        person=who,
        index_date=index_date,
        start=start,
        end=end,
        completed=stream.uniform(f"{programme.name} completed", who) < 0.72,
        site=stream.index(f"{programme.name} site", who, np.ones(len(programme.sites))),
    )


def _candidates(programme: Programme, people: People, lives: Episodes, stream: Stream) -> tuple[Ints, Ints, Ints, Ints]:
    """Events that could lead to a place: person, baseline (start of the stay or order), index date, programme start."""
    if programme.setting == "custody":
        who, baseline, index_date, start = _in_custody(programme, lives, stream)
    else:
        who, baseline, index_date, start = _on_orders(programme, lives, stream)
    # A few are not yet of age, as in real uploads; the cohort leaves them out.
    adult = (index_date - people.birth[who]) / YEAR_DAYS >= 17.5
    alive = people.death[who] > np.maximum(start, index_date)
    kept = adult & alive & (start >= programme.start) & (start <= programme.end)
    return who[kept], baseline[kept], index_date[kept], start[kept]


def _in_custody(programme: Programme, lives: Episodes, stream: Stream) -> tuple[Ints, Ints, Ints, Ints]:
    """Stays of at least four weeks; the start lies in the second half of the stay and within its last six months."""
    who, begun, free = (lives.block[name] for name in ("person", "start", "end"))
    long = free - begun >= 28
    who, begun, free = who[long], begun[long], free[long]
    reach = np.minimum((free - begun) // 2, 180)
    ahead = 7 + np.floor(stream.uniform(f"{programme.name} ahead", who, begun) * np.maximum(reach - 7, 1)).astype(np.int64)
    return who, begun, free, free - ahead


def _on_orders(programme: Programme, lives: Episodes, stream: Stream) -> tuple[Ints, Ints, Ints, Ints]:
    """Orders; the start lies some weeks after, thinner with time; nobody starts in custody."""
    who, begun = lives.order["person"], lives.order["start"]
    along = stream.uniform(f"{programme.name} delay", who, begun) ** 1.6
    start = begun + np.floor(along * programme.latest_start_days).astype(np.int64)
    out = ~_in_block(lives, who, start)
    return who[out], begun[out], begun[out], start[out]


def _in_block(lives: Episodes, who: Ints, when: Ints) -> Mask:
    """Whether each person is in custody on that day."""
    span = 10**6
    marks = np.asarray(lives.block["person"], np.int64) * span + np.asarray(lives.block["start"], np.int64)
    if not marks.size:
        return np.zeros(who.size, bool)
    place = np.maximum(np.searchsorted(marks, who * span + when, side="right") - 1, 0)
    return np.asarray(
        (lives.block["person"][place] == who) & (lives.block["start"][place] <= when) & (lives.block["end"][place] >= when)
    )


def _scores(programme: Programme, region: Ints, traits: dict[str, Floats]) -> Floats:
    """Log odds of a place from recorded traits."""
    score = np.log(2.0) * np.isin(region, programme.regions)
    for name, weight in programme.leanings:
        score = score + weight * traits[name]
    return np.asarray(score, np.float64)


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std(), np.float64)
