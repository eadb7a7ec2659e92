"""Lots are awarded one by one."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from django.db import migrations, models


def fill(apps: Any, _editor: Any) -> None:
    """What was planned before is one lot of all pieces, expected scrap included."""
    rows = apps.get_model("market", "ContractItem").objects
    for row in rows.filter(quantity=0).select_related("operation__line"):
        line = row.operation.line
        row.quantity = line.quantity + math.ceil(line.quantity * line.overage_percent / 100)
        row.save(update_fields=["quantity"])


class Migration(migrations.Migration):
    """Existing rows become lot 1 of 1."""

    dependencies: ClassVar = [("market", "0001_initial"), ("orders", "0003_lots")]
    operations: ClassVar = [
        migrations.AddField("contractitem", "lot", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("contractitem", "lots", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField(
            "contractitem", "quantity", models.PositiveIntegerField(default=0), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveConstraint("contractitem", "market_operation_awarded_once"),
        migrations.AddConstraint(
            "contractitem",
            models.UniqueConstraint(
                fields=["operation", "lot"],
                condition=models.Q(ended_at=None),
                name="market_operation_awarded_once",
            ),
        ),
    ]
