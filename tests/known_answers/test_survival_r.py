"""Survival against R's survival (commands, versions and figures in `survival_r.R` and `.json`) and lifelines."""

from __future__ import annotations

from tests.known_answers.answers import check_all, parametrise
from tests.known_answers.survival_figures import PARTS


@parametrise(PARTS)
def test_figures_are_those_of_r_and_lifelines(make) -> None:
    check_all(make())
