"""Job orders and handovers are of one lot of an operation."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Existing rows become lot 1 of 1."""

    dependencies: ClassVar = [("workshop", "0002_times_go_to_orders")]
    operations: ClassVar = [
        migrations.AddField("joborder", "lot", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("joborder", "lots", models.PositiveSmallIntegerField(default=1)),
        migrations.RemoveConstraint("joborder", "workshop_one_job_order"),
        migrations.AddConstraint(
            "joborder",
            models.UniqueConstraint(
                fields=["operation", "lot"],
                condition=~models.Q(state="cancelled"),
                name="workshop_one_job_order",
            ),
        ),
        migrations.AddField("handover", "lot", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("handover", "lots", models.PositiveSmallIntegerField(default=1)),
    ]
