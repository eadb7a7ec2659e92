"""A line may be made in several lots; times are measured by lot."""

from __future__ import annotations

from typing import ClassVar

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Until somebody gives a smallest lot, every line stays together as before."""

    dependencies: ClassVar = [("orders", "0002_time_records")]
    operations: ClassVar = [
        migrations.AddField(
            "orderline",
            "smallest_lot",
            models.PositiveIntegerField(
                "smallest lot, pieces",
                null=True,
                blank=True,
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddConstraint(
            "orderline",
            models.CheckConstraint(
                condition=models.Q(smallest_lot=None) | models.Q(smallest_lot__gt=0, parent=None),
                name="orders_line_lots_stand_alone",
            ),
        ),
        migrations.AlterField(
            "timerecord",
            "operation",
            models.ForeignKey(
                "orders.operation",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="time_records",
            ),
        ),
        migrations.AddField("timerecord", "lot", models.PositiveSmallIntegerField(default=1)),
        migrations.AddConstraint(
            "timerecord",
            models.UniqueConstraint(fields=["operation", "lot"], name="orders_time_measured_once"),
        ),
    ]
