"""Who is in the records of the made-up country, and what they claim: long careers, custody, claims after it."""

from __future__ import annotations

import numpy as np
import pytest

from datalab.synthetic import gathering
from datalab.synthetic.calendars import NEVER, day
from datalab.synthetic.draws import Stream
from datalab.synthetic.episodes import TABLES, Columns, Episodes, keep_people
from datalab.synthetic.intervals import last_begun, last_day, next_start
from datalab.synthetic.records import Ledger
from datalab.synthetic.settings import WorldSettings
from datalab.synthetic.work import RECORDS_START
from datalab.synthetic.world import Scene, keep_records, set_scene

PEOPLE = 6_000


@pytest.fixture(scope="module")
def scene() -> Scene:
    return set_scene(PEOPLE, 3)


@pytest.fixture(scope="module")
def ledger(scene: Scene) -> Ledger:
    return keep_records(scene)


def test_everybody_was_sanctioned_in_the_years_of_the_records_whenever_the_career_began(scene: Scene) -> None:
    people, occasion, settings = scene.country.people, scene.lives.occasion, scene.country.settings
    assert people.count == PEOPLE
    late = np.zeros(PEOPLE, bool)
    late[occasion["person"][occasion["date"] >= settings.active_from]] = True
    assert late.all()
    begun = people.first_sanction
    assert begun.min() < day("1975-01-01")
    early = begun < settings.active_from
    assert 0.15 < early.mean() < 0.40
    # Who is still there is likelier to offend than a newcomer: nothing but the going on has chosen them.
    assert people.frailty[early].mean() > 1.3 * people.frailty[~early].mean()
    first = np.full(PEOPLE, NEVER)
    np.minimum.at(first, occasion["person"], occasion["date"])
    assert (first == begun).all()


def test_the_first_people_are_the_same_however_many_are_drawn(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    whole = gathering.make_people

    def make_people(count: int, stream: Stream, settings: WorldSettings) -> object:
        drawn.append(count)
        return whole(count, stream, settings)

    monkeypatch.setattr(gathering, "make_people", make_people)
    monkeypatch.setattr(gathering, "SHARE_KEPT", 0.5)
    monkeypatch.setattr(gathering, "MORE", 0)
    people, lives = gathering.gather_people(800, scene.country.stream, scene.country.settings)
    assert drawn == [1600, 3200]
    assert (people.number == scene.country.people.number[:800]).all()
    assert (people.frailty == scene.country.people.frailty[:800]).all()
    assert (lives.occasion["date"] == scene.lives.occasion["date"][: lives.occasion["date"].size]).all()
    assert set(lives.occasion["person"]) == set(range(800))


def test_people_who_are_kept_move_up_with_their_rows() -> None:
    rows = {name: np.array([0, 1, 1, 3, 4]) for name in sorted({name for names in TABLES.values() for name in names})}
    base = Episodes(**{table: {name: rows[name] for name in names} for table, names in TABLES.items()})
    kept = keep_people(base, np.array([1, 4]))
    assert kept.occasion["person"].tolist() == [0, 0, 1]
    assert kept.offence["person"].tolist() == [0, 0, 1]
    assert kept.occasion["key"].tolist() == [1, 1, 4]


def test_neighbours_in_a_list_of_spells_are_found() -> None:
    rows: Columns = {"person": np.array([1, 1, 3]), "start": np.array([10, 40, 20]), "end": np.array([20, 50, 25])}
    person, when = np.array([1, 1, 1, 1, 2, 3]), np.array([9, 10, 39, 40, 30, 19])
    assert last_begun(rows, person, when).tolist() == [-1, 0, 0, 1, -1, -1]
    assert next_start(rows, person, when).tolist() == [10, 40, 40, NEVER, NEVER, 20]
    assert last_day(rows, person, when).tolist() == [-NEVER, 20, 20, 50, -NEVER, -NEVER]
    nothing: Columns = {name: np.zeros(0, np.int64) for name in rows}
    assert last_begun(nothing, person, when).tolist() == [-1] * 6
    assert next_start(nothing, person, when).tolist() == [NEVER] * 6


def test_no_claim_overlaps_another_or_custody(scene: Scene, ledger: Ledger) -> None:
    claims, block = ledger.claims, scene.lives.block
    who, start = claims["person"], claims["start"]
    same = who[1:] == who[:-1]
    assert (start[1:][same] > claims["end"][:-1][same]).all()
    assert (last_day(block, who, start) <= start).all()
    assert (next_start(block, who, start) > np.minimum(claims["end"], scene.country.settings.extract_end)).all()
    assert (start >= RECORDS_START).all()


def test_claims_broken_off_by_custody_are_taken_up_again_and_others_begin_after_it(scene: Scene, ledger: Ledger) -> None:
    claims, block, jobs = ledger.claims, scene.lives.block, ledger.jobs
    shown = (block["start"] > day("2007-01-01")) & (block["end"] < day("2016-01-01")) & (block["end"] - block["start"] < 120)
    who, begun, free = (block[name][shown] for name in ("person", "start", "end"))
    month = free + 30
    alive = (scene.country.people.death[who] > month) & (scene.known[who] < begun) & (next_start(block, who, free) > month)
    broken = last_day(claims, who, begun - 1) == begun - 1
    again = last_day(claims, who, month) >= month
    working = last_day(jobs, who, month) >= month
    assert (alive & broken).sum() > 150
    # Half of these would have had a claim anyway; the rest ended while they were inside, or waited for longer.
    assert again[alive & broken].mean() > 0.6
    assert 0.2 < again[alive & ~broken & ~working].mean() < 0.7
    assert not (again & working)[alive].any()
