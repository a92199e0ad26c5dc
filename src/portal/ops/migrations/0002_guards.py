"""What the database itself refuses from here on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import AppendOnly
from portal.ops.tables import make_cache_table


class Migration(migrations.Migration):
    """Certificates stand; the cache that all processes share has its table."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("ops", "0001_initial")]
    operations: ClassVar[list[Any]] = [
        AppendOnly("ops_certificate"),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
