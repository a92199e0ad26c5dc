"""What the database itself refuses from here on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):
    """Registered plans stand."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("requests", "0001_initial")]
    operations: ClassVar[list[Any]] = [AppendOnly("requests_planversion")]
