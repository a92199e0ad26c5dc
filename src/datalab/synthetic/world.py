"""Makes a whole made-up country: people, lives, programmes, records, uploads, and the truth about the programmes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from datalab.constraints import Options, Range, require
from datalab.errors import UsageError
from datalab.progress import Progress, Silent
from datalab.synthetic.calendars import NEVER, date_of
from datalab.synthetic.careers import live
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.episodes import Episodes, replace_people
from datalab.synthetic.gathering import gather_people
from datalab.synthetic.identities import make_identities
from datalab.synthetic.lives import begin_lives
from datalab.synthetic.needs import make_assessments
from datalab.synthetic.noise import Noise, read_noise
from datalab.synthetic.programmes import PROGRAMMES, Places, Programme, fill_places
from datalab.synthetic.records import Ledger, make_tables
from datalab.synthetic.settings import PEOPLE, WorldSettings
from datalab.synthetic.simulation import Expected, expect_outcomes
from datalab.synthetic.traits import History
from datalab.synthetic.uploads import Upload, write_rows
from datalab.synthetic.work import Boost, make_work, tax_identities
from datalab.wording import say

TODAY = date(2018, 1, 31)
STAGES = 4
RULES: dict[str, Options | Range] = {
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
    first: int = 0,
    progress: Progress | None = None,
) -> World:
    """A country of so many people. The same arguments give the same country, to the byte once written.

    today must not lie before the end of the extract (settings.extract_end). hidden_selection 0: programmes select on what
    the records show, so that an analysis of the records can be right; other values leave a bias that no record can take out.
    first: people of other blocks, whose numbers are taken (see blocks).
    Raises UsageError for values out of range.

    >>> make_world(500, seed=1, replicates=2).tables["person"].num_rows
    500
    """
    settings, shown = settings or WorldSettings(), progress or Silent()
    require(RULES, {"people": people, "seed": seed, "hidden_selection": hidden_selection, "replicates": replicates})
    if today < date_of(settings.extract_end):
        raise UsageError(say("synthetic.world.today", end=date_of(settings.extract_end).isoformat()))
    shown.stage(say("synthetic.stages.make"), STAGES)
    scene = set_scene(people, seed, settings, first)
    country = scene.country
    shown.step(1)
    places = recruit_all(programmes, scene, hidden_selection)
    shown.step(2)
    lives = _with_programmes(programmes, places, country, scene.lives)
    ledger = keep_records(replace(scene, lives=lives), _boost(programmes, places, people))
    tables = make_tables(country, ledger)
    shown.step(3)
    taking = zip(programmes, places, strict=True)
    conducted = tuple(
        _conduct(one, held, country, ledger, noise=noise or read_noise(), replicates=replicates) for one, held in taking
    )
    shown.step(STAGES)
    return World(people, seed, today, hidden_selection, replicates, tables, conducted)


@dataclass(frozen=True)
class Scene:
    """A country before any programme: its people, their lives, and the day since which each is known to the tax records."""

    country: Country
    lives: Episodes
    known: Ints

    @cached_property
    def history(self) -> History:
        """What the records hold of the lives, by which programmes select."""
        jobs, _ = make_work(self.country, self.known, self.lives.block)
        return History(self.lives, jobs, make_assessments(self.country, self.lives))


def set_scene(people: int, seed: int, settings: WorldSettings | None = None, first: int = 0) -> Scene:
    """The country without a programme. The same arguments give the same people and lives."""
    stream = Stream(seed)
    settings = settings or WorldSettings()
    found, lives = gather_people(people, stream, settings)
    return Scene(Country(found, stream, settings, first), lives, tax_identities(found, stream))


def recruit_all(programmes: tuple[Programme, ...], scene: Scene, hidden_selection: float) -> tuple[Places, ...]:
    """Who takes part in each programme, from the records of a country without any; nobody is in two."""
    taken = np.zeros(0, np.int64)
    made: list[Places] = []
    for programme in programmes:
        made.append(fill_places(programme, scene.country, scene.history, hidden_selection, taken))
        taken = np.concatenate([taken, made[-1].person])
    return tuple(made)


def _with_programmes(programmes: tuple[Programme, ...], places: tuple[Places, ...], country: Country, base: Episodes) -> Episodes:
    """The lives of the participants anew, with the programme's effect from its start; all draws are the same."""
    for programme, taking in zip(programmes, places, strict=True):
        lives = begin_lives(country, taking.person)
        ratio = np.full(taking.count, programme.hazard_ratio)
        changed = live(country, replace(lives, effect_start=taking.start, hazard_ratio=ratio))
        base = replace_people(base, changed, taking.person)
    return base


def _boost(programmes: tuple[Programme, ...], places: tuple[Places, ...], count: int) -> Boost:
    """What the programmes do to finding work, for everybody."""
    boost = Boost.none(count)
    for programme, taking in zip(programmes, places, strict=True):
        boost.start[taking.person] = taking.start
        boost.ratio[taking.person] = programme.work_ratio
    return boost


def keep_records(scene: Scene, boost: Boost | None = None) -> Ledger:
    """All that the lives leave behind: identities, jobs, claims and assessments."""
    country, lives = scene.country, scene.lives
    jailed = np.zeros(country.people.count, bool)
    jailed[lives.custody["person"][lives.custody["start"] <= country.settings.extract_end]] = True
    jobs, claims = make_work(country, scene.known, lives.block, boost)
    return Ledger(lives, make_identities(country, jailed), scene.known, jobs, claims, make_assessments(country, lives))


def _conduct(
    programme: Programme, taking: Places, country: Country, ledger: Ledger, *, noise: Noise, replicates: int
) -> Conducted:
    convicted = find_convictions(taking, ledger.lives)
    expected = expect_outcomes(programme, taking, country, ledger.known, ledger.lives.block, replicates)
    upload = write_rows(programme, taking, convicted, country=country, identities=ledger.identities, noise=noise)
    return Conducted(programme, taking, upload, expected)


def find_convictions(taking: Places, lives: Episodes) -> Ints:
    """Day of the conviction behind each place: the sentence of the stay or order; NEVER where none is found."""
    found = np.full(taking.count, NEVER)
    for rows, ends in ((lives.block, "end"), (lives.order, "start")):
        keep = np.isin(rows["person"], taking.person)
        row = np.searchsorted(taking.person, rows["person"][keep])
        hit = rows[ends][keep] == taking.index_date[row]
        found[row[hit]] = rows["start"][keep][hit]
    return found
