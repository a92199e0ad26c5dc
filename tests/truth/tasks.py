"""Runs the pieces of a truth table on several processes; the figures do not depend on how many."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
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

    def __call__(self) -> tuple[Line, ...]:
        return self.run(*self.arguments)


def run_all(tasks: Sequence[Task], jobs: int, tell: Callable[[str], None] = lambda text: None) -> list[Line]:
    """The lines of all tasks in the order of the tasks; the longest tasks begin first. tell: hears of each that is done."""
    found: dict[int, tuple[Line, ...]] = {}
    began, total = time.monotonic(), sum(task.cost for task in tasks)
    for place, lines in _finished(tasks, jobs):
        found[place] = lines
        done = sum(tasks[other].cost for other in found)
        spent = time.monotonic() - began
        left = spent * (total - done) / done
        marks = [f"{line.row} {line.cell}: {line.figure} FAILS" for line in lines if line.fails]
        tell(f"{len(found)}/{len(tasks)} {tasks[place].name}; {clock(spent)} gone, about {clock(left)} left")
        for mark in marks:
            tell(f"    {mark}")
    return [line for place in range(len(tasks)) for line in found[place]]


def _finished(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[int, tuple[Line, ...]]]:
    order = sorted(range(len(tasks)), key=lambda place: -tasks[place].cost)
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
