"""What must hold for any upload: the order of rows does not matter, in the upload or in the records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linkage_country import TODAY, Country, central, make_country

from datalab.linkage.candidates import Candidate, probability_of, share_rows
from datalab.linkage.checks import require_valid_links
from datalab.linkage.choice import choose
from datalab.linkage.linking import link
from datalab.linkage.model import load_model
from datalab.linkage.results import Links

MODEL = load_model()


def run(country: Country) -> Links:
    with central(country.identities) as connection:
        return require_valid_links(link(connection, country.upload, today=TODAY), country.upload)


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(1_500, 120, 4)


@pytest.fixture(scope="module")
def links(country: Country) -> Links:
    return run(country)


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int, country: Country, links: Links) -> None:
    random = np.random.default_rng(seed)
    people = country.upload.people.take(random.permutation(country.upload.people.num_rows))
    identities = country.identities.take(random.permutation(country.identities.num_rows))
    assert run(replace(country, identities=identities, upload=replace(country.upload, people=people))) == links


WEIGHTS = st.floats(-12, 50, allow_nan=False)


@st.composite
def candidate_lists(draw: st.DrawFn) -> list[Candidate]:
    pairs = draw(st.lists(st.tuples(st.integers(2, 6), st.sampled_from("abcdefg")), unique=True, max_size=20))
    made = []
    for row, person in pairs:
        weight = draw(WEIGHTS)
        rule = draw(st.sampled_from(["probabilistic", "probabilistic", "pnc_id", "prison_number"]))
        made.append(Candidate(row, person, rule, weight, probability_of(weight), 0.0, None))
    return made


@given(candidates=candidate_lists(), seed=st.integers(0, 1000))
def test_a_row_has_one_person_at_most_and_a_person_one_row(candidates: list[Candidate], seed: int) -> None:
    completeness = {row: (seed * row) % 3 for row in range(2, 7)}
    shared = share_rows(candidates, MODEL)
    choices = choose(shared, completeness, MODEL)
    assert [choice.row for choice in choices] == sorted(completeness)
    standing = [choice.person_id for choice in choices if choice.status == "accepted"]
    assert len(standing) == len(set(standing))
    for choice in choices:
        rivals = [item for item in shared if item.row == choice.row and item != choice.best and choice.best]
        near = [item for item in rivals if choice.best and abs(item.weight - choice.best.weight) <= MODEL.tie_bits]
        if choice.status == "accepted" and any(item.pair_probability >= MODEL.review for item in near):
            raise AssertionError("a tie was accepted")
        assert sum(item.probability for item in shared if item.row == choice.row) <= 1.0 + 1e-9


@given(candidates=candidate_lists(), seed=st.integers(0, 1000))
def test_choices_do_not_depend_on_the_order_of_candidates(candidates: list[Candidate], seed: int) -> None:
    completeness = dict.fromkeys(range(2, 7), 5)
    order = np.random.default_rng(seed).permutation(len(candidates))
    mixed = [candidates[place] for place in order]
    assert choose(share_rows(candidates, MODEL), completeness, MODEL) == choose(share_rows(mixed, MODEL), completeness, MODEL)
