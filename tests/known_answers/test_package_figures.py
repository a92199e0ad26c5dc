"""Regressions, intervals, clustered errors and adjusted p-values against statsmodels and a jackknife."""

from __future__ import annotations

from tests.known_answers.answers import check_all, parametrise
from tests.known_answers.package_figures import PARTS


@parametrise(PARTS)
def test_figures_are_those_of_the_libraries(make) -> None:
    check_all(make())
