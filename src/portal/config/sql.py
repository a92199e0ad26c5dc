"""Whether the database answers."""

from __future__ import annotations

from django.db import DatabaseError, connection


def database_answers() -> bool:
    """True where a question gets an answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
