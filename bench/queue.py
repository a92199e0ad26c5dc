"""Twenty queued runs of the real engine, sealed, by two worker processes: whether one is lost or done twice, and how long.

Not a test: it takes many minutes. On PostgreSQL where DATABASE_URL says so (scripts/postgres.sh), where two workers truly meet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from bench.timing import section

RUNS, WORKERS, PEOPLE, STUDY = 20, 2, 5_000, "northern-mentoring"


def bench_queue(work: Path) -> None:
    """In a process of its own, with a home of its own."""
    section(f"portal: {RUNS} queued runs, {WORKERS} workers, {PEOPLE:,} central people (none lost, none twice)")
    environment = {**os.environ, "DATALAB_HOME": str(work / "queue"), "DJANGO_SETTINGS_MODULE": "portal.config.testing"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path("src").resolve()), str(Path.cwd())])
    subprocess.run([sys.executable, "-m", "bench.queue"], env=environment, check=True)


def _queue(home: Path) -> list[Any]:
    """A country, a lab, and as many requests with a registered plan and a run that waits."""
    from django.core.management import call_command
    from tests.portal import lab as portal_lab

    from datalab.synthetic import make_world, write_world
    from portal.runs.actions import queue_run

    country = home / "country"
    write_world(make_world(PEOPLE, 1, replicates=5), country)
    call_command("migrate", verbosity=0)
    (home / "central").mkdir(exist_ok=True)
    lab = portal_lab.make_lab()
    portal_lab.load_records(lab, country / "central")
    plan = tomllib.loads((country / "studies" / f"{STUDY}.toml").read_text(encoding="utf-8"))["programme"]
    portal_lab.CSV = (country / "uploads" / f"{STUDY}.csv").read_bytes()
    portal_lab.ANSWERS |= {name: str(plan[name]) for name in ("setting", "start", "end")} | {"analyses": []}
    return [queue_run(by=lab.person("analyst"), request=lab.planned()) for _ in range(RUNS)]


def _work(most: float) -> float:
    """Starts the workers, waits until nothing is left to do, ends them; the seconds that it took."""
    from portal.runs.models import Job

    began = time.perf_counter()
    workers = [subprocess.Popen([sys.executable, "-m", "portal", "worker"], stdout=subprocess.DEVNULL) for _ in range(WORKERS)]
    waiting = Job.objects.filter(kind="run", state__in=("queued", "running"))
    try:
        while waiting.exists() and time.perf_counter() - began < most:
            time.sleep(1)
    finally:
        for one in workers:
            one.terminate()
        for one in workers:
            one.wait()
    return time.perf_counter() - began


def main(most: float = 3600) -> None:
    """Prints what became of every run. Ends with an error where one was lost or done twice."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from portal.audit.models import AuditEvent
    from portal.audit.verify import verify
    from portal.runs.models import Job
    from portal.runs.output import content_sha256, output_folder

    jobs = _queue(Path(settings.HOME))
    seconds = _work(most)
    done = list(Job.objects.filter(id__in=[job.id for job in jobs]))
    events = Counter(AuditEvent.objects.filter(verb__in=("job.take", "job.finish"), actor__startswith="worker:").exclude(
        actor="worker:test").values_list("verb", flat=True))  # fmt: skip
    whole = sum(job.state == "done" and content_sha256(output_folder(job)) == job.output_sha256 for job in done)
    print(f"{connection.vendor}: {len(done)} runs in {seconds:.0f} s, load {os.getloadavg()[0]:.1f}")
    print(f"  states {dict(Counter(job.state for job in done))}, tries {dict(Counter(job.tries for job in done))}")
    print(f"  by worker {sorted(Counter(job.worker for job in done).values())}, outputs whole {whole}")
    print(f"  begun {events['job.take']}, finished {events['job.finish']}; audit: {len(verify().faults)} faults")
    said = next((job.error for job in done if job.error), "no error")
    print(f"  statuses {dict(Counter(job.found.get('status') for job in done))}, {said}")
    if whole != RUNS or events["job.take"] != RUNS or events["job.finish"] != RUNS:
        raise SystemExit("a run was lost, or done twice")


if __name__ == "__main__":
    main()
