"""Runs the pieces of a truth table on several processes; the figures do not depend on how many."""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.truth.lines import Line


@dataclass(frozen=True)
class Task:
    """A piece of work. run: a function of a module, called with `arguments`; cost: rough CPU seconds, for the order of the
    work and for the time left."""

    name: str
    run: Callable[..., tuple[Line, ...]]
    arguments: tuple[Any, ...]
    cost: float

    @property
    def key(self) -> str:
        """Tells this task from every other."""
        return f"{self.run.__module__}.{self.run.__name__}{self.arguments!r}"

    def __call__(self) -> tuple[Line, ...]:
        return self.run(*self.arguments)


@dataclass(frozen=True)
class Notebook:
    """A file of the lines of tasks that are done: a run that was stopped can go on from it."""

    path: Path

    def read(self) -> dict[str, tuple[Line, ...]]:
        """The lines by task; half a line at the end, of a run that was stopped while it wrote, is left out."""
        if not self.path.is_file():
            return {}
        rows = [row for row in self.path.read_text(encoding="utf-8").split("\n") if row.endswith("]}")]
        return {made["task"]: tuple(Line(**line) for line in made["lines"]) for made in map(json.loads, rows)}

    def add(self, task: Task, lines: tuple[Line, ...]) -> None:
        """Adds a task that is done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"task": task.key, "lines": [asdict(line) for line in lines]}) + "\n")


def run_all(
    tasks: Sequence[Task], jobs: int, tell: Callable[[str], None] = lambda text: None, notebook: Notebook | None = None
) -> list[Line]:
    """The lines of all tasks in the order of the tasks; the longest tasks begin first.

    tell: hears of each that is done. notebook: what is in it already is not made again, and what is made is added.
    """
    noted = {} if notebook is None else notebook.read()
    found = {place: noted[task.key] for place, task in enumerate(tasks) if task.key in noted}
    left = {place: task for place, task in enumerate(tasks) if place not in found}
    began, total, done = time.monotonic(), sum(task.cost for task in left.values()), 0.0
    for place, lines in _finished(left, jobs):
        found[place] = lines
        if notebook is not None:
            notebook.add(tasks[place], lines)
        done += tasks[place].cost
        spent = time.monotonic() - began
        tell(
            f"{len(found)}/{len(tasks)} {tasks[place].name}; {clock(spent)} gone, about {clock(spent * (total / done - 1))} left"
        )
        for line in lines:
            if line.fails:
                tell(f"    {line.row} {line.cell}: {line.figure} FAILS")
    return [line for place in range(len(tasks)) for line in found[place]]


def _finished(tasks: Mapping[int, Task], jobs: int) -> Iterator[tuple[int, tuple[Line, ...]]]:
    order = sorted(tasks, key=lambda place: -tasks[place].cost)
    if jobs == 1:
        yield from ((place, tasks[place]()) for place in order)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(tasks[place]): place for place in order}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(61.2)
    '1:01'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def say(text: str) -> None:
    """A line on the standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
