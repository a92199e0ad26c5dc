"""A clearance needs two approvals, in the database too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import Guarded
from portal.review import clearance_guard


class Migration(migrations.Migration):
    """From here on."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("review", "0002_guards")]
    operations: ClassVar[list[Any]] = [Guarded(clearance_guard)]
