"""`python -m portal database rights|check`: the rights of the application's roles on PostgreSQL, as SQL or at once; and whether
the role that is connected has only those."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from portal.ops.rights import faults, give, is_role_name, own_schema, statements


class Command(BaseCommand):
    """Roles of the database."""

    help = (
        "rights: the SQL that gives the application's roles their rights (--apply runs it, as the owner); "
        "check: whether the connected role has only those"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, for which roles."""
        parser.add_argument("do", choices=("rights", "check"))
        parser.add_argument("--role", action="append", dest="roles", help="a role; default datalab_web and datalab_worker")
        parser.add_argument("--apply", action="store_true", help="run the SQL instead of printing it")

    def handle(self, *args: Any, do: str, roles: list[str] | None, apply: bool, **options: Any) -> None:
        """Does it; a role that can do too much is an error."""
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles. Set DATABASE_URL; a laptop's one file has no rights to share out.")
        names = tuple(roles or ("datalab_web", "datalab_worker"))
        if bad := [name for name in names if not is_role_name(name)]:
            raise CommandError(f"{len(bad)} names of roles hold something else than small letters, digits and underscores.")
        if do == "check":
            self._check()
        elif apply:
            with transaction.atomic():
                give(connection, names)
            self.stdout.write(f"Rights were given to {' and '.join(names)}.")
        else:
            for statement in statements(own_schema(connection), names):
                self.stdout.write(f"{statement};")

    def _check(self) -> None:
        found = list(faults(connection))
        for fault in found:
            self.stdout.write(fault)
        if found:
            raise CommandError(f"The connected role can do {len(found)} things that it should not. See docs/portal.md.")
        self.stdout.write("The connected role has no more rights than it needs.")
