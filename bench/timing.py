"""Times a process or a call, and prints one line of the table for it."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

COLUMNS = f"{'job':66} {'median s':>8} {'range':>13} {'CPU s':>7} {'peak MB':>8}  to be reached"


@dataclass(frozen=True)
class Timing:
    """Wall seconds, processor seconds (user and system, all threads) and peak memory (MB) of one run."""

    seconds: float
    processor: float
    megabytes: float


def time_command(command: Sequence[str]) -> Timing:
    """Runs a command to its end and measures the whole process. Raises RuntimeError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read().decode() if process.stderr else ""  # to the end, so that the pipe never fills
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ended with {process.returncode}: {errors[-2000:]}")
    return Timing(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def time_call(work: Callable[[], object]) -> Timing:
    """Measures a call inside this process; its memory is the peak of the process so far."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    return Timing(seconds, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def repeat(measure: Callable[[], Timing], runs: int) -> list[Timing]:
    """The timings of so many runs, one after the other."""
    return [measure() for _ in range(runs)]


def median(timings: Sequence[Timing]) -> float:
    """Median of the wall seconds."""
    return statistics.median(timing.seconds for timing in timings)


def section(title: str) -> None:
    """The heading of a part of the table."""
    print(f"\n{title}\n{COLUMNS}\n{'-' * 126}", flush=True)


def line(name: str, timings: Sequence[Timing], reach: str = "") -> None:
    """One line of the table: median and range of wall seconds, least processor seconds, most megabytes."""
    spread = f"{min(timing.seconds for timing in timings):.2f}–{max(timing.seconds for timing in timings):.2f}"
    processor = min(timing.processor for timing in timings)
    memory = max(timing.megabytes for timing in timings)
    print(f"{name:66} {median(timings):8.2f} {spread:>13} {processor:7.2f} {memory:8.0f}  {reach}", flush=True)
