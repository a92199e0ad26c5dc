"""`make truth`: the whole truth table of design 3.8, row by row, with Monte Carlo errors. Exit 1 if a row fails."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.truth.grid import grid, small_slice
from tests.truth.lines import in_rows, into_page, table_markdown, table_text, verdict
from tests.truth.tasks import Notebook, clock, run_all, say


def main() -> int:
    """Runs the tasks asked for and prints the table. Returns 0, 1 where a figure is outside its limits, 2 for no task."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes; the figures do not depend on it")
    parser.add_argument("--only", default="", help="only the tasks whose name holds this text")
    parser.add_argument("--slice", action="store_true", help="the slice that runs with the other tests")
    parser.add_argument("--resume", action="store_true", help="go on from a run that was stopped (of the same code)")
    parser.add_argument("--out", type=Path, default=Path("out/truth"), help="folder of the table and of what is done so far")
    parser.add_argument("--page", type=Path, help="a page with marks between which the table is written (docs/truth.md)")
    asked = parser.parse_args()
    tasks = [task for task in (small_slice() if asked.slice else grid()) if asked.only in task.name]
    if not tasks:
        say(f"No task is named like {asked.only}.")
        return 2
    began, notebook = time.monotonic(), Notebook(asked.out / "done.jsonl")
    if not asked.resume:
        notebook.path.unlink(missing_ok=True)
    lines = in_rows(run_all(tasks, asked.jobs, say, notebook))
    (asked.out / "truth.md").write_text(table_markdown(lines), encoding="utf-8")
    if asked.page is not None:
        page = into_page(asked.page.read_text(encoding="utf-8"), "make truth", f"{table_markdown(lines)}\n{verdict(lines)}\n")
        asked.page.write_text(page, encoding="utf-8")
    say(f"\n{table_text(lines)}\n\n{verdict(lines)} {clock(time.monotonic() - began)} on {asked.jobs} processes.")
    return int(any(line.fails for line in lines))


if __name__ == "__main__":
    raise SystemExit(main())
