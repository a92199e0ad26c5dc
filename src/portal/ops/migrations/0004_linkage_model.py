"""Linkage models that were proposed, and the one in force."""

import django.db.models.deletion
import portal.config.clock
import portal.config.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ops", "0003_thresholds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkageModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("version", models.CharField(help_text="As manifests of runs name it.", max_length=60)),
                ("text", models.TextField(blank=True, help_text="The file; empty for the engine's own model.")),
                ("sha256", models.CharField(max_length=64)),
                ("why", models.TextField()),
                ("proposed_at", models.DateTimeField(default=portal.config.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("accepted", models.BooleanField(blank=True, null=True)),
                ("is_current", models.BooleanField(default=False)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)), fields=("is_current",), name="one_model_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_model",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_current", False),
                            models.Q(("accepted", True), models.Q(("decided_by", None), _negated=True)),
                            _connector="OR",
                        ),
                        name="model_was_agreed",
                    ),
                ],
            },
        ),
    ]
