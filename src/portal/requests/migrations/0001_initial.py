"""The tables as they began (made by makemigrations)."""

import django.db.models.deletion
import portal.config.clock
import portal.config.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                (
                    "reference",
                    models.CharField(default=portal.config.ids.new_reference, editable=False, max_length=9, unique=True),
                ),
                ("created_at", models.DateTimeField(default=portal.config.clock.now)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("refused", "Refused"),
                            ("accepted", "Accepted"),
                            ("planned", "Plan registered"),
                            ("linked", "Linked"),
                            ("analysed", "Analysed"),
                            ("not_reportable", "No result can be reported"),
                            ("in_review", "In review"),
                            ("returned", "Returned by reviewers"),
                            ("cleared", "Cleared"),
                            ("fact_check", "Fact check"),
                            ("cleared_final", "Ready to schedule"),
                            ("scheduled", "Scheduled"),
                            ("pre_release", "Pre-release"),
                            ("published", "Published"),
                            ("corrected", "Published, corrected"),
                            ("stopped", "Publication stopped"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=16,
                    ),
                ),
                ("state_since", models.DateTimeField(default=portal.config.clock.now)),
                ("answers", models.JSONField(default=dict)),
                (
                    "criterion",
                    models.CharField(blank=True, help_text="The criterion that failed, of a refused request.", max_length=40),
                ),
                (
                    "reason",
                    models.TextField(blank=True, help_text="What was said with a refusal, a withdrawal, a return or a stop."),
                ),
                (
                    "own_words",
                    models.TextField(blank=True, help_text="The provider's own statement; it stands apart from the statistics."),
                ),
                ("data_destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="accounts.organisation"
                    ),
                ),
                (
                    "repeat_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="requests.request",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("registered_at", models.DateTimeField(default=portal.config.clock.now)),
                ("reason", models.TextField(blank=True)),
                (
                    "registered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="requests.request"),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("written_at", models.DateTimeField(default=portal.config.clock.now)),
                ("from_the_lab", models.BooleanField()),
                ("text", models.TextField()),
                (
                    "written_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="requests.request"),
                ),
            ],
            options={
                "ordering": ["written_at", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["state", "state_since"], name="request_queue"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["organisation", "created_at"], name="request_of_organisation"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "draft",
                            "submitted",
                            "refused",
                            "accepted",
                            "planned",
                            "linked",
                            "analysed",
                            "not_reportable",
                            "in_review",
                            "returned",
                            "cleared",
                            "fact_check",
                            "cleared_final",
                            "scheduled",
                            "pre_release",
                            "published",
                            "corrected",
                            "stopped",
                            "withdrawn",
                        ],
                    )
                ),
                name="state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True), models.Q(("criterion", ""), _negated=True), _connector="OR"
                ),
                name="refused_for_a_criterion",
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="plan_number_once"),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="amendment_says_why",
            ),
        ),
    ]
