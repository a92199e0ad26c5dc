"""`make bench`: time and memory of the engine's parts, of whole processes, and of what others use, beside what is to be reached.

Wall time depends on what else the machine does; the processor seconds (of all threads) and the ratios within one run depend on
it less. `--only` picks sections, `--largest` adds 3,000,000 and 10,000,000 rows and the long run of lifelines.
"""

from __future__ import annotations

import argparse
import compileall
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.jobs import bench_evaluate, bench_help, bench_run
from bench.library import bench_library
from bench.parts import bench_parts
from bench.peers import bench_peers
from bench.portal import bench_portal
from bench.queue import bench_queue
from bench.report import bench_report
from bench.series import bench_eleven, bench_series


def sections(asked: argparse.Namespace, work: Path) -> dict[str, Callable[[], None]]:
    """Each section's job by its name, in the order of the table."""
    runs, largest = asked.runs, asked.largest
    return {
        "help": lambda: bench_help(runs),
        "parts": lambda: bench_parts(runs, largest=largest),
        "series": lambda: bench_series(work, runs, largest=largest),
        "eleven": lambda: bench_eleven(work, runs),
        "peers": lambda: bench_peers(work, runs, largest=largest),
        "evaluate": lambda: bench_evaluate(work, runs),
        "report": lambda: bench_report(work, runs),
        "run": lambda: bench_run(work, asked.people, runs),
        "portal": lambda: bench_portal(work),
        "queue": lambda: bench_queue(work),
        "library": lambda: bench_library(work),
    }


def main() -> None:
    """Runs every section, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("help", "parts", "series", "eleven", "peers", "evaluate", "report", "run", "portal", "queue", "library")
    parser.add_argument("--only", nargs="+", choices=names)
    parser.add_argument("--runs", type=int, default=3, help="times each job is run")
    parser.add_argument("--largest", action="store_true", help="also the largest sizes (10 GB of memory, some minutes)")
    parser.add_argument("--people", type=int, default=100_000, help="central people of `run`")
    asked = parser.parse_args()
    compileall.compile_dir("src", quiet=1)  # as a package is that was installed; where bytecode is not written, each run would
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f} at the start" + (": a busy machine" if load > 1 else ""))
    with tempfile.TemporaryDirectory(prefix="datalab-bench-") as folder:
        for name, job in sections(asked, Path(folder)).items():
            if not asked.only or name in asked.only:
                job()


if __name__ == "__main__":
    main()
