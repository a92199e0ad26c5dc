"""Precision and recall of linkage where the truth is known, with and without identifiers, and how long it takes.

Both count accepted links only; recall's denominator is the submitted people who are in the records.
"""

from __future__ import annotations

import sys
import time

import pytest
from tests.linkage_country import TODAY, Country, central, make_country, wilson

from datalab.linkage.checks import require_valid_links
from datalab.linkage.linking import link
from datalab.linkage.results import Links

PEOPLE, ROWS, SEED = 50_000, 1_000, 11


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Shown in every run of the tests, not only in failing ones."""
    with capsys.disabled():
        sys.stdout.write(f"\n  linkage, seed {SEED}: {text}\n")


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(PEOPLE, ROWS, SEED)


def _link(country: Country) -> tuple[Links, float]:
    with central(country.identities) as connection:
        start = time.perf_counter()
        links = link(connection, country.upload, today=TODAY)
        return require_valid_links(links, country.upload), time.perf_counter() - start


def _scores(country: Country, links: Links) -> tuple[float, float, str]:
    accepted = [record for record in links.links.to_pylist() if record["status"] == "accepted"]
    right = sum(record["person_id"] == country.truth[record["row"]] for record in accepted)
    there = sum(person is not None for person in country.truth.values())
    (p_low, p_high), (r_low, r_high) = wilson(right, len(accepted)), wilson(right, there)
    text = (
        f"precision {right}/{len(accepted)} = {right / len(accepted):.4f} (95 % {p_low:.4f} to {p_high:.4f}), "
        f"recall {right}/{there} = {right / there:.4f} (95 % {r_low:.4f} to {r_high:.4f})"
    )
    return right / len(accepted), right / there, text


def test_precision_recall_and_time_with_the_noise_of_the_brief(country: Country, capsys: pytest.CaptureFixture[str]) -> None:
    links, seconds = _link(country)
    precision, recall, text = _scores(country, links)
    tell(capsys, f"{text}; {seconds:.1f} s")
    assert precision >= 0.99
    assert recall >= 0.95
    assert seconds < 20


@pytest.fixture(scope="module")
def bare(country: Country) -> tuple[Country, Links]:
    """The same upload without PNC IDs and prison numbers, linked."""
    without = country.without_identifiers()
    return without, _link(without)[0]


def test_precision_holds_without_any_identifier(bare: tuple[Country, Links], capsys: pytest.CaptureFixture[str]) -> None:
    precision, recall, text = _scores(*bare)
    tell(capsys, f"no identifiers: {text}")
    assert precision >= 0.99
    assert recall >= 0.90


def test_the_estimated_errors_are_near_the_real_ones(bare: tuple[Country, Links], capsys: pytest.CaptureFixture[str]) -> None:
    _, links = bare
    precision, recall, _ = _scores(*bare)
    estimated = f"false {links.quality.false_links:.4f}, missed {links.quality.missed_links:.4f}"
    tell(capsys, f"no identifiers: estimated {estimated}; real false {1 - precision:.4f}, missed {1 - recall:.4f}")
    assert abs(links.quality.false_links - (1 - precision)) <= 0.01
    assert abs(links.quality.missed_links - (1 - recall)) <= 0.03
