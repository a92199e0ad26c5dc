"""What is reviewed and published of a request: an analysis, or a feasibility study, which was never linked to an outcome."""

from __future__ import annotations

from django.db import migrations, models

from portal.audit.guards import Guarded, Lifted
from portal.review import guards

STATES = (
    "in_review", "returned", "cleared", "fact_check", "cleared_final", "scheduled", "pre_release", "published", "corrected",
    "stopped", "withdrawn",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("requests", "0002_guards"), ("review", "0003_clearance"), ("runs", "0002_register")]

    operations = [
        Lifted(guards),
        migrations.AddField(
            model_name="request",
            name="product",
            field=models.CharField(
                choices=[("evaluation", "Evaluation"), ("feasibility", "Feasibility study")],
                default="evaluation",
                help_text="What is reviewed and published.",
                max_length=11,
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("product", "evaluation"),
                    models.Q(("product", "feasibility"), ("state__in", STATES)),
                    _connector="OR",
                ),
                name="feasibility_is_never_linked",
            ),
        ),
        Guarded(guards),
    ]
