"""`python -m portal worker`: does the jobs of the queue until it is told to stop (Ctrl-C or SIGTERM)."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from portal.runs.worker import leftover_work, new_worker, work, work_once


class Command(BaseCommand):
    """The worker."""

    help = "Does the jobs of the queue, and what has a date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--once: what is in the queue now, then stop."""
        parser.add_argument("--once", action="store_true", help="do what is in the queue now, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Works."""
        leftover_work()
        worker = new_worker()
        if once:
            while work_once(worker):
                pass
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"{worker.actor_id} is waiting for jobs.")
        work(worker, stop)
