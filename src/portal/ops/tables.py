"""The table of the cache that all processes share (sign-in throttling counts there)."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command


def make_cache_table(apps: Any, schema_editor: Any) -> None:
    """Makes it, if it is not there."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)
