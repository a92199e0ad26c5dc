"""Precision and recall on the uploads of a synthetic country, read by intake as a provider's file would be."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.linkage_country import wilson

from datalab.engines.duckdb import attach_central, session
from datalab.intake.results import Submission
from datalab.intake.submission import read_submission
from datalab.linkage.checks import require_valid_links
from datalab.linkage.linking import link
from datalab.linkage.results import Links
from datalab.synthetic.world import TODAY, make_world
from datalab.synthetic.writers import write_world

PEOPLE, SEED = 20_000, 3
Truth = dict[int, str | None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("country")
    write_world(make_world(PEOPLE, seed=SEED, replicates=2), made)
    return made


def uploads(folder: Path) -> list[tuple[str, Submission, Truth]]:
    found = []
    for path in sorted((folder / "uploads").glob("*.csv")):
        truth = pq.read_table(folder / "truth" / f"{path.stem}.parquet", columns=["row", "person_id"]).to_pydict()
        people = dict(zip(truth["row"], truth["person_id"], strict=True))
        found.append((path.stem, read_submission(path, TODAY, date_order="dmy"), people))
    return found


def run(folder: Path, submission: Submission) -> Links:
    with session(memory="1GB") as connection:
        attach_central(connection, folder / "central", ("identity", "person"))
        return require_valid_links(link(connection, submission, today=TODAY), submission)


def without_identifiers(submission: Submission) -> Submission:
    people = submission.people
    for name in ("pnc_id", "prison_number"):
        people = people.set_column(people.schema.get_field_index(name), name, pa.nulls(people.num_rows, pa.string()))
    return replace(submission, people=people)


def score(links: Links, truth: Truth) -> tuple[int, int, int]:
    """Right links, all links, and submitted people who are in the records: by person, since rows of one person merge."""
    accepted = [record for record in links.links.to_pylist() if record["status"] == "accepted"]
    right = {record["person_id"] for record in accepted if truth[record["row"]] == record["person_id"]}
    there = {truth[row] for row in links.links["row"].to_pylist()} - {None}
    return len(right), len(accepted), len(there)


@pytest.mark.parametrize(("bare", "least_recall"), [(False, 0.95), (True, 0.85)], ids=["as sent", "no identifiers"])
def test_precision_and_recall_on_the_synthetic_country(
    bare: bool, least_recall: float, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = uploads(folder)
    scores = [score(run(folder, without_identifiers(sent) if bare else sent), truth) for _, sent, truth in found]
    right, linked, there = (sum(values) for values in zip(*scores, strict=True))
    (p_low, p_high), (r_low, r_high) = wilson(right, linked), wilson(right, there)
    with capsys.disabled():
        sys.stdout.write(
            f"\n  linkage, synthetic country of {PEOPLE}, seed {SEED}, {'no identifiers' if bare else 'as sent'}: "
            f"precision {right}/{linked} = {right / linked:.4f} (95 % {p_low:.4f} to {p_high:.4f}), "
            f"recall {right}/{there} = {right / there:.4f} (95 % {r_low:.4f} to {r_high:.4f})\n"
        )
    assert right / linked >= 0.99
    assert right / there >= least_recall
