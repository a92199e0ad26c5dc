"""The page about the plan file names every key that the rules know, so that nobody has to read the code for one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datalab import study, study_analyses

PAGE = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
KEYS = [(table, key) for table, rules in study._RULES.items() for key in rules] + [
    ("analysis", key) for key in study_analyses.RULES
]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_of_a_plan_is_in_its_page(table: str, key: str) -> None:
    assert re.search(rf"(?<![\w]){re.escape(key)}`|`{re.escape(key)} =", PAGE) or re.search(rf"`{table}\.{key}`", PAGE), (
        table,
        key,
    )


@pytest.mark.parametrize("table", [name for name in study._RULES if name])
def test_the_example_has_every_table(table: str) -> None:
    assert f"[{table}]" in PAGE
