"""The tables as they began (made by makemigrations)."""

import django.db.models.deletion
import portal.config.clock
import portal.config.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("requests", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("received_at", models.DateTimeField(default=portal.config.clock.now)),
                ("kind", models.CharField(help_text="The file's ending; its name is not kept.", max_length=5)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(help_text="Of the file as it was sent: the provider's receipt.", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being checked"),
                            ("usable", "Checked"),
                            ("unusable", "Cannot be used"),
                            ("replaced", "Replaced"),
                            ("destroyed", "Destroyed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("submitted", models.PositiveIntegerField(blank=True, null=True)),
                ("readable", models.PositiveIntegerField(blank=True, null=True)),
                ("faults", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "received_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="requests.request"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "usable"))), fields=("request",), name="one_upload_counts"
                    )
                ],
            },
        ),
    ]
