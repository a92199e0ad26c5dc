"""The tables as they began (made by makemigrations)."""

import django.db.models.deletion
import portal.config.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("values", models.JSONField(default=dict)),
                ("path", models.CharField(max_length=200)),
                ("request", models.CharField(blank=True, max_length=40)),
                ("written_at", models.DateTimeField(default=portal.config.clock.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("sent_at", None)), fields=["written_at"], name="notice_unsent")],
            },
        ),
    ]
