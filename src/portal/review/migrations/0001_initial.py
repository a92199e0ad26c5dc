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
        ("runs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=portal.config.ids.new_id, editable=False, max_length=40, unique=True)),
                ("number", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("release_sha256", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField(default=portal.config.clock.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("cleared", "Cleared"), ("returned", "Returned"), ("void", "Void: the output was changed")],
                        max_length=8,
                    ),
                ),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="runs.job")),
                (
                    "opened_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="requests.request"),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content_sha256", models.CharField(max_length=64)),
                ("release_sha256", models.CharField(max_length=64)),
                ("cleared_at", models.DateTimeField(default=portal.config.clock.now)),
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clearance", to="review.round"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("approve", models.BooleanField()),
                ("checklist", models.JSONField(help_text="Item of the checklist: whether it holds.")),
                ("comment", models.TextField(blank=True)),
                ("voted_at", models.DateTimeField(default=portal.config.clock.now)),
                (
                    "reviewer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "round",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="review.round"),
                ),
            ],
            options={
                "ordering": ["voted_at", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="round_number_once"),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("request",), name="one_open_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("round", "reviewer"), name="one_vote_each"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("approve", True), models.Q(("comment", ""), _negated=True), _connector="OR"),
                name="a_return_says_why",
            ),
        ),
    ]
