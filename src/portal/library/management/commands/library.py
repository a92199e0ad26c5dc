"""`python -m portal library`: the real service's published results, loaded where they are not there yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.library.entries import install_published


class Command(BaseCommand):
    """The library's beginning."""

    help = "Loads the published results that come with the package into the library; run again, it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Loads them and says how many were new."""
        self.stdout.write(f"{install_published()} analyses were added to the library.")
