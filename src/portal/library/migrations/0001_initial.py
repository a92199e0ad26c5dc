"""The tables as they began (made by makemigrations)."""

import django.db.models.deletion
import portal.config.clock
import portal.library.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamp", models.CharField(default=portal.library.models.new_stamp, max_length=16)),
                ("changed_at", models.DateTimeField(default=portal.config.clock.now)),
                (
                    "published_sha256",
                    models.CharField(blank=True, help_text="Of the packaged published results as loaded.", max_length=64),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.CharField(max_length=60)),
                ("months", models.PositiveIntegerField()),
                ("role", models.CharField(max_length=10)),
                ("verdict", models.CharField(max_length=12)),
                (
                    "direction_only",
                    models.BooleanField(help_text="No figure could be read at the source: shown as a direction, never a number."),
                ),
                ("unit", models.CharField(blank=True, max_length=20)),
                ("favourable", models.CharField(max_length=8)),
                ("n_treated", models.PositiveIntegerField(blank=True, null=True)),
                ("treated", models.FloatField(blank=True, null=True)),
                ("comparison", models.FloatField(blank=True, null=True)),
                ("difference", models.FloatField(blank=True, null=True)),
                ("se", models.FloatField(blank=True, null=True)),
                ("low", models.FloatField(blank=True, null=True)),
                ("high", models.FloatField(blank=True, null=True)),
                (
                    "strength",
                    models.PositiveSmallIntegerField(blank=True, help_text="1 to 5; none: no verdict to grade.", null=True),
                ),
                ("rules_met", models.JSONField(default=list)),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why there is no usable number (a wording key of the engine).", max_length=60
                    ),
                ),
                ("is_main", models.BooleanField(default=False, help_text="The one result that a list of analyses shows.")),
                ("counts", models.BooleanField(default=True)),
                ("published_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Analysis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.SlugField(help_text="Of its address; the versions of one analysis share it.", max_length=160)),
                ("version", models.PositiveIntegerField(default=1)),
                ("permanent", models.CharField(help_text="The report it belongs to.", max_length=80)),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="The part of the people, of an analysis that is not the main one.", max_length=120
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[("current", "counts"), ("replaced", "a later version counts"), ("withdrawn", "does not count")],
                        default="current",
                        max_length=9,
                    ),
                ),
                ("standing_since", models.DateTimeField(default=portal.config.clock.now)),
                ("why", models.TextField(blank=True, help_text="Why it was replaced or withdrawn.")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("published", "the real service's"),
                            ("made_here", "made by this lab"),
                            ("demo", "of made-up people"),
                        ],
                        max_length=9,
                    ),
                ),
                ("is_effect", models.BooleanField(default=True, help_text="False: a description, which no synthesis counts.")),
                ("programme", models.CharField(max_length=300)),
                ("programme_name", models.SlugField(help_text="Of the programme's page.", max_length=160)),
                ("organisation", models.CharField(blank=True, max_length=200)),
                ("organisation_name", models.SlugField(help_text="Of the organisation's page.", max_length=160)),
                ("kind", models.CharField(max_length=60)),
                ("setting", models.CharField(blank=True, max_length=20)),
                ("people", models.CharField(blank=True, max_length=120)),
                ("published", models.CharField(blank=True, help_text="As it is known: a year, a month or a day.", max_length=10)),
                (
                    "published_on",
                    models.DateField(blank=True, help_text="The first day that it can mean; to sort by.", null=True),
                ),
                ("year", models.PositiveIntegerField(blank=True, null=True)),
                ("address", models.CharField(blank=True, help_text="Of the report.", max_length=500)),
                ("told_by", models.TextField(blank=True, help_text="Where a published figure was read.")),
                ("note", models.TextField(blank=True)),
                ("curves", models.JSONField(default=list)),
                ("words", models.TextField(help_text="What a search for words looks through.")),
                ("kept_at", models.DateTimeField(default=portal.config.clock.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["permanent"], name="analysis_report"),
                    models.Index(fields=["standing", "kind"], name="analysis_kind"),
                    models.Index(fields=["standing", "organisation_name"], name="analysis_organisation"),
                    models.Index(fields=["standing", "programme_name"], name="analysis_programme"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("name", "version"), name="one_row_a_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("standing", "current")), fields=("name",), name="one_version_counts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["published", "made_here", "demo"])), name="library_source_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ["current", "replaced", "withdrawn"])), name="library_standing_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "result",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="evidence",
                        serialize=False,
                        to="library.result",
                    ),
                ),
                ("document", models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name="result",
            name="analysis",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="results", to="library.analysis"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["counts", "outcome", "months", "verdict"], name="result_outcome"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["analysis", "outcome"], name="result_of_analysis"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["counts", "is_main", "verdict"], name="result_main"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["counts", "is_main", "published_on"], name="result_newest"),
        ),
    ]
