"""Pairs lost to blocking: the enumeration against drawn pairs, and both against pairs that a run really never compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.linkage_country import central, make_country

from datalab.linkage.blocking import OPTIONAL, lost_share
from datalab.linkage.index import IndexSize, drop_index, drop_upload, lay_upload, prepare_index
from datalab.linkage.model import Comparison, load_model
from datalab.linkage.scoring import score_pairs

MODEL = load_model()
DRAWS = 40_000


def draw_columns(comparison: Comparison, held: dict[str, float], random: np.random.Generator) -> list[set[str]]:
    """The columns that agree on each of the drawn true pairs, the slow and obvious way."""
    shares = np.array([level.m for level in comparison.levels])
    found = []
    for place, chance, presence in zip(
        random.choice(len(shares), DRAWS, p=shares / shares.sum()), random.random(DRAWS), random.random(DRAWS), strict=True
    ):
        agrees, passed = comparison.levels[place].agrees, 0.0
        columns: set[str] = set()
        for share, names in agrees:
            if passed <= chance < passed + share:
                columns = {name for name in names if name not in OPTIONAL or presence < held[name]}
            passed += share
        found.append(columns)
    return found


@pytest.mark.parametrize("given", [(), ("postcodes",), ("postcodes", "pnc_ids")])
def test_the_enumeration_agrees_with_drawn_pairs(given: tuple[str, ...]) -> None:
    random = np.random.default_rng(8)
    size = IndexSize(50_000, 0.9, 0.5, 0.8)
    shares = dict(zip(OPTIONAL, (size.with_postcode, size.with_pnc_id, size.with_prison_number), strict=True))
    held = {column: shares[column] * (column in given) for column in OPTIONAL}
    asked = [comparison for comparison in MODEL.comparisons if any(level.agrees for level in comparison.levels)]
    drawn = [draw_columns(comparison, held, random) for comparison in asked]
    agreeing = [set[str]().union(*columns) for columns in zip(*drawn, strict=True)]
    lost = sum(not any(set(rule) <= columns for rule in MODEL.blocking) for columns in agreeing)
    expected = lost_share(MODEL, size, frozenset(given))
    assert abs(lost / DRAWS - expected) <= 4 * np.sqrt(expected / DRAWS)


def test_few_true_pairs_are_never_compared() -> None:
    country = make_country(3_000, 800, 21).without_identifiers()
    model = replace(MODEL, keep=1e-12)
    with central(country.identities) as connection:
        size = prepare_index(connection, model)
        lay_upload(connection, country.upload.people, model)
        pairs = score_pairs(connection, model, size.people).to_pylist()
        drop_upload(connection, model)
        drop_index(connection, model)
    compared = {(pair["row"], pair["person_id"]) for pair in pairs}
    there = [(row, person) for row, person in country.truth.items() if person is not None]
    lost = sum(pair not in compared for pair in there) / len(there)
    assert abs(lost - lost_share(MODEL, size, frozenset({"postcodes"}))) <= 0.015
