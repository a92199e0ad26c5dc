"""`import datalab as dl` as a person in a notebook uses it: inputs of every kind, objects, pictures, the rich view."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import datalab as dl
from datalab.errors import InputError, UsageError
from datalab.evaluation import Evaluation

COVARIATES = ["age", "works", "area"]
PNG = b"\x89PNG\r\n\x1a\n"


def people(rows: int = 3000, seed: int = 1) -> pd.DataFrame:
    """Made-up people whose work, age and area decide who takes part; the programme lowers `back` and lengthens `weeks`."""
    rng = np.random.default_rng(seed)
    age, works = rng.normal(35, 9, rows), rng.integers(0, 2, rows)
    area = rng.choice(["north", "south", "west"], rows)
    part = rng.random(rows) < 0.08 * np.exp(0.02 * (age - 35) + 0.4 * works)
    risk = 1 / (1 + np.exp(0.3 + 0.03 * (age - 35) + 0.4 * works - 0.2 * (area == "north") + 0.6 * part))
    weeks = np.ceil(rng.exponential(40 + 15 * part))
    return pd.DataFrame(
        {
            "part": part.astype(int),
            "age": age,
            "works": works,
            "area": area,
            "back": (rng.random(rows) < risk).astype(int),
            "weeks": np.minimum(weeks, 52.0),
            "arrest": (weeks <= 52).astype(int),
        }
    )


def ask(table: Any, **more: Any) -> Evaluation:
    outcomes = more.pop("outcomes", {"back": "binary", "weeks": "time:arrest"})
    timed = {"horizon": 52} if "time" in str(outcomes) else {}
    return dl.evaluate(table, treatment="part", outcomes=outcomes, covariates=COVARIATES, **timed, **more)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return ask(people())


class OnlyAStream:
    """A frame of a library nobody has heard of: it hands out an Arrow stream and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def test_every_kind_of_table_gives_the_same_bits(found: Evaluation, tmp_path: Path) -> None:
    frame = people()
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    frame.to_parquet(tmp_path / "people.parquet")
    connection = duckdb.connect()
    connection.register("people", arrow)
    tables = {
        "pyarrow": arrow,
        "batch": arrow.combine_chunks().to_batches()[0],
        "reader": pa.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches()),
        "polars": pl.from_arrow(arrow),
        "polars lazy": pl.from_arrow(arrow).lazy(),
        "duckdb": connection.sql("select * from people"),
        "stream": OnlyAStream(arrow),
        "parquet": tmp_path / "people.parquet",
        "path as text": str(tmp_path / "people.parquet"),
    }
    expected = found.outcome("back").effect
    assert expected is not None
    for name, table in tables.items():
        assert ask(table).outcome("back").effect == expected, name


def test_what_is_no_table_is_refused_by_its_kind() -> None:
    for thing in ([1, 2], {"part": [1]}, None):
        with pytest.raises(InputError, match="DuckDB relation"):
            ask(thing)


def test_outcomes_may_be_a_mapping_a_list_or_one_text(found: Evaluation) -> None:
    listed = ask(people(), outcomes=["back:binary", "weeks:time:arrest"])
    assert listed.to_frame().equals(found.to_frame())
    assert ask(people(), outcomes="back:binary").outcome("back").effect == found.outcome("back").effect
    with pytest.raises(UsageError, match="COLUMN:KIND"):
        ask(people(), outcomes={"back": "binry"})


def test_summary_says_verdict_people_balance_and_estimates(found: Evaluation) -> None:
    lines = found.summary().splitlines()
    assert "lower share" in lines[0]
    assert lines[1].startswith(f"Treated {found.analysis.people.treated:,}, matched")
    assert lines[2].startswith("Balance passed")
    assert sum("default" in line for line in lines) == 2


def test_frames_hold_the_objects_numbers(found: Evaluation) -> None:
    frame = found.to_frame().set_index(["outcome", "estimator"])
    effect = found.outcome("back").effect
    assert effect is not None
    row = frame.loc[("back", "default")]
    assert (row["estimate"], row["low"], row["high"], row["p"]) == (effect.estimate, effect.low, effect.high, effect.p)
    balance = found.balance_frame()
    assert float(balance["smd"].abs().max()) == found.analysis.balance.max_smd  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["balance", "overlap", "effects", "survival"])
