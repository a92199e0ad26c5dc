"""A prepared index: the same links as without, found beside the data, and refused by name where it does not fit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from tests.command_line import Answer, call, write_study
from tests.linkage_country import TODAY, Country, central, make_country
from tests.world_fixture import world_folder

from datalab.errors import CentralDataError
from datalab.linkage import IndexPlace, Links, found_index, link, load_model, prepare_index, write_index
from datalab.linkage.card import misfits
from datalab.linkage.index import index_tables
from datalab.linkage.store import BESIDE, open_index

MODEL, DATA = load_model(), "d" * 64


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(2_000, 200, 4)


@pytest.fixture(scope="module")
def index(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.duckdb"
    with central(country.identities) as connection:
        write_index(connection, MODEL, DATA, path)
        left = "select table_name from duckdb_tables() union all select view_name from duckdb_views()"
        assert not [name for (name,) in connection.execute(left).fetchall() if name.startswith("linkage_")]
    return path


def links(country: Country, place: IndexPlace) -> tuple[Links, bool]:
    """The links, and whether an index was used."""
    with (
        central(country.identities) as connection,
        found_index(connection, place, MODEL, DATA) as prepared,
    ):
        return link(connection, country.upload, today=TODAY, prepared=prepared), prepared is not None


def test_the_links_are_the_same_with_and_without_an_index(country: Country, index: Path) -> None:
    without, _ = links(country, IndexPlace())
    for place in (IndexPlace(named=index), IndexPlace(beside=index)):
        found, used = links(country, place)
        assert used
        assert found == without


def test_the_index_is_its_owners_alone(index: Path) -> None:
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    assert [path.name for path in index.parent.iterdir()] == [index.name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": "e" * 64}, "older than the data"),
        ({"cleaning": "x"}, "cleaning rules"),
        ({"layout": "x"}, "laid out"),
        ({"model": "x", "model_version": "model_1999"}, "another linkage model (model_1999"),
        ({"engine": "0.1"}, "version of DuckDB"),
        ({"format": 0}, "version of this program"),
    ],
)
def test_each_misfit_is_told_by_name(change: dict[str, Any], words: str, index: Path) -> None:
    with duckdb.connect(":memory:") as connection, open_index(connection, index, MODEL) as card:
        assert misfits(card, MODEL, DATA) == []
        told = misfits(replace(card, **change), MODEL, DATA)
    assert len(told) == 1
    assert words in told[0]


def test_a_named_index_that_is_old_is_refused_and_one_found_is_passed_over(country: Country, index: Path) -> None:
    other = replace(MODEL, keep=MODEL.keep / 2)
    with central(country.identities) as connection:
        with pytest.raises(CentralDataError) as told, found_index(connection, IndexPlace(named=index), other, DATA):
            raise AssertionError("opened")
        assert told.value.exit_code == 3
        with found_index(connection, IndexPlace(beside=index), other, DATA) as prepared:
            assert prepared is None


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_an_index_cut_short_is_refused(size: int, index: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.duckdb"
    cut.write_bytes(index.read_bytes()[:size])
    with (
        duckdb.connect(":memory:") as connection,
        pytest.raises(CentralDataError) as told,
        found_index(connection, IndexPlace(named=cut), MODEL, DATA),
    ):
        raise AssertionError("opened")
    assert "cannot be read" in str(told.value)


@pytest.mark.parametrize("part", [2, 3])
def test_an_index_that_lost_its_end_is_refused_or_passed_over(part: int, index: Path, tmp_path: Path) -> None:
    """Its beginning, with the card, is whole: only its length tells."""
    whole, cut = index.read_bytes(), tmp_path / "cut.duckdb"
    cut.write_bytes(whole[: len(whole) * (part - 1) // part])
    with duckdb.connect(":memory:") as connection:
        with pytest.raises(CentralDataError) as told, found_index(connection, IndexPlace(named=cut), MODEL, DATA):
            raise AssertionError("opened")
        assert "cannot be read" in str(told.value)
        with found_index(connection, IndexPlace(beside=cut), MODEL, DATA) as prepared:
            assert prepared is None


def test_an_index_damaged_in_its_middle_is_named_when_it_is_read(index: Path, tmp_path: Path) -> None:
    whole, hurt = index.read_bytes(), tmp_path / "hurt.duckdb"
    begin = len(whole) // 3
    hurt.write_bytes(whole[:begin] + b"\xff" * 300_000 + whole[begin + 300_000 :])
    with (
        duckdb.connect(":memory:") as connection,
        pytest.raises(CentralDataError) as told,
        found_index(connection, IndexPlace(beside=hurt), MODEL, DATA),
    ):
        for table in index_tables(MODEL):
            connection.execute(f"select max(hash({table})) from {table}").fetchall()
    assert "cannot be read" in str(told.value)
    assert isinstance(told.value.__cause__, duckdb.Error)


def test_an_error_while_a_sound_index_is_open_stays_what_it_is(index: Path) -> None:
    with (
        duckdb.connect(":memory:") as connection,
        pytest.raises(LookupError),
        found_index(connection, IndexPlace(named=index), MODEL, DATA),
    ):
        raise LookupError


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    nobody = make_country(10, 1, 1).identities.slice(0, 0)
    with central(nobody) as connection, pytest.raises(CentralDataError):
        write_index(connection, MODEL, DATA, tmp_path / "index.duckdb")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A country of its own, since an index is laid into its central folder."""
    folder = tmp_path_factory.mktemp("indexed") / "country"
    shutil.copytree(world_folder(tmp_path_factory), folder, copy_function=os.link)
    return folder


