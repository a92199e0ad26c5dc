"""`dl.gate` and `dl.effects` given what does not belong together: each refused in a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.matching_tables import make_table

import datalab as dl
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.errors import InputError, UsageError
from datalab.table import AnalysisTable, Measure, Outcome


@pytest.fixture(scope="module")
def table() -> AnalysisTable:
    made = make_table(1500, seed=11, strength=0.2, share=0.15)
    values = (np.random.default_rng(1).random(made.n) < 0.4).astype(float)
    return replace(made, outcomes=(Outcome(Measure("back", "binary", "Back"), values),))


@pytest.fixture(scope="module")
def balanced(table: AnalysisTable) -> BalancedMatch:
    found = dl.gate(table, dl.match(table))
    assert isinstance(found, BalancedMatch)
    return found


@pytest.mark.parametrize("rows", [700, 1500])
def test_a_match_of_another_table_does_not_pass_the_gate(table: AnalysisTable, rows: int) -> None:
    with pytest.raises(UsageError, match=r"gate must be given a match of the same table"):
        dl.gate(make_table(rows, seed=4, strength=0.2, share=0.15), dl.match(table))


@pytest.mark.parametrize(
    ("kind", "highest", "words"),
    [
        ("rate", 1, "The outcome z must be of one of these kinds: binary, count, days, number, time."),
        ("days", 599, "The outcome z is of kind days and must hold days from 0 to 365. If it is something else"),
    ],
)
def test_an_outcome_that_is_not_of_its_kind_is_refused(balanced: BalancedMatch, kind: str, highest: int, words: str) -> None:
    values = np.arange(balanced.table.n) % (highest + 1.0)
    with pytest.raises(InputError) as caught:
        dl.effects(balanced, (Outcome(Measure("z", kind, "Z"), values),))  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_days_reach_to_the_horizon_and_a_leap_day_further(balanced: BalancedMatch) -> None:
    values = np.arange(balanced.table.n) % 367.0
    assert dl.effects(balanced, (Outcome(Measure("z", "days", "Z"), values),))[0].effect is not None


@pytest.mark.parametrize("effect", [0, -0.05, float("nan"), "5"])
def test_a_stated_effect_must_be_above_nothing(balanced: BalancedMatch, effect: object) -> None:
    with pytest.raises(UsageError, match="the effect stated for back must be greater than 0"):
        dl.effects(balanced, stated_effects={"back": effect})  # type: ignore[dict-item]


def test_a_stated_effect_is_refused_where_nobody_is_counted_for_it(balanced: BalancedMatch) -> None:
    unbalanced = UnbalancedMatch(balanced.table, balanced.match, balanced.balance)
    with pytest.raises(UsageError, match="stated_effects must be left out for a match that failed"):
        dl.effects(unbalanced, stated_effects={"back": 0.05}, research=True)
