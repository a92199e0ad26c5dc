"""`python -m portal demo`: the made-up country and the demonstration's accounts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.config.refusals import Refused
from portal.ops.demo import Account, load_demo


class Command(BaseCommand):
    """The demonstration."""

    help = "Makes a country of made-up people and an account for each kind of person; refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large a country."""
        parser.add_argument("--people", type=int, default=50_000, help="people in the country (default 50,000)")
        parser.add_argument("--seed", type=int, default=1, help="of the country")

    def handle(self, *args: Any, people: int, seed: int, **options: Any) -> None:
        """Loads it and prints the accounts, once."""
        try:
            made = load_demo(people, seed)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        for line in account_lines(made):
            self.stdout.write(line)


def account_lines(made: tuple[Account, ...]) -> list[str]:
    """The accounts as a table, with what to do with it."""
    if not made:
        return ["The accounts were printed at the first start. To begin again, remove the home folder."]
    width = max(len(one.email) for one in made)
    rows = [f"  {one.email:<{width}}  {one.password}  {one.secret}" for one in made]
    head = "Accounts, printed this once (address, password, key for an authenticator app):"
    return [head, *rows, "A code for a key: .venv/bin/python -m portal code KEY"]
