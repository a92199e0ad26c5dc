"""What the database itself refuses from here on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):
    """Events are only added."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0001_initial")]
    operations: ClassVar[list[Any]] = [AppendOnly("audit_auditevent")]
