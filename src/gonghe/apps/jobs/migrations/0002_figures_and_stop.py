"""Figures of a running search, and stopping it with what it has found."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two fields of a job."""

    dependencies: ClassVar = [("jobs", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField("job", "figures", models.JSONField(null=True)),
        migrations.AddField("job", "stop_asked", models.BooleanField(default=False)),
    ]
