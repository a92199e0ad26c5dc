"""The tables as they began (made by makemigrations)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(choices=[("act", "something was done"), ("look", "something was looked at")], max_length=4),
                ),
                (
                    "actor",
                    models.CharField(
                        help_text="Random identifier of the person, or the name of a part of the system.", max_length=40
                    ),
                ),
                ("verb", models.CharField(max_length=60)),
                ("subject", models.CharField(help_text="kind:identifier", max_length=80)),
                (
                    "request",
                    models.CharField(blank=True, help_text="Identifier of the request that it is about, if any.", max_length=40),
                ),
                ("facts", models.JSONField(default=dict)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ["seq"],
                "indexes": [
                    models.Index(fields=["request", "seq"], name="audit_request"),
                    models.Index(fields=["subject", "seq"], name="audit_subject"),
                    models.Index(fields=["actor", "seq"], name="audit_actor"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["act", "look"])), name="audit_kind_known")
                ],
            },
        ),
    ]
