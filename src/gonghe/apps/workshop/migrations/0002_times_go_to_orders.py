"""Measured times move to where estimates are made; what was measured before goes with them."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from django.db import migrations

REACH = math.exp(1.2815515655446004 * 0.28)  # P90 over P50 at the usual spread of a process


def move(apps: Any, _editor: Any) -> None:
    """Copy the measured times, with the range that an estimate without experience gave."""
    records = apps.get_model("orders", "TimeRecord").objects
    for row in apps.get_model("workshop", "ActualTime").objects.select_related(
        "job_order__operation__line__revision"
    ):
        if row.estimated_s == 0 or not row.process:
            continue
        operation = row.job_order.operation
        families = (operation.line.revision.analysis or {}).get("families") or [{"name": ""}]
        records.get_or_create(
            operation=operation,
            defaults={
                "organization_id": row.organization_id,
                "process": row.process,
                "family": families[0]["name"],
                "estimated_s": row.estimated_s,
                "low_s": round(row.estimated_s / REACH),
                "high_s": round(row.estimated_s * REACH),
                "actual_s": row.actual_s,
                "created_at": row.created_at,
            },
        )


class Migration(migrations.Migration):
    """First the rows, then the table they came from."""

    dependencies: ClassVar = [("orders", "0002_time_records"), ("workshop", "0001_initial")]

    operations: ClassVar = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel("ActualTime"),
    ]
