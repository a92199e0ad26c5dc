"""The portal's pages at 10,000 requests and 1,000,000 audit events: server time of each page, 95th percentile.

Wall time depends on what else the machine does, processor time of the page less; the database's own is not in the latter. The
rows are put in by SQL (their chain does not verify); the pages are asked for by Django's own test client, which has the whole
way of a request but the network.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.timing import section

REQUESTS, EVENTS, TIMES = 10_000, 1_000_000, 40
CHECK = (
    "/check?participants=213&offenders=all&first-day=1&first-month=1&first-year=2010&last-day=1&last-month=1&last-year=2012"
    "&ends=yes&identity=full&basis=yes"
)
PAGES = {
    "public": ("/", CHECK),
    "provider": ("/requests/", "/requests/{id}/", "/requests/{id}/history", "/requests/{id}/notes", "/requests/{id}/answers"),
    "analyst": ("/requests/queue", "/requests/queue?show=ended&page=200", "/requests/queue?find=Trust", "/requests/{id}/"),
    "steward": ("/lab/", "/lab/people", "/lab/audit", "/lab/audit?page=20000"),
}


def bench_portal(work: Path) -> None:
    """In a process of its own, with a home of its own; on PostgreSQL where DATABASE_URL says so (scripts/postgres.sh)."""
    section("portal: pages at 10,000 requests and 1,000,000 audit events (under 200 ms)")
    environment = {**os.environ, "DATALAB_HOME": str(work / "portal"), "DJANGO_SETTINGS_MODULE": "portal.config.testing"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path("src").resolve()), str(Path.cwd())])
    subprocess.run([sys.executable, "-m", "bench.portal"], env=environment, check=True)


def _fill() -> tuple[str, dict[str, object]]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from tests.portal.lab import make_lab

    from portal.accounts.models import Organisation
    from portal.audit.models import AuditHead
    from portal.requests.models import Request
    from portal.requests.states import State

    call_command("migrate", verbosity=0)
    lab = make_lab()
    provider = lab.person("provider")
    trusts = [provider.organisation, *Organisation.objects.bulk_create(Organisation(name=f"Trust {n}") for n in range(300))]
    states = list(State)
    made = Request.objects.bulk_create(
        Request(
            organisation=trusts[n % len(trusts)], created_by=provider, state=states[n % len(states)], reference=f"X{n:08}",
            submitted_at="2026-01-01T00:00:00Z", criterion="too_few", answers={"title": f"Programme {n}"},
        )
        for n in range(REQUESTS)
    )  # fmt: skip
    own = next(one for one in made if one.organisation_id == provider.organisation.id)
    first = AuditHead.objects.get().seq
    with connection.cursor() as cursor:
        cursor.execute(_looks("lpad(to_hex({}), 64, '0')" if connection.vendor == "postgresql" else "printf('%%064x', {})"),
                       [EVENTS // REQUESTS - 1, first, provider.public_id, "0" * 64])  # fmt: skip
        cursor.execute("ANALYZE")
    AuditHead.objects.update(seq=first + EVENTS)
    return own.public_id, {"lab": lab, "home": settings.HOME}


def _looks(hexadecimal: str) -> str:
    """SQL that puts in as many looks at each request as asked for."""
    return f"""
        WITH RECURSIVE times(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM times WHERE i < %s),
        numbered AS (SELECT public_id, row_number() OVER () AS n FROM requests_request CROSS JOIN times)
        INSERT INTO audit_auditevent (seq, at, kind, actor, verb, subject, request, facts, previous, hash)
        SELECT %s + n, '2026-01-01 00:00:00+00:00', 'look', %s, 'request.look', 'request:' || public_id, public_id, '{{}}', %s,
        {hexadecimal.format("n")} FROM numbered
    """


def main() -> None:
    """Fills the tables and prints a line a page."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    began = time.perf_counter()
    own, made = _fill()
    print(f"{connection.vendor}: filled in {time.perf_counter() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
    for who, pages in PAGES.items():
        client = Client()
        if who != "public":
            client.force_login(made["lab"].person(who))  # type: ignore[attr-defined]
        for page in pages:
            spent, worked = [], []
            for _ in range(TIMES):
                start, busy = time.perf_counter(), time.process_time()
                answer = client.get(page.format(id=own))
                spent.append(1000 * (time.perf_counter() - start))
                worked.append(1000 * (time.process_time() - busy))
                if answer.status_code != 200:
                    raise SystemExit(f"{page}: {answer.status_code}")
            ends = [statistics.quantiles(one, n=20)[-1] for one in (spent, worked)]
            line = f"{statistics.median(spent):6.0f} ms median {ends[0]:6.0f} ms 95th percentile"
            print(f"  {who:<9} {page[:38]:<38} {line} ({ends[1]:.0f} ms of our own processor)")


if __name__ == "__main__":
    main()
