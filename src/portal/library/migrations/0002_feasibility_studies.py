"""Feasibility studies beside analyses."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="analysis",
            name="answer",
            field=models.JSONField(default=dict, help_text="Of a feasibility study: what it found (entries.py); else empty."),
        ),
        migrations.AddField(
            model_name="analysis",
            name="product",
            field=models.CharField(
                choices=[("analysis", "analysis"), ("feasibility", "feasibility study")], default="analysis", max_length=11
            ),
        ),
        migrations.AddIndex(
            model_name="analysis",
            index=models.Index(fields=["standing", "product", "published_on"], name="analysis_product"),
        ),
    ]
