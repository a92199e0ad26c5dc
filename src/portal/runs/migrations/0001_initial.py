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
        ("uploads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("check", "Check of an upload"),
                            ("run", "Run of the engine"),
                            ("feasibility", "Feasibility study"),
                        ],
                        max_length=12,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=portal.config.clock.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("worker", models.CharField(blank=True, max_length=40)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("stage", models.CharField(blank=True, max_length=80)),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True, help_text="A sentence for people; never a value from anybody's record.")),
                (
                    "found",
                    models.JSONField(
                        default=dict, help_text="What the engine reported: the release's status and verdict, hashes."
                    ),
                ),
                (
                    "output_sha256",
                    models.CharField(blank=True, help_text="Of every file of the output (runs/output.py).", max_length=64),
                ),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="requests.planversion",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="requests.request"),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="uploads.upload",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Pair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("number", models.PositiveIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("person_id", models.CharField(max_length=40)),
                ("rule", models.CharField(max_length=40)),
                ("probability", models.FloatField()),
                ("compared", models.JSONField()),
                ("in_sample", models.BooleanField(help_text="Two people decide on it, each without seeing the other's answer.")),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="pairs", to="runs.job")),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PairDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=portal.config.clock.now)),
                ("accept", models.BooleanField()),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "pair",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="runs.pair"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "asked_at"], name="job_queue"),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("queued", "running")), models.Q(("kind", "check"), _negated=True)),
                fields=("request", "kind"),
                name="one_run_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "running"), _negated=True), models.Q(("worker", ""), _negated=True), _connector="OR"
                ),
                name="running_has_a_worker",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairdecision",
            constraint=models.UniqueConstraint(fields=("pair", "by"), name="one_decision_each"),
        ),
    ]