def feasibility(world: Path, tmp_path: Path, *more: object) -> Answer:
    study = tmp_path / "study.toml"
    write_study(study, world)
    return call("feasibility", study, "--out", tmp_path / "out", *more)


def test_the_commands_build_find_and_refuse_an_index(world: Path, tmp_path: Path) -> None:
    folder = world / "central"
    assert call("check", world / "uploads" / "thames-workshop.csv", "--index", folder / BESIDE).code == 2
    missing = feasibility(world, tmp_path, "--index", folder / BESIDE)
    assert missing.code == 3
    assert "There is no index" in missing.err
    built = call("index", "build", "--central", folder, "--memory", "1GB", "--json")
    assert built.code == 0, built.err
    assert built.document["people"] == 20_000
    assert "Laying out the keys" in built.err
    assert call("index", "build", "--central", folder).code == 2
    checked = call("check", world / "uploads" / "thames-workshop.csv", "--central", folder, "--index", folder / BESIDE)
    assert checked.code in (0, 1), checked.err
    # Another hash of the identity table: as if the records had been loaded again since.
    table = folder / "identity.parquet"
    again = duckdb.sql(f"select * from read_parquet('{table}')").to_arrow_table()
    table.unlink()
    duckdb.from_arrow(again).write_parquet(str(table), compression="gzip")
    refused = feasibility(world, tmp_path, "--index", folder / BESIDE)
    assert refused.code == 3
    assert "older than the data" in refused.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_told_to_stop_leaves_nothing(number: signal.Signals, world: Path, tmp_path: Path) -> None:
    """Ctrl-C, or what an operating system sends: no half of an index, and no names, stay behind."""

    def stop(*_: object) -> None:
        os.kill(os.getpid(), number)

    before = signal.getsignal(signal.SIGTERM)
    try:
        with patch("datalab.linkage.store.make_card", stop):
            answer = call("index", "build", "--central", world / "central", "--out", tmp_path / "index.duckdb")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert answer.code == 130
    assert "Stopped" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_bad_memory_is_refused(world: Path) -> None:
    assert call("index", "build", "--central", world / "central", "--memory", "lots").code == 2


@pytest.mark.slow
def test_a_run_with_a_model_file_can_be_done_again(world: Path, tmp_path: Path) -> None:
    from importlib import resources

    text = json.loads(resources.files("datalab.linkage").joinpath(f"{MODEL.version}.json").read_text(encoding="utf-8"))
    model = tmp_path / "model.json"
    model.write_text(json.dumps(text | {"version": "model_of_ours"}), encoding="utf-8")
    answer = feasibility(world, tmp_path, "--model", model)
    assert answer.code == 0, answer.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["body"]["versions"]["linkage_model"] == "model_of_ours"
    assert "linkage-model" in {item["role"] for item in manifest["body"]["inputs"]}
    model.write_text("{}", encoding="utf-8")
    assert "not a linkage model" in call("rerun", tmp_path / "out").err


def test_people_laid_out_in_parts_are_the_same(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for part in (10_000, 97, 100):
        monkeypatch.setattr("datalab.linkage.index.PART", part)
        few = country.identities.slice(0, 300)
        with central(few) as connection:
            size = prepare_index(connection, MODEL)
            rows = connection.execute("select * from linkage_people order by unique_id").fetchall()
            keys = connection.execute("select * from linkage_keys order by all").fetchall()
            found.append((size, rows, keys))
    assert found[0] == found[1] == found[2]
    assert [row[0] for row in found[0][1]] == list(range(1, len(found[0][1]) + 1))


def test_too_little_memory_is_said_with_the_option_that_gives_more(world: Path, tmp_path: Path) -> None:
    answer = call("index", "build", "--central", world / "central", "--out", tmp_path / "index.duckdb", "--memory", "20MB")
    assert answer.code == 2
    assert "more memory than the 20MB" in answer.err
    assert "Allow more with --memory" in answer.err
    assert list(tmp_path.iterdir()) == []