def test_each_picture_is_one_svg_with_title_description_and_figures(found: Evaluation, kind: str, tmp_path: Path) -> None:
    picture = getattr(found, f"plot_{kind}")()
    root = ET.fromstring(picture.svg)
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names.count("title") == names.count("desc") == len(picture.charts)
    assert not picture.to_frame().empty
    assert picture.save(tmp_path / "p.png").read_bytes().startswith(PNG)
    assert picture.save(tmp_path / "p.svg").read_text(encoding="utf-8") == picture.svg
    page = picture.save(tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<table" in page
    with pytest.raises(UsageError, match="overwrite=True"):
        picture.save(tmp_path / "p.svg")
    with pytest.raises(UsageError, match="must be one of"):
        picture.save(tmp_path / "p.gif")


def test_pictures_show_the_figures_of_the_objects(found: Evaluation) -> None:
    one = found.plot_effects("back")
    assert len(one.charts) == 1
    assert len(found.plot_effects().charts) == 2
    effect = found.outcome("back").effect
    assert effect is not None
    assert f"{100 * effect.estimate:.0f}".replace("-", "−") in one.svg
    assert found.plot_effects().to_frame().iloc[:, 0].nunique() == 2
    with pytest.raises(UsageError, match="Did you mean back"):
        found.plot_effects("bac")


def test_nothing_to_draw_is_said_with_what_to_do() -> None:
    frame = people()
    frame["age"] += 25 * frame["part"]  # nobody like the treated is in the pool
    refused = ask(frame, outcomes="back:binary")
    with pytest.raises(InputError, match="research=True"):
        refused.plot_effects()
    with pytest.raises(InputError, match="kind time"):
        refused.plot_survival()
    with pytest.raises(InputError, match="no estimate of back"):
        refused.outcome("back")
    assert list(refused.to_frame().columns) == list(ask(people(), outcomes="back:binary").to_frame().columns)
    assert refused.to_frame().empty
    assert refused.plot_balance().charts
    assert "BALANCE FAILED" in refused.summary()
    assert "BALANCE FAILED" in refused._repr_html_()


def test_the_notebook_view_holds_verdict_estimates_and_pictures(found: Evaluation) -> None:
    html = found._repr_html_()
    assert "lower share" in html
    assert html.count("<svg xmlns=") == 2
    assert "<script" not in html
    assert html == ask(people())._repr_html_()


def test_holms_p_and_the_bootstrap_stand_beside_the_rest() -> None:
    outcomes = {"back": "binary", "weeks": "time:arrest", "arrest": "binary"}
    found = ask(people(800), outcomes=outcomes, bootstrap=100, seed=4, sensitivity=False)
    frame = found.to_frame()
    own = frame[frame["estimator"] == "default"].set_index("outcome")
    assert own.loc["back", "p_holm"] == own.loc["back", "p"]
    assert (own["p_holm"] >= own["p"]).all()
    assert own.loc["weeks", "p_holm"] == found.outcome("weeks").p_holm
    assert list(frame[frame["outcome"] == "back"]["estimator"]) == ["default", "classic", "unadjusted", "bootstrap", "percentile"]
    assert "p_holm" in found.summary()
    assert "percentile" in found.summary()


def test_gaps_are_counted_and_what_was_done_is_said() -> None:
    frame = people(1500)
    frame.loc[:29, "age"] = np.nan
    frame.loc[:9, "area"] = None
    said = ask(frame, outcomes="back:binary", sensitivity=False).summary()
    assert "filled from the other covariates, by a regression on the comparison pool: age (30 of 1,500 rows)" in said
    assert "a category of their own: area (10 of 1,500 rows)" in said


def test_a_column_of_two_types_is_named_and_its_values_are_not_shown() -> None:
    frame = people(200).astype({"age": object})
    frame.loc[3, "age"] = "Smith"
    with pytest.raises(InputError, match="The column age holds values of more than one type") as raised:
        ask(frame)
    assert "Smith" not in str(raised.value)


def test_a_horizon_without_a_time_is_refused() -> None:
    with pytest.raises(UsageError, match=r"none was asked for\. You gave 52"):
        dl.evaluate(people(200), treatment="part", outcomes="back:binary", covariates=COVARIATES, horizon=52)


@pytest.mark.parametrize("how", [{}, {"method": "nearest"}, {"method": "nearest", "ratio": 2, "replacement": True}])
def test_a_table_sorted_another_way_gives_the_same_bits(how: dict[str, Any]) -> None:
    """Ages in fives: many people share a score, so that somebody must be taken among equals."""
    frame = people(1500)
    frame["age"] = frame["age"] // 5 * 5
    others = [frame.sample(frac=1, random_state=seed)[list(reversed(frame.columns))] for seed in (1, 2)]
    first, *rest = (ask(one, outcomes="back:binary", research=True, **how).findings for one in (frame, *others))
    assert all(repr(one.analyses) == repr(first.analyses) for one in rest)
