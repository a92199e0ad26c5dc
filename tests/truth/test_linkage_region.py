"""Linkage of a region's uploads against a prepared index: precision, recall, and recall by group, where the truth is known."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.linkage_country import wilson
from tests.truth.test_linkage_synthetic_truth import Truth, score, uploads

from datalab.engines.duckdb import attach_central, session
from datalab.indexing import build_index
from datalab.linkage import IndexPlace, Links, found_index, link, load_model
from datalab.linkage.quality import row_levels
from datalab.store import sha256_file
from datalab.synthetic.world import TODAY, make_world
from datalab.synthetic.writers import write_world
from datalab.wording import say

QUICK, REGION, SEED = 20_000, 500_000, 5
GAP, SMALLEST = 0.03, 100


def run(folder: Path, people: int) -> tuple[list[tuple[int, int, int]], list[str]]:
    """Scores of every upload, and the groups missed more than three points above the rest of which its report does not warn.

    Of all uploads together, the groups of which that holds beyond chance and no report warns.
    """
    write_world(make_world(people, seed=SEED, replicates=2), folder)
    central, model = folder / "central", load_model()
    index = build_index(central).path
    together: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    scores, warnings, silent = [], [], []
    with session() as connection:
        attach_central(connection, central, ("identity", "person"))
        place = IndexPlace(named=index)
        with found_index(connection, place, model, sha256_file(central / "identity.parquet")) as prepared:
            for name, sent, truth in uploads(folder):
                links = link(connection, sent, today=TODAY, prepared=prepared)
                scores.append(score(links, truth))
                ethnicity = dict(connection.execute("select person_id, ethnicity_group from person").fetchall())
                sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
                add_groups(sums, links, sent.people.to_pylist(), truth, ethnicity)
                silent += [f"{name}: {group}" for group in unsaid(gaps(sums), links.quality.warnings)]
                warnings += links.quality.warnings
                for key, (there, linked) in sums.items():
                    together[key][0] += there
                    together[key][1] += linked
    return scores, silent + unsaid(gaps(together, beyond_chance=True), warnings)


def unsaid(groups: list[str], warnings: Sequence[str]) -> list[str]:
    return [name for name in groups if not any(name in warning for warning in warnings)]


def add_groups(sums: Any, links: Links, people: list[dict[str, Any]], truth: Truth, ethnicity: dict[str, str]) -> None:
    """People there and found, by level; a person once, whatever the number of rows."""
    records = {record["row"]: record for record in people}
    accepted = {record["person_id"] for record in links.links.to_pylist() if record["status"] == "accepted"}
    first = {truth[row]: row for row in sorted(records, reverse=True) if truth[row]}
    for person, row in first.items():
        for key in {**row_levels(records[row], TODAY), "ethnicity": ethnicity[str(person)]}.items():
            sums[key][0] += 1
            sums[key][1] += person in accepted


def gaps(sums: dict[tuple[str, str], list[int]], *, beyond_chance: bool = False) -> list[str]:
    """Groups of at least so many people there whose recall, or its 95 % limit, is more than three points below the rest's."""
    found = []
    for (characteristic, level), (there, linked) in sums.items():
        rest = [counts for (name, other), counts in sums.items() if name == characteristic and other != level]
        others = sum(count for count, _ in rest)
        if there < SMALLEST or not others:
            continue
        recall = wilson(linked, there)[1] if beyond_chance else linked / there
        if recall < sum(right for _, right in rest) / others - GAP:
            found.append(level if characteristic == "postcode_area" else say(f"linkage.levels.{level}"))
    return found


def check(folder: Path, people: int, capsys: pytest.CaptureFixture[str]) -> None:
    scores, silent = run(folder, people)
    right, linked, there = (sum(values) for values in zip(*scores, strict=True))
    (p_low, p_high), (r_low, r_high) = wilson(right, linked), wilson(right, there)
    with capsys.disabled():
        sys.stdout.write(
            f"\n  linkage, country of {people}, seed {SEED}: precision {right}/{linked} = {right / linked:.4f} "
            f"(95 % {p_low:.4f} to {p_high:.4f}), recall {right}/{there} = {right / there:.4f} "
            f"(95 % {r_low:.4f} to {r_high:.4f})\n"
        )
    assert right / linked >= 0.995
    assert right / there >= 0.97
    assert silent == []


def test_a_small_country_against_its_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(tmp_path / "country", QUICK, capsys)


@pytest.mark.slow
def test_a_region_against_its_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(tmp_path / "country", REGION, capsys)
