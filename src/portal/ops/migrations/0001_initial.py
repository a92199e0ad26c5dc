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
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("made_at", models.DateTimeField(default=portal.config.clock.now)),
                ("made_by", models.CharField(max_length=40)),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificate", to="requests.request"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CentralLoad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("folder", models.CharField(help_text="Below the home folder's `central`.", max_length=200)),
                (
                    "extracted_on",
                    models.DateField(help_text="The day the records were taken; ages and follow-up are counted to it."),
                ),
                ("synthetic", models.BooleanField()),
                ("rows", models.JSONField()),
                ("sha256", models.JSONField()),
                ("coverage", models.JSONField()),
                ("loaded_at", models.DateTimeField(default=portal.config.clock.now)),
                ("is_current", models.BooleanField(default=False)),
                (
                    "loaded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)), fields=("is_current",), name="one_current_load"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("give_role", "Give a role"),
                            ("take_role", "Take a role away"),
                        ],
                        max_length=10,
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=10)),
                ("why", models.TextField()),
                ("proposed_at", models.DateTimeField(default=portal.config.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("accepted", models.BooleanField(blank=True, null=True)),
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
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user", None),
                            models.Q(
                                models.Q(("proposed_by", models.F("user")), _negated=True),
                                models.Q(
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("user")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_for_themselves",
                    ),
                ],
            },
        ),
    ]
