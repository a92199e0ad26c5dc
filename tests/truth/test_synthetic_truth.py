"""The truth about the programmes: an effect where one was made, none where none was, and as the records bear out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.world_fixture import world_folder

from datalab.engines.duckdb import attach_central, session
from datalab.engines.sql import compose, fetch, hand_over
from datalab.errors import InputError
from datalab.features.work_outcomes import work_parts
from datalab.fields.justice.reoffending import clock_ends, reoffences
from datalab.synthetic import MAIN_PROGRAMME, PRESETS, PROGRAMMES, make_world, truth_for

DEMO = PRESETS["demo"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world_folder(tmp_path_factory)


def test_the_main_programme_lowers_reoffending_and_the_null_one_does_nothing(folder: Path) -> None:
    for programme in PROGRAMMES:
        found = truth_for(folder, programme.name)
        if programme.hazard_ratio == 1.0:
            assert (found.rate, found.frequency) == (0.0, 0.0)
        else:
            assert -0.08 < found.rate < -0.035
            assert -0.5 < found.frequency < -0.08


def test_the_main_programme_brings_work_and_the_null_one_none(folder: Path) -> None:
    for programme in PROGRAMMES:
        found = truth_for(folder, programme.name)
        assert 0.7 * found.at_risk < found.known < found.at_risk
        effects = {name: work["effect"] for name, work in found.work.items()}
        if programme.work_ratio == 1.0 and programme.hazard_ratio == 1.0:
            assert set(effects.values()) == {0.0}
        else:
            assert 0.06 < effects["employed_any"] < 0.16
            assert 0.0 < effects["employed_1m"] < effects["employed_12m"] < 0.12
            assert 12 < effects["days_employed"] < 30


@pytest.mark.parametrize("programme", [programme.name for programme in PROGRAMMES])
def test_the_work_that_happened_agrees_with_what_was_expected(programme: str, folder: Path) -> None:
    """The records' own employment of the participants, by the measures' SQL, against the re-simulated means.

    Over seeds 1 to 6 of 20,000 people the largest of the 48 distances was 2.4 standard errors, and their mean 0.0.
    """
    rows = pq.read_table(folder / "truth" / f"{programme}.parquet")
    truth = rows.to_pandas()
    known = truth[truth["employed_any_1"].notna()].drop_duplicates("person_id").set_index("row")
    with session() as connection:
        attach_central(connection, folder / "central", ("person", "employment", "benefit", "coverage"))
        clock = (
            rows.filter(rows["at_risk"])
            .select(["row", "person_id", "clock_start"])
            .rename_columns(["event_id", "person_id", "clock_start"])
        )
        hand_over(connection, "clock", clock)
        parts = {"ended": clock_ends("clock", 12), **work_parts("ended", 365)}
        found = fetch(connection, compose(parts, "select * from worked where is_known order by event_id")).to_pandas()
    assert sorted(set(found["event_id"])) == sorted(truth[truth["employed_any_1"].notna()]["row"])
    happened = found.set_index("event_id").loc[known.index].rename(columns={"employed": "employed_any"})
    for name in ("employed_any", "employed_1m", "employed_12m", "days_employed"):
        spread = (happened[name] - known[f"{name}_1"]).std() / np.sqrt(len(known))
        assert abs(happened[name].mean() - known[f"{name}_1"].mean()) < 3 * spread, name


def test_truth_json_says_what_the_rows_say(folder: Path) -> None:
    written = json.loads((folder / "truth.json").read_text())
    assert written["format"] == 1
    for programme in PROGRAMMES:
        assert written["programmes"][programme.name] == truth_for(folder, programme.name).as_dict()


def test_truth_of_those_analysed_is_the_mean_of_theirs(folder: Path) -> None:
    rows = pq.read_table(folder / "truth" / f"{MAIN_PROGRAMME}.parquet").to_pandas()
    known = rows[rows["person_id"].notna() & (rows["at_risk"] == True)].drop_duplicates("person_id")  # noqa: E712 - nullable
    some = known.head(40)
    found = truth_for(folder, MAIN_PROGRAMME, [*some["person_id"], "nobody"])
    assert found.people == found.at_risk == 40
    assert found.rate == pytest.approx((some["p1"] - some["p0"]).mean())
    assert found.frequency == pytest.approx((some["m1"] - some["m0"]).mean())
    twice = truth_for(folder, MAIN_PROGRAMME, [*some["person_id"], *some["person_id"]])
    assert twice == found


def test_unknown_programmes_and_strangers_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="Did you mean thames-workshop"):
        truth_for(folder, "thames-workshops")
    with pytest.raises(InputError):
        truth_for(folder, MAIN_PROGRAMME, ["nobody"])
    with pytest.raises(InputError):
        truth_for(folder / "central", MAIN_PROGRAMME)


@pytest.mark.parametrize("programme", [programme.name for programme in PROGRAMMES])
def test_what_happened_agrees_with_what_was_expected(programme: str, folder: Path) -> None:
    """The records' own reoffending rate of the participants, by the measure's SQL, against the re-simulated chance."""
    rows = pq.read_table(folder / "truth" / f"{programme}.parquet")
    truth = rows.to_pandas()
    at_risk = truth[truth["at_risk"] == True].drop_duplicates("person_id")  # noqa: E712 - nullable
    with session() as connection:
        attach_central(connection, folder / "central", ("offence", "occasion"))
        hand_over(connection, "clock", rows.filter(rows["at_risk"]).select(["row", "person_id", "clock_start"]))
        parts = {"ended": clock_ends("clock", 12), "again": reoffences("ended", "row")}
        found = fetch(connection, compose(parts, "select row, count(*) as n from again group by row order by row")).to_pandas()
    counts = at_risk["row"].map(found.set_index("row")["n"]).fillna(0)
    spread = np.sqrt((at_risk["p1"] * (1 - at_risk["p1"])).sum()) / len(at_risk)
    assert abs((counts > 0).mean() - at_risk["p1"].mean()) < 3 * spread
    assert counts.mean() == pytest.approx(at_risk["m1"].mean(), abs=4 * counts.std() / np.sqrt(len(counts)))


def test_hidden_selection_moves_who_takes_part_and_nothing_else() -> None:
    plain, hidden = (make_world(4000, seed=3, replicates=2, hidden_selection=value) for value in (0.0, 1.5))
    frail = [world.conducted[0].expected.p0 for world in (plain, hidden)]
    assert np.nanmean(frail[1]) > np.nanmean(frail[0]) + 0.03
    assert plain.tables["identity"].num_rows == hidden.tables["identity"].num_rows


def test_participants_differ_from_others_as_recorded(folder: Path) -> None:
    """Selection on recorded traits: the main programme takes people with fewer drug needs and more work than others released."""
    with session() as connection:
        attach_central(connection, folder / "central", ("custody", "assessment", "employment"))
        rows = pq.read_table(folder / "truth" / f"{MAIN_PROGRAMME}.parquet")
        hand_over(connection, "taking", rows.filter(rows["person_id"].is_valid()).select(["person_id"]))
        parts = {
            "released": "select distinct person_id from custody where release between date '2008-01-01' and date '2014-12-31'",
            "assessed": "select person_id, avg(drugs) as drugs from assessment where date < date '2014-01-01' group by person_id",
            "worked": "select distinct person_id from employment where start < date '2008-01-01'",
        }
        query = """
            select person_id in (select person_id from taking) as part, avg(drugs) as drugs,
                avg((person_id in (select person_id from worked))::int) as worked
            from released left join assessed using (person_id) group by 1 order by 1"""
        means = fetch(connection, compose(parts, query)).to_pydict()
    # About 200 participants of 20,000 people: the sampling error of the difference is about 0.2.
    assert means["drugs"][1] < means["drugs"][0]
    assert means["worked"][1] > means["worked"][0] + 0.03
