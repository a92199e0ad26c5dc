"""What the database itself refuses from here on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):
    """Published reports and their versions stand."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("publishing", "0001_initial")]
    operations: ClassVar[list[Any]] = [AppendOnly("publishing_report"), AppendOnly("publishing_version")]
