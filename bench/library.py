"""The library at 10,000 analyses: server time of searches (95th percentile), of each chart of the dashboard and its payload.

The analyses are kept as published ones are; pages are asked for by Django's own test client, which has
the whole way of a request but the network. A chart is timed when it is drawn for the first time, and when it is asked for again.
"""

from __future__ import annotations

import gzip
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.timing import section

ANALYSES, TIMES = 10_000, 20
SEARCHES = (
    "", "?q=workshop+trust", "?kind=education", "?kind=education&verdict=lower&setting=custody&sort=difference",
    "?outcome=frequency",
    "?organisation=trust+17&first=2015&last=2020", "?least=500&strength=3&sort=people", "?page=400", "?q=nothing+like+it",
)  # fmt: skip
PROGRAMS = (
    "/library/api/v1/results?kind=education", "/library/api/v1/results?size=100&page=90", "/library/api/v1/synthesis",
    "/library/download.csv?kind=education", "/library/download.json?outcome=every",
)  # fmt: skip
VIEWS = ("forest", "funnel", "size", "time")


def bench_library(work: Path) -> None:
    """In a process of its own, with a home of its own; on PostgreSQL where DATABASE_URL says so (scripts/postgres.sh)."""
    section("library: 10,000 analyses (search under 100 ms at the server, dashboard under 2 s)")
    environment = {**os.environ, "DATALAB_HOME": str(work / "library"), "DJANGO_SETTINGS_MODULE": "portal.config.testing"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path("src").resolve()), str(Path.cwd())])
    subprocess.run([sys.executable, "-m", "bench.library"], env=environment, check=True)


def _records() -> list[object]:
    """Two results for each analysis, of 3,000 organisations and nine kinds; a third has no figure."""
    import random
    from dataclasses import replace

    from datalab.evidence import EffectSize, read_published

    rng = random.Random(1)
    base = read_published()[0]
    kinds = sorted({one.kind for one in read_published()})
    made = []
    for n in range(ANALYSES):
        people = rng.randint(60, 5000)
        se, true = 0.9 / people**0.5, rng.gauss(-0.03, 0.03)
        estimate = rng.gauss(true, se)
        verdict = "more_people" if abs(estimate) < 1.96 * se else "lower" if estimate < 0 else "higher"
        effects = () if n % 3 == 0 else (EffectSize("risk_difference", estimate, se),)
        organisation = f"Trust {n % 3000}"
        common = replace(
            base, study=organisation, programme=f"Workshop {n}", organisation=organisation, kind=kinds[n % 9], verdict=verdict,
            setting=("custody", "community", "both")[n % 3], people=("", "men", "women", "young people")[n % 4],
            published=f"{2014 + n % 13}-{1 + n % 12:02}", n_treated=people, effects=effects, low=None, high=None,
            reason="" if effects else "evidence.reasons.no_figures",
        )  # fmt: skip
        made += [
            replace(common, id=f"R{n}/rate"),
            replace(
                common,
                id=f"R{n}/frequency",
                outcome="frequency",
                role="secondary",
                effects=(),
                reason="evidence.reasons.not_a_rate",
            ),
        ]
    return made


def _fill() -> float:
    from django.core.management import call_command
    from django.db import connection

    from portal.library.entries import LIBRARY, load_published

    call_command("migrate", verbosity=0)
    records = _records()
    began = time.perf_counter()
    load_published(by=LIBRARY, records=tuple(records), digest="made")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return time.perf_counter() - began


def _milliseconds(path: str) -> tuple[tuple[float, float], bytes]:
    """Wall and processor milliseconds of a page, and the page."""
    from django.core.cache import caches
    from django.test import Client

    caches["near"].clear()
    client, start, busy = Client(), time.perf_counter(), time.process_time()
    answer = client.get(path)
    spent = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - busy)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    return spent, b"".join(answer) if answer.streaming else answer.content


def main() -> None:
    """Fills the tables and prints a line a page."""
    import django

    django.setup()
    from django.db import connection

    from portal.library.drawing import start_drawer

    print(f"{connection.vendor}: {ANALYSES:,} analyses kept in {_fill():.0f} s")
    start_drawer()  # as a server does
    print("                                                                            wall ms  processor ms")
    _line("first page after a change, every synthesis made anew", _milliseconds("/library/")[0])
    every = []
    for search in SEARCHES:
        spent = [_milliseconds(f"/library/{search or '?page=1'}")[0] for _ in range(TIMES)]
        every += spent
        _line(f"/library/{search}", _ninety_fifth(spent))
    _line("all searches, 95th percentile", _ninety_fifth(every))
    for view in VIEWS:
        drawn, content = _milliseconds(f"/library/dashboard?view={view}")
        again = _ninety_fifth([_milliseconds(f"/library/dashboard?view={view}")[0] for _ in range(5)])
        size = f"{len(content) / 1000:.0f} kB, {len(gzip.compress(content)) / 1000:.0f} compressed"
        _line(f"dashboard {view}, drawn anew ({size})", drawn)
        _line(f"dashboard {view}, again", again)
    for path in PROGRAMS:
        spent_once, content = _milliseconds(path)
        _line(f"{path} ({len(content) / 1000:.0f} kB)", spent_once)


def _ninety_fifth(spent: list[tuple[float, float]]) -> tuple[float, float]:
    wall, busy = (statistics.quantiles(column, n=20)[-1] for column in zip(*spent, strict=True))
    return wall, busy


def _line(what: str, spent: tuple[float, float]) -> None:
    print(f"  {what:<72} {spent[0]:8.0f} {spent[1]:8.0f}", flush=True)


if __name__ == "__main__":
    main()
