"""A country made block by block: one country for the schema, with ids, numbers and truth that run on."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datalab.engines.duckdb import session
from datalab.errors import UsageError
from datalab.intake.submission import read_submission
from datalab.schema.store import open_central
from datalab.synthetic import PROGRAMMES, TODAY, make_world, truth_for, write_country, write_world

PEOPLE, BLOCK = 6_300, 3_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("blocks")
    write_country(PEOPLE, 3, made, replicates=2, block=BLOCK)
    return made


def test_blocks_together_obey_the_schema_and_no_number_stands_twice(folder: Path) -> None:
    with session() as connection:
        central = open_central(connection, folder / "central")
        assert central.rows["person"] == PEOPLE
        for column in ("pnc_id", "prison_number"):
            shared = connection.execute(
                f"select count(*) from (select {column} from identity where {column} is not null"
                f" group by {column} having count(distinct person_id) > 1)"
            ).fetchall()
            assert shared == [(0,)]
        last = connection.execute("select max(person_id), count(distinct person_id) from occasion").fetchall()[0]
        assert last == (f"P{PEOPLE:08d}", PEOPLE)


def test_the_first_block_is_the_small_country_of_the_same_seed(folder: Path) -> None:
    alone = make_world(BLOCK, 3, replicates=2).tables
    whole = pq.read_table(folder / "central" / "occasion.parquet")
    assert whole.slice(0, alone["occasion"].num_rows).equals(alone["occasion"])


def test_a_country_of_one_block_has_the_bytes_of_the_world(tmp_path: Path) -> None:
    write_country(1_500, 4, tmp_path / "a", replicates=2)
    write_world(make_world(1_500, 4, replicates=2), tmp_path / "b")
    for path in sorted(path for path in (tmp_path / "a").rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda one: one.name)
def test_uploads_and_truth_of_all_blocks_belong_together(folder: Path, programme: object) -> None:
    name = programme.name  # type: ignore[attr-defined]
    rows = pq.read_table(folder / "truth" / f"{name}.parquet")
    submission = read_submission(folder / "uploads" / f"{name}.csv", TODAY)
    assert rows["row"].to_pylist() == list(range(2, rows.num_rows + 2))
    references = submission.people["reference"].to_pylist()
    assert len(set(references)) == len(references)
    whose = {person for person in rows["person_id"].to_pylist() if person}
    assert max(whose) > f"P{2 * BLOCK:08d}"
    assert truth_for(folder, name).people == len(whose)
    participants = round(programme.per_thousand * PEOPLE / 1000)  # type: ignore[attr-defined]
    assert abs(len(whose) - participants) <= 3
    # The truth of a row is the truth of the person whose numbers stand in it.
    with session() as connection:
        open_central(connection, folder / "central", quick=True)
        known = dict(connection.execute("select pnc_id, person_id from identity where pnc_id is not null").fetchall())
    of_row = dict(zip(rows["row"].to_pylist(), rows["person_id"].to_pylist(), strict=True))
    told = zip(submission.people["row"].to_pylist(), submission.people["pnc_id"].to_pylist(), strict=True)
    matched = [known[pnc] == of_row[row] for row, pnc in told if pnc in known and of_row[row]]
    assert len(matched) > 20
    assert all(matched)


def test_a_country_too_large_for_its_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="people"):
        write_country(10_000_000, 1, tmp_path)
