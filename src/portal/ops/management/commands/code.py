"""`python -m portal code KEY`: the code that an authenticator app would show now; for the demonstration."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """A code."""

    help = "The six digits that an authenticator app shows now for a key; refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The key."""
        parser.add_argument("key")

    def handle(self, *args: Any, key: str, **options: Any) -> None:
        """Prints it."""
        if settings.ENVIRONMENT.is_production:
            raise CommandError("Use your own authenticator app.")
        self.stdout.write(code_now(key))


def code_now(key: str) -> str:
    """The code of this half minute."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(key, counters[len(counters) // 2]))
