"""Bad tables, one after the other, and the very sentence each is answered with; every fault at once; never a traceback."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datalab as dl
from datalab.analysis import AnalysisSettings, analyse
from datalab.effects.sample import require_outcome
from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.numerics.repeats import find_repeats
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

ROWS = 2000
NAMES_ROWS = (
    "has a value of its own in every row: it names rows and says nothing of them. Leave it out, or name it as the person."
)
DATES = "holds dates or times of day. Turn them into numbers first, for example into days since a fixed day."
REST = {
    "treated": "nobody treated has the event, so no ratio can be given.",
    "pool": "nobody untreated has the event, so no ratio can be given.",
}


def people(rows: int = ROWS, seed: int = 5) -> pd.DataFrame:
    """Made-up people without any fault."""
    rng = np.random.default_rng(seed)
    age, area = rng.normal(35, 9, rows), rng.choice(["north", "south", "west"], rows)
    part = (rng.random(rows) < 0.15).astype(int)
    days = rng.integers(1, 400, rows).astype(float)
    return pd.DataFrame(
        {
            "part": part,
            "age": age,
            "area": area,
            "back": (rng.random(rows) < 0.4).astype(int),
            "times": rng.poisson(1.0, rows),
            "days": np.minimum(days, 365),
            "came": (days <= 365).astype(int),
        }
    )


def evaluate(frame: pd.DataFrame | pa.Table | Path, outcomes: str | list[str] = "back:binary", **asked: object) -> dl.Evaluation:
    """With age and area to match on, unless others are asked for."""
    return dl.evaluate(frame, treatment="part", outcomes=outcomes, **{"covariates": ["age", "area"], **asked})  # type: ignore[arg-type]


def faults_of(
    frame: pd.DataFrame | pa.Table | Path, outcomes: str | list[str] = "back:binary", **asked: object
) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        evaluate(frame, outcomes, **asked)
    return caught.value.faults or (caught.value.message,)


def put(frame: pd.DataFrame, column: str, *values: float) -> pd.DataFrame:
    """The frame with the first cells of a column replaced."""
    changed = frame.astype({column: float})
    changed.loc[: len(values) - 1, column] = values
    return changed


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (put(people(), "back", np.nan), "back is missing in 1 row. Fill it in or remove the row."),
        (put(people(), "back", np.nan, np.nan), "back is missing in 2 rows. Fill them in or remove the rows."),
        (put(people(), "back", np.inf), "back holds 1 infinite value. Correct or remove that row."),
        (put(people(), "age", np.inf, -np.inf), "age holds 2 infinite values. Correct or remove those rows."),
        (people().assign(part=1), "part must hold both 0 and 1: it is 1 in every row, so there is nobody to compare with."),
        (people().assign(part=0), "part must hold both 0 and 1: it is 0 in every row, so nobody was treated."),
        (people().assign(back=0), "back is the same in every row, so there is nothing to compare."),
        (put(people(), "part", np.nan), "part is missing in 1 row. Fill it in or remove the row."),
        (people().head(0), "The table has no rows."),
        (
            people().assign(age=np.arange(ROWS) + 7_000_000),
            f"age {NAMES_ROWS}",
        ),
        (
            people(150).assign(area=[f"person {i}" for i in range(150)]),
            f"area {NAMES_ROWS}",
        ),
        (
            people().assign(area=[f"person {i}" for i in range(ROWS)]),
            "area has 2000 different texts, more than the 200 a category may have. Leave it out, or group its values.",
        ),
        (
            people().assign(age=dt.date(2020, 1, 2)),
            f"age {DATES}",
        ),
        (people().assign(age=[[1, 2]] * ROWS), "age holds lists or records. Give one value a cell, or leave the column out."),
    ],
)
def test_a_fault_is_told_in_this_sentence(frame: pd.DataFrame, sentence: str) -> None:
    assert faults_of(frame) == (sentence,)


def test_all_faults_are_told_at_once_wrong_names_beside_wrong_values() -> None:
    frame = put(put(people(), "back", np.nan), "age", np.inf).assign(part=1)
    assert faults_of(frame, ["back:binary", "gone:binary"], covariates=["age", "aera"]) == (
        "covariates must be one of part, age, area, back, times, days, came. You gave aera. Did you mean area?",
        "outcome must be one of part, age, area, back, times, days, came. You gave gone.",
        "part must hold both 0 and 1: it is 1 in every row, so there is nobody to compare with.",
        "back is missing in 1 row. Fill it in or remove the row.",
        "age holds 1 infinite value. Correct or remove that row.",
    )


def test_columns_of_the_same_name(tmp_path: Path) -> None:
    frame = pa.Table.from_pandas(people())
    twice = pa.table([*frame.columns, frame.column("age")], names=[*frame.column_names, "age"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    for table in (twice, tmp_path / "twice.parquet"):
        assert faults_of(table) == ("Column names must be different. These stand twice: age.",)


def test_a_parquet_file_cut_in_half_or_damaged_inside(tmp_path: Path) -> None:
    people().to_parquet(tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "half.parquet").write_bytes(data[: len(data) // 2])
    path = tmp_path / "half.parquet"
    sentence = f"{path} could not be read as a Parquet file: it is cut short or damaged. Copy it again, or write it anew."
    assert faults_of(path) == (sentence,)
    path.write_bytes(data[:40] + bytes(2000) + data[2040:])
    assert faults_of(path) == (sentence,)


def test_the_index_of_a_saved_frame_is_no_covariate(tmp_path: Path) -> None:
    people().sample(frac=1, random_state=1).to_parquet(tmp_path / "p.parquet")
    assert any(name.startswith("__index") for name in pq.read_schema(tmp_path / "p.parquet").names)
    found = dl.evaluate(tmp_path / "p.parquet", treatment="part", outcomes="back:binary")
    assert "matched on: age, area, times, days, came." in found.analysis.warnings[0]


def test_columns_that_nobody_named_are_left_out_and_said_to_be() -> None:
    frame = people().assign(seen=dt.date(2020, 1, 2), same=3, number=np.arange(ROWS), far=np.inf)
    warnings = dl.evaluate(frame, treatment="part", outcomes="back:binary").analysis.warnings
    assert warnings[0].startswith("No covariates were named, so every other column was matched on: age, area, times, days, came.")
    assert warnings[1:5] == (
        f"seen {DATES} It was left out.",
        "same is the same in every row, so it was left out.",
        f"number {NAMES_ROWS} It was left out.",
        "far holds 2000 infinite values. Correct or remove those rows. It was left out.",
    )


def test_covariates_that_repeat_each_other_are_named_and_change_nothing_much() -> None:
    frame = people()
    doubled = frame.assign(months=12 * frame["age"] + 6, region=frame["area"].str.upper())
    alone, both = evaluate(frame), evaluate(doubled, covariates=["age", "area", "months", "region"])
    told = [warning for warning in both.analysis.warnings if "repeat each other" in warning]
    assert told == [
        f"These covariates repeat each other, so that one of them adds nothing: {names}. They were kept, and share one influence;"
        " leave one out to read their balance singly."
        for names in ("age, months", "area, region")
    ]
    first, second = alone.outcome("back").effect, both.outcome("back").effect
    assert first is not None
    assert second is not None
    assert second.estimate == pytest.approx(first.estimate, abs=0.1 * first.se)
    assert not [warning for warning in alone.analysis.warnings if "repeat" in warning]


def test_a_dependency_must_hold_in_every_row_and_the_order_of_covariates_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=20_000), rng.poisson(3, 20_000).astype(float)
    almost = 2 * one
    almost[7] += 1e-3  # a row that no sample of rows looks at
    columns = {"one": one, "two": two, "sum": one + two, "almost": almost}
    covariates = [Covariate(name, name, values) for name, values in columns.items()]
    assert find_repeats(covariates) == (("one", "sum", "two"),)
    assert find_repeats(covariates[::-1]) == (("one", "sum", "two"),)


def test_more_covariates_than_treated_people_stay_finite_and_are_said() -> None:
    rng = np.random.default_rng(3)
    frame = people(1200).assign(part=(np.arange(1200) < 40).astype(int))
    wide = pd.concat([frame, pd.DataFrame(rng.normal(size=(1200, 60))).add_prefix("z")], axis=1)
    found = evaluate(wide, covariates=["age", *(f"z{i}" for i in range(60))], research=True)
    assert found.analysis.warnings == (
        (
            "There are more columns to match on (61) than treated rows (40). The score stays finite because it is penalised, but "
            "says little: name fewer covariates."
        ),
        *found.analysis.warnings[1:],
    )
    effect = found.outcome("back").effect
    assert effect is not None
    assert np.isfinite([effect.estimate, effect.low, effect.high, effect.p]).all()


@pytest.mark.parametrize("side", ["treated", "pool"])
def test_no_event_in_one_group(side: str) -> None:
    frame = people()
    empty = frame["part"] == (1 if side == "treated" else 0)
    frame.loc[empty, ["back", "times", "came"]] = 0
    frame.loc[empty, "days"] = 365.0
    found = evaluate(frame, ["back:binary", "times:count", "days:time:came"], horizon=365)
    told = [warning for warning in found.analysis.warnings if "has the event" in warning]
    assert told == [f"{name}: {REST[side]}" for name in ("back", "times", "days")]
    rate, count, time = (found.outcome(name) for name in ("back", "times", "days"))
    assert rate.effect is not None
    assert rate.effect.low <= rate.effect.estimate <= rate.effect.high
    if side == "treated":
        assert count.reason == "effects.withheld.too_few_with_event"
    else:
        assert count.effect is not None
        assert np.isnan(count.effect.ratio)
    assert time.effect is not None
    assert found.analysis.survival is not None
    assert found.analysis.survival.hazard_ratio is None


def small_table(**changed: object) -> AnalysisTable:
    """Forty rows, ten of them treated, one number and one category, without fault but for what is changed."""
    n = 40
    rng = np.random.default_rng(1)
    ids, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
    x = Covariate("age", "Age", rng.normal(size=n))
    parts = {
        "row_id": ids,
        "person": ids,
        "treated": ids < 10,
        "covariates": (x, Covariate("sex", "Sex", ids % 2, ("f", "m"))),
        "outcomes": (Outcome(Measure("back", "binary", "Back"), (ids % 3 == 0).astype(float)),),
        "strata": zeros,
        "cluster": zeros - 1,
    }
    return AnalysisTable(**{**parts, **changed})  # type: ignore[arg-type]


def test_the_engines_own_door_refuses_every_fault_of_a_table_at_once() -> None:
    values = np.array([np.inf, np.nan, *np.zeros(38)])
    covariates = (
        Covariate("age", "Age", values),
        Covariate("age", "Age", np.zeros(39)),
        Covariate("sex", "Sex", np.full(40, -1), ("f", "m")),
    )
    table = small_table(covariates=covariates, outcomes=(Outcome(Measure("back", "binary", "Back"), values),))
    of_covariates = [
        "age must have one value for each row of the table.",
        "The covariate age stands twice. Give each covariate a name of its own.",
        "The covariate age holds 1 infinite value. Correct it, or leave the covariate out.",
        (
            "The covariate sex holds a code without a level. Codes must count its levels from 0; a missing category is a level of"
            " its own."
        ),
    ]
    of_outcome = [
        "The outcome back must have no missing values; 1 row has none. Fill it in, or leave the row out and say so.",
        "The outcome back must hold finite numbers only.",
    ]
    with pytest.raises(InputError) as caught:
        match(table, MatchSettings())
    assert list(caught.value.faults) == of_covariates
    with pytest.raises(InputError) as caught:
        analyse(table, AnalysisSettings("all", minimum_treated=2))
    assert list(caught.value.faults) == of_covariates + of_outcome
    with pytest.raises(InputError) as caught:
        require_outcome(table, table.outcomes[0])
    assert list(caught.value.faults) == of_outcome


@pytest.mark.parametrize(
    ("treated", "sentence"),
    [
        (np.zeros(40, dtype=bool), "Nobody in the table took part in the programme."),
        (np.ones(40, dtype=bool), "There is nobody to compare with: everyone in the table took part."),
    ],
)
def test_the_engines_own_door_needs_both_groups(treated: np.ndarray, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        match(small_table(treated=treated), MatchSettings())
    assert caught.value.faults[0].startswith(sentence)
