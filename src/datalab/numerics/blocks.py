"""Fixed blocks of rows: the same cuts and the same order of sums, whatever the number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

BLOCK_ROWS = 65_536
CHUNK_CELLS = 1 << 17  # a chunk's matrix of 1 MB stays in a core's own cache
MOST_WORKERS = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


def cut(rows: int, size: int, start: int = 0) -> Iterator[slice]:
    """Slices of at most `size` rows that cover start to start + rows in order.

    >>> list(cut(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    stop = start + rows
    return (slice(low, min(low + size, stop)) for low in range(start, stop, size))


def chunk_rows(columns: int) -> int:
    """Rows of a chunk of a matrix with so many columns (512 to 4,096: products of fewer are slow)."""
    return max(512, min(4096, CHUNK_CELLS // max(columns, 1)))


def each_block(work: Callable[[slice], Result], rows: int) -> list[Result]:
    """The result of `work` on every block of rows, in order of rows.

    Blocks are of fixed size, and a block is one thread's work from end to end, so that adding up the results in order
    gives the same bits on one thread and on several. BLAS is held to one thread meanwhile, for the same reason.
    """
    return each(work, list(cut(rows, BLOCK_ROWS)))


def each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The result of `work` on every item, in the order of the items, on up to two threads."""
    workers = min(MOST_WORKERS, os.cpu_count() or 1, len(items))
    with one_blas_thread():
        if workers < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it BLAS and LAPACK use one thread: small matrices are slower on several, and bits may differ."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    # Finding the loaded BLAS takes milliseconds, a small fit less; the answer does not change while we run.
    return ThreadpoolController()
