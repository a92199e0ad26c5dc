"""To whom results were opened during a fact check."""

import django.db.models.deletion
import portal.config.clock
import portal.config.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0002_guards"),
        ("review", "0003_clearance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QualityAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("role", models.CharField(max_length=120)),
                ("why", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField(default=portal.config.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clearance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opened_to", to="review.clearance"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("clearance", "user"), name="opened_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("user", models.F("opened_by")), _negated=True), name="not_opened_for_oneself"
                    ),
                ],
            },
        ),
    ]
