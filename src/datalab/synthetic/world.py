"""Makes a whole made-up country: people, lives, programmes, records, uploads, and the truth about the programmes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from datalab.constraints import Range, require
from datalab.errors import UsageError
from datalab.progress import Progress, Silent
from datalab.synthetic.calendars import NEVER, date_of
from datalab.synthetic.careers import live
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.episodes import Episodes, replace_people
from datalab.synthetic.identities import Identities, make_identities
from datalab.synthetic.lives import begin_lives
from datalab.synthetic.needs import make_assessments
from datalab.synthetic.noise import Noise, read_noise
from datalab.synthetic.people import People, make_people
from datalab.synthetic.programmes import PROGRAMMES, Places, Programme, fill_places
from datalab.synthetic.records import make_tables
from datalab.synthetic.settings import PEOPLE, WorldSettings
from datalab.synthetic.simulation import Expected, expect_outcomes
from datalab.synthetic.traits import History
from datalab.synthetic.uploads import Upload, write_rows
from datalab.synthetic.work import make_work, tax_identities
from datalab.wording import say

TODAY = date(2018, 1, 31)
STAGES = 6
RULES = {
    "people": PEOPLE,
    "seed": Range(0, 2**31 - 1, whole=True),
    "hidden_selection": Range(-3, 3),
    "replicates": Range(2, 10_000, whole=True),
}


@dataclass(frozen=True)
class Conducted:
    """One programme as it went: who took part, what was sent in, and what could be expected."""

    programme: Programme
    places: Places
    upload: Upload
    expected: Expected


@dataclass(frozen=True)
class World:
    """A country: its settings, its ten tables of records (as the schema has them), and its programmes.

    people: how many; seed; today: the day on which it is looked at; hidden_selection: how strongly programmes select on
    the frailty that no record shows (log odds for one spread); replicates: lives played for the truth.
    """

    people: int
    seed: int
    today: date
    hidden_selection: float
    replicates: int
    tables: dict[str, pa.Table]
    conducted: tuple[Conducted, ...]


def make_world(
    people: int = 50_000,
    seed: int = 1,
    today: date = TODAY,
    *,
    hidden_selection: float = 0.0,
    replicates: int = 200,
    programmes: tuple[Programme, ...] = PROGRAMMES,
    settings: WorldSettings | None = None,
    noise: Noise | None = None,
    progress: Progress | None = None,
) -> World:
    """A country of so many people. The same arguments give the same country, to the byte once written.

    today must not lie before the end of the extract (settings.extract_end). hidden_selection 0: programmes select on what
    the records show, so that an analysis of the records can be right; other values leave a bias that no record can take out.
    Raises UsageError for values out of range.

    >>> make_world(500, seed=1, replicates=2).tables["person"].num_rows
    500
    """
    settings, shown = settings or WorldSettings(), progress or Silent()
    require(RULES, {"people": people, "seed": seed, "hidden_selection": hidden_selection, "replicates": replicates})
    if today < date_of(settings.extract_end):
        raise UsageError(say("synthetic.world.today", end=date_of(settings.extract_end).isoformat()))
    shown.stage(say("synthetic.stages.make"), STAGES)
    stream = Stream(seed)
    crowd = make_people(people, stream, settings)
    base = live(crowd, begin_lives(crowd, np.arange(people), settings), stream, settings)
    shown.step(1)
    known = tax_identities(crowd, stream)
    places = _fill(programmes, crowd, base, known, stream, settings, hidden_selection)
    shown.step(2)
    lives = _with_programmes(programmes, places, crowd, base, stream, settings)
    shown.step(3)
    jailed = np.zeros(people, bool)
    jailed[lives.custody["person"][lives.custody["start"] <= settings.extract_end]] = True
    identities = make_identities(crowd, jailed, stream)
    tables = _records(crowd, lives, identities, known, stream, settings)
    shown.step(4)
    conducted = _conduct(programmes, places, crowd, lives, identities, stream, settings, noise or read_noise(), replicates)
    shown.step(STAGES)
    return World(people, seed, today, hidden_selection, replicates, tables, conducted)


def _fill(
    programmes: tuple[Programme, ...],
    crowd: People,
    base: Episodes,
    known: Ints,
    stream: Stream,
    settings: WorldSettings,
    hidden_selection: float,
) -> tuple[Places, ...]:
    """Who takes part in each programme, from the records of a country without any; nobody is in two."""
    work, _ = make_work(crowd, known, base.block, stream, settings)
    history = History(base, work, make_assessments(crowd, base, stream, settings))
    taken = np.zeros(0, np.int64)
    made: list[Places] = []
    for programme in programmes:
        made.append(fill_places(programme, crowd, base, history, stream, hidden_selection, taken))
        taken = np.concatenate([taken, made[-1].person])
    return tuple(made)


def _with_programmes(
    programmes: tuple[Programme, ...],
    places: tuple[Places, ...],
    crowd: People,
    base: Episodes,
    stream: Stream,
    settings: WorldSettings,
) -> Episodes:
    """The lives of the participants anew, with the programme's effect from its start; all draws are the same."""
    for programme, taking in zip(programmes, places, strict=True):
        lives = begin_lives(crowd, taking.person, settings)
        ratio = np.full(taking.count, programme.hazard_ratio)
        changed = live(crowd, dataclasses.replace(lives, effect_start=taking.start, hazard_ratio=ratio), stream, settings)
        base = replace_people(base, changed, taking.person)
    return base


def _records(
    crowd: People, lives: Episodes, identities: Identities, known: Ints, stream: Stream, settings: WorldSettings
) -> dict[str, pa.Table]:
    work, claims = make_work(crowd, known, lives.block, stream, settings)
    assessments = make_assessments(crowd, lives, stream, settings)
    return make_tables(crowd, lives, identities, known, work, claims, assessments, stream, settings)


def _conduct(
    programmes: tuple[Programme, ...],
    places: tuple[Places, ...],
    crowd: People,
    lives: Episodes,
    identities: Identities,
    stream: Stream,
    settings: WorldSettings,
    noise: Noise,
    replicates: int,
) -> tuple[Conducted, ...]:
    made = []
    for programme, taking in zip(programmes, places, strict=True):
        convicted = _convictions(taking, lives)
        upload = write_rows(programme, taking, convicted, crowd, identities, stream, noise)
        expected = expect_outcomes(programme, taking, crowd, stream, settings, replicates)
        made.append(Conducted(programme, taking, upload, expected))
    return tuple(made)


def _convictions(taking: Places, lives: Episodes) -> Ints:
    """Day of the conviction behind each place: the sentence of the stay or order; NEVER where none is found."""
    found = np.full(taking.count, NEVER)
    for rows, ends in ((lives.block, "end"), (lives.order, "start")):
        keep = np.isin(rows["person"], taking.person)
        row = np.searchsorted(taking.person, rows["person"][keep])
        hit = rows[ends][keep] == taking.index_date[row]
        found[row[hit]] = rows["start"][keep][hit]
    return found
