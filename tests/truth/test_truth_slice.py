"""The slice of the truth table (design 3.8) in `make test`, and the runner that it shares with `make truth`.

The seed was fixed beforehand and never chosen by its result. `pytest -s` prints the table; `python -m tests.truth` makes
the whole of it.
"""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from tests.truth.checks import default_cell
from tests.truth.effects_design import naive_bias
from tests.truth.grid import grid, small_slice
from tests.truth.lines import Line, in_rows, into_page, table_markdown, table_text, verdict
from tests.truth.tasks import Notebook, Task, run_all, say

HERE = Path(__file__).parent


@pytest.mark.parametrize("task", small_slice(), ids=lambda task: task.name)
def test_slice(task: Task) -> None:
    lines = task()
    say(f"\n{table_text(lines)}")
    assert any(line.held for line in lines)
    assert [line for line in lines if line.fails] == []


def test_without_matching_the_answer_is_wrong() -> None:
    assert naive_bias("moderate") < -0.03
    assert naive_bias("strong") < -0.06
    assert naive_bias("poor") < -0.08


def tiny(n: int) -> Task:
    return Task(f"n = {n}", default_cell, (n, "moderate", "rate", 500, 9, 3, 2), n)


def test_figures_do_not_depend_on_the_number_of_processes() -> None:
    tasks = (tiny(40), tiny(60), tiny(50))
    told: list[str] = []
    alone = run_all(tasks, 1)
    assert run_all(tasks, 2, told.append) == alone
    assert [line.cell for line in alone if line.row.startswith("coverage")] == [f"moderate, n = {n}" for n in (40, 60, 50)]
    assert sum(" left" in text for text in told) == len(tasks)


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    notebook, made = Notebook(tmp_path / "done.jsonl"), []
    tasks = (tiny(40), tiny(60))
    first = run_all(tasks[:1], 1, notebook=notebook)
    with notebook.path.open("a", encoding="utf-8") as file:
        file.write('{"task": "half a li')
    assert run_all(tasks[:1], 1, made.append, notebook) == first
    assert made == []
    assert run_all(tasks, 1, made.append, Notebook(tmp_path / "other.jsonl"))[: len(first)] == first
    assert sum(" left" in text for text in made) == 2


def test_the_grid_has_every_row_of_the_table() -> None:
    names = " ".join(task.name for task in grid())
    for part in (
        "rate, n = 2000, strong",
        "frequency, n = 60",
        "days, n = 60",
        "models wrong, rich",
        "larger pool",
        "planned power",
    ):
        assert part in names
    assert {"10 sites, n = 200", "rate, n = 30, moderate"} <= {task.name for task in grid()}
    assert sum("no effect" in task.name for task in grid()) == 2
    assert len({task.name for task in grid()}) == len(grid())


@pytest.mark.parametrize(
    ("value", "low", "high", "limits", "fails"),
    [
        (5.0, 4.0, 6.0, "4 to 6", False),
        (6.001, 4.0, 6.0, "4 to 6", True),
        (0.3, -0.3, 0.3, "within ±0.3", False),
        (-0.31, -0.3, 0.3, "within ±0.3", True),
        (0.94, -math.inf, 0.93, "≤ 0.93", True),
        (99.0, -math.inf, math.inf, "reported", False),
        (math.nan, 4.0, 6.0, "4 to 6", True),
    ],
)
def test_the_point_figure_decides(value: float, low: float, high: float, limits: str, fails: bool) -> None:
    line = Line("row", "cell", value, 5.0, low, high)
    assert (line.limits, line.fails) == (limits, fails)
    assert ("1 of 1" in verdict([line])) == fails
    assert limits in table_text([line])
    assert limits in table_markdown([line])


def test_lines_of_a_row_stand_together() -> None:
    lines = [Line(row, cell, 1.0, 0.1) for row, cell in (("a", "1"), ("b", "1"), ("a", "2"))]
    assert [(line.row, line.cell) for line in in_rows(lines)] == [("a", "1"), ("a", "2"), ("b", "1")]
    assert table_text(in_rows(lines)).count("a  ") == 1


def test_a_table_goes_between_its_marks() -> None:
    page = "a\n<!-- make truth -->\nold\n<!-- end of make truth -->\nb\n"
    assert into_page(page, "make truth", "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="marks"):
        into_page(page, "make truth-chain", "new\n")
    for name in ("make truth", "make truth-chain"):
        page = (HERE.parents[1] / "docs" / "truth.md").read_text(encoding="utf-8")
        assert into_page(page, name, page.split(f"<!-- {name} -->\n")[1].split(f"<!-- end of {name} -->\n")[0]) == page


def test_the_generator_knows_nothing_of_the_made_up_country() -> None:
    """Else an error in the country could hide one in the estimators."""
    for name in ("effects_design.py", "checks.py", "cohort_null_world.py", "nulls.py"):
        tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not [module for module in imported if module.startswith("datalab.synthetic")], name
