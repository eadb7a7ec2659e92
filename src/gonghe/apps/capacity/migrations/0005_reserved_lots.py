"""Hours are held for one lot of an operation."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What is held already is held for the only lot there is."""

    dependencies: ClassVar = [("capacity", "0004_busy_times_and_regions")]
    operations: ClassVar = [
        migrations.AddField("reservation", "lot", models.PositiveSmallIntegerField(default=1)),
    ]
