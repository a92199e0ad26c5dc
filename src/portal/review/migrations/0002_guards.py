"""What the database itself refuses from here on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from portal.audit.guards import AppendOnly, Guarded
from portal.review import guards


class Migration(migrations.Migration):
    """Votes and clearances stand, and votes obey the rules of two blind reviewers."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("review", "0001_initial")]
    operations: ClassVar[list[Any]] = [AppendOnly("review_vote"), AppendOnly("review_clearance"), Guarded(guards)]
