"""`python -m portal audit verify|export|head`: the chain checked, written out, its head kept outside the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.audit.verify import export, verify, write_head


class Command(BaseCommand):
    """The audit."""

    help = "verify: checks every event of the chain; export: JSON lines; head: keeps the last hash outside the database"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and the file of heads."""
        parser.add_argument("do", choices=("verify", "export", "head"))
        parser.add_argument("--heads", type=Path, default=settings.HOME / "audit" / "heads.jsonl", help="file of the kept heads")

    def handle(self, *args: Any, do: str, heads: Path, **options: Any) -> None:
        """Does it; an audit that does not hold is an error."""
        if do == "export":
            for line in export():
                self.stdout.write(line)
        elif do == "head":
            write_head(heads)
            self.stdout.write(f"Kept in {heads.name}.")
        else:
            found = verify(heads)
            for fault in found.faults:
                self.stdout.write(fault)
            if found.faults:
                raise CommandError(f"The audit does not hold: {len(found.faults)} faults in {found.events} events.")
            self.stdout.write(f"The audit holds: {found.events} events, head {found.head}.")
