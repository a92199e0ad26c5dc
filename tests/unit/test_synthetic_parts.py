"""The parts of the made-up country: draws, months, spells outside custody, numbers, noise."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from importlib import resources
from typing import Any

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from datalab.errors import InternalError, UsageError
from datalab.fields.justice.identifiers import canonical_pnc, canonical_postcode, canonical_prison_number
from datalab.synthetic.calendars import add_months, date_of, day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Stream
from datalab.synthetic.effects import parse_effects, read_effects
from datalab.synthetic.identities import make_identities
from datalab.synthetic.intervals import cut_by_custody
from datalab.synthetic.names import read_names
from datalab.synthetic.noise import parse_noise, read_noise
from datalab.synthetic.offending import MIX, offence_mix
from datalab.synthetic.people import make_people, standard_log
from datalab.synthetic.records import make_lives_tables
from datalab.synthetic.settings import WorldSettings
from datalab.synthetic.turns import RECALL
from datalab.synthetic.world import make_world, set_scene


def test_draws_are_uniform_and_unrelated_between_people_purposes_and_counts() -> None:
    stream, who = Stream(7), np.arange(200_000)
    first = stream.uniform("a", who)
    assert kstest(first, "uniform").pvalue > 0.001
    for other in (stream.uniform("b", who), stream.uniform("a", who, 1), Stream(8).uniform("a", who), np.roll(first, 1)):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.01
    assert first.min() > 0.0
    assert first.max() < 1.0


def test_a_persons_draws_do_not_depend_on_who_else_is_drawn() -> None:
    stream = Stream(3)
    alone = stream.normal("x", np.array([41]), np.array([5]))
    together = stream.normal("x", np.array([7, 41, 3]), np.array([1, 5, 2]))
    assert alone[0] == together[1]


def test_draws_have_their_means() -> None:
    stream, who = Stream(1), np.arange(100_000)
    assert stream.gamma("g", who, 2.0).mean() == pytest.approx(1.0, abs=0.01)
    assert stream.gamma("g", who, 2.0).var() == pytest.approx(0.5, abs=0.02)
    assert stream.geometric("n", who, 0.8).mean() == pytest.approx(0.8, abs=0.02)
    shares = np.bincount(stream.index("i", who, (1, 2, 1))) / who.size
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


@given(st.dates(date(1940, 1, 1), date(2030, 12, 31)), st.integers(-24, 36))
def test_months_are_added_as_in_sql(start: date, months: int) -> None:
    assert date_of(int(add_months([day(start)], months)[0])) == start + relativedelta(months=months)


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (0, 9, (0, 9)),  # before custody
        (0, 15, (0, 9)),  # cut at its start
        (12, 18, None),  # wholly inside
        (12, 30, (21, 30)),  # begins inside
        (12, 50, (21, 39)),  # begins inside the first, cut by the second
        (60, 70, (60, 70)),
    ],
)
def test_spells_lie_outside_custody(start: int, end: int, left: tuple[int, int] | None) -> None:
    block = {name: np.array(values) for name, values in (("person", [1, 1]), ("start", [10, 40]), ("end", [20, 50]))}
    begins, ends, kept = cut_by_custody(np.array([1]), np.array([start]), np.array([end]), block)
    assert bool(kept[0]) == (left is not None)
    if left:
        assert (begins[0], ends[0]) == left


def test_custody_of_others_cuts_nothing() -> None:
    block = {name: np.array(values) for name, values in (("person", [2]), ("start", [10]), ("end", [20]))}
    begins, ends, kept = cut_by_custody(np.array([1, 3]), np.array([5, 5]), np.array([30, 30]), block)
    assert (begins.tolist(), ends.tolist(), kept.tolist()) == ([5, 5], [30, 30], [True, True])


def test_identities_are_valid_and_unique() -> None:
    stream, settings = Stream(5), WorldSettings()
    country = Country(make_people(4000, stream, settings), stream, settings)
    made = make_identities(country, np.arange(4000) % 2 == 0)
    filed = ~made.alias
    numbers = [number for number in made.pnc_id[filed] if number]
    assert all(canonical_pnc(number, date(2018, 1, 31)) == number for number in numbers)
    assert len(set(numbers)) == len(numbers) > 3800
    prison = [number for number in made.prison_number[filed] if number]
    assert all(canonical_prison_number(number) == number for number in prison)
    assert len(set(prison)) == len(prison) == 2000
    assert all(canonical_postcode(code) == code for code in made.postcode if code)
    assert 0.10 < made.alias.sum() / 4000 < 0.15


def test_names_are_many_and_known_once() -> None:
    names = read_names()
    for listed in (names.male, names.female, names.surnames):
        assert len(set(listed)) == len(listed)
    assert min(len(names.male), len(names.female)) >= 150
    assert len(names.surnames) >= 300


def test_offence_codes_are_in_the_public_list_with_a_known_group() -> None:
    mix = offence_mix()
    assert "unknown" not in set(mix.group[: len(MIX)])
    assert len(set(mix.group[: len(MIX)])) >= 19


def test_noise_is_as_the_benchmark_says() -> None:
    noise = read_noise()
    assert (noise.pnc_id_missing, noise.prison_number_missing, noise.postcode_moved) == (0.30, 0.30, 0.20)
    assert (noise.name_variant, noise.date_of_birth_error, noise.not_in_records) == (0.10, 0.03, 0.05)


@pytest.mark.parametrize("change", [{"pnc_id_missing": 1.4}, {"strange": 0.1}, {"format": 2}])
def test_noise_with_faults_is_refused(change: dict[str, float]) -> None:
    noise = read_noise()
    plain = {name: dict(value) if isinstance(value, tuple) else value for name, value in vars(noise).items()}
    with pytest.raises(InternalError):
        parse_noise({"format": 1, **plain, **change})


def calibrated() -> dict[str, Any]:
    source = resources.files("datalab.synthetic").joinpath("calibrated.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("adult", "history", [0.0]),
        ("adult", "sentence", [0.0] * 6),
        ("adult", "offence", {"Theft": 1.0}),
        ("young", "offence", {"Magic": 1.0}),
        ("young", "history", []),
    ],
)
def test_effects_that_are_not_whole_are_refused(part: str, name: str, value: object) -> None:
    data = calibrated()
    assert parse_effects(data) == read_effects()
    data[part][name] = value
    with pytest.raises(InternalError, match="is not whole"):
        parse_effects(data)


def test_effects_follow_the_record() -> None:
    effects, mix = read_effects(), offence_mix()
    theft, fraud = (int(np.flatnonzero(mix.published == name)[0]) for name in ("Theft", "Fraud"))
    years = np.array([30.0, 30.0, 16.0, 16.0])
    of = effects.of_record(
        years,
        earlier=np.array([0, 20, 0, 0]),
        kind=np.array([theft, theft, theft, fraud]),
        disposal=np.array([3, 0, 3, 5]),
        sentence=np.array([0, 100, 0, 0]),
    )
    assert of[0] == pytest.approx(effects.history[0][0] + effects.offence[0][theft] + effects.disposal[3])
    assert of[1] == pytest.approx(effects.history[0][4] + effects.offence[0][theft] + effects.sentence[0])
    # Young people have terms of their own, and none for what they got.
    assert of[2] == pytest.approx(effects.history[1][0] + effects.offence[1][theft])
    assert of[3] < of[2]


def test_a_logarithm_of_frailty_is_standard_by_its_law() -> None:
    values = standard_log(Stream(3).gamma("frailty", np.arange(100_000), 0.8), 0.8)
    assert values.mean() == pytest.approx(0, abs=0.02)
    assert values.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("people", "today"), [(10, date(2018, 1, 31)), (1000, date(2012, 1, 1))])
def test_worlds_out_of_range_are_refused(people: int, today: date) -> None:
    with pytest.raises(UsageError):
        make_world(people, today=today)


def test_nobody_is_recalled_to_prison_on_the_day_of_death_or_after_it() -> None:
    scene = set_scene(3000, 1)
    spells = scene.lives.custody
    recalled = int(np.flatnonzero(spells["part"] == RECALL)[0])
    person, start = int(spells["person"][recalled]), int(spells["start"][recalled])
    death = scene.country.people.death.copy()
    death[person] = start
    country = replace(scene.country, people=replace(scene.country.people, death=death))
    rows = make_lives_tables(country, scene.lives, scene.known)["custody"].to_pylist()
    assert all(row["release"] is None or row["start"] < row["release"] for row in rows)
    assert not [row for row in rows if row["person_id"] == f"P{person + 1:08d}" and row["start"] >= date_of(start)]
