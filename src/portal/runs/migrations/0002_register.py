"""Jobs that adopt a cleared run into the register."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.audit.guards import Guarded, Lifted
from portal.review import guards


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0002_guards"),
        ("runs", "0001_initial"),
        ("uploads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Lifted(guards),
        migrations.AddField(
            model_name="job",
            name="run",
            field=models.ForeignKey(
                blank=True,
                help_text="The run that is adopted.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adoptions",
                to="runs.job",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("check", "Check of an upload"),
                    ("run", "Run of the engine"),
                    ("feasibility", "Feasibility study"),
                    ("register", "Adoption into the register"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "register"), ("run__isnull", False)),
                    models.Q(models.Q(("kind", "register"), _negated=True), ("run", None)),
                    _connector="OR",
                ),
                name="adopts_a_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "register"), ("state", "running")), fields=("kind",), name="one_adoption_at_a_time"
            ),
        ),
        Guarded(guards),
    ]
