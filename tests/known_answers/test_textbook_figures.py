"""The figures that textbooks and R give for the data of Rossi, Wooldridge and LaLonde."""

from __future__ import annotations

from tests.known_answers.answers import check_all, parametrise
from tests.known_answers.textbook_figures import PARTS


@parametrise(PARTS)
def test_figures_are_those_published(make) -> None:
    check_all(make())
