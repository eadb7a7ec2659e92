"""A plan gives each lot of an operation its place."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from django.db import migrations, models


def fill(apps: Any, _editor: Any) -> None:
    """What was planned before is one lot of all pieces, expected scrap included."""
    rows = apps.get_model("plans", "Assignment").objects
    for row in rows.filter(quantity=0).select_related("operation__line"):
        line = row.operation.line
        row.quantity = line.quantity + math.ceil(line.quantity * line.overage_percent / 100)
        row.save(update_fields=["quantity"])


class Migration(migrations.Migration):
    """Existing rows become lot 1 of 1."""

    dependencies: ClassVar = [("plans", "0001_initial"), ("orders", "0003_lots")]
    operations: ClassVar = [
        migrations.AddField("assignment", "lot", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("assignment", "lots", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField(
            "assignment", "quantity", models.PositiveIntegerField(default=0), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveConstraint("assignment", "plans_assigned_once"),
        migrations.AddConstraint(
            "assignment",
            models.UniqueConstraint(fields=["plan", "operation", "lot"], name="plans_assigned_once"),
        ),
    ]
