"""`python -m portal serve`: everything on one machine: database, demonstration, web and worker, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.library.entries import install_published
from portal.ops.demo import load_demo
from portal.ops.management.commands.demo import account_lines


class Command(BaseCommand):
    """The portal on a laptop."""

    help = "Sets up, loads the demonstration, starts web and worker, and prints the address and the accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and how large a country."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--people", type=int, default=50_000, help="people in the made-up country")
        parser.add_argument("--seconds", type=float, default=0, help="stop by itself after so long; 0: not")

    def handle(self, *args: Any, port: int, people: int, seconds: float, **options: Any) -> None:
        """Starts both and waits; when one ends, so does the other."""
        if settings.ENVIRONMENT.is_production:
            raise CommandError(
                "A server runs gunicorn and workers by itself: see docs/portal.md. This command loads a demonstration."
            )
        call_command("migrate", verbosity=0)
        self.stdout.write("Making a country of made-up people (at the first start only) ...")
        made = load_demo(people, 1)
        install_published()
        address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "DATALAB_ADDRESS": address}
        gunicorn = [
            "-m",
            "gunicorn",
            "portal.config.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--log-level",
            "warning",
        ]
        started = [
            subprocess.Popen([sys.executable, *gunicorn], env=environment),
            subprocess.Popen([sys.executable, "-m", "portal", "worker"], env=environment),
        ]
        for line in account_lines(made):
            self.stdout.write(line)
        self.stdout.write(f"The portal is at {address} - stop it with Ctrl-C. Letters are files in {settings.EMAIL_FILE_PATH}.")
        self.stdout.flush()
        self._wait(started, time.monotonic() + seconds if seconds else None)

    @staticmethod
    def _wait(started: list[subprocess.Popen[bytes]], deadline: float | None) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            with suppress(KeyboardInterrupt):
                while all(one.poll() is None for one in started) and (deadline is None or time.monotonic() < deadline):
                    time.sleep(0.5)
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait()
