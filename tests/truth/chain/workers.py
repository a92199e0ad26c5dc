"""The draws in one process or several: a module of its own, since a spawned process cannot load functions of a `__main__`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from tests.truth.chain.country import Office, make_country, open_office
from tests.truth.chain.draw import Draw, draw
from tests.truth.chain.programme import Effect

Wanted = tuple[Effect, int, float]
_open: dict[str, object] = {}


def start_worker(people: int, seed: int, folder: Path) -> None:
    """Opens the office of this process; it stays open until the process ends."""
    stack = ExitStack()
    _open["office"] = stack.enter_context(open_office(make_country(people, seed), folder))
    _open["stack"] = stack


def work(wanted: Wanted) -> Draw:
    """One draw in a worker."""
    office = _open["office"]
    if not isinstance(office, Office):
        raise TypeError("the worker has no office")
    return draw(office, *wanted)


def draws_of(wanted: list[Wanted], jobs: int, office: tuple[int, int, Path]) -> Iterator[Draw]:
    """The draws as they come."""
    if jobs == 1:
        start_worker(*office)
        yield from map(work, wanted)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=start_worker, initargs=office) as pool:
        yield from (future.result() for future in as_completed([pool.submit(work, one) for one in wanted]))
