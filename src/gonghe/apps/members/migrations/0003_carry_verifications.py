"""What was verified stays so, and what was hidden stays hidden."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def carry_verifications(apps: Any, schema_editor: Any) -> None:
    """A firm was verified as a whole: by its name and its registration code."""
    organization = apps.get_model("members", "Organization")
    verification = apps.get_model("members", "Verification")
    for firm in organization.objects.exclude(verified_at=None).exclude(verified_by=None):
        values = {"name": f"{firm.name}\n{firm.name_en}", "registration_code": firm.registration_code}
        verification.objects.bulk_create(
            verification(
                organization=firm, fact=fact, value=value, by=firm.verified_by, created_at=firm.verified_at
            )
            for fact, value in values.items()
            if value
        )


def keep_places_hidden(apps: Any, schema_editor: Any) -> None:
    """Places were shown with the capabilities; they belong to the identity now."""
    disclosure = apps.get_model("members", "Disclosure")
    narrow = disclosure.objects.filter(group="capabilities", level__in=["nobody", "partners"])
    disclosure.objects.bulk_create(
        disclosure(organization_id=one.organization_id, group="identity", level=one.level) for one in narrow
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0002_firm_identity")]

    operations = [
        migrations.RunPython(carry_verifications, migrations.RunPython.noop),
        migrations.RunPython(keep_places_hidden, migrations.RunPython.noop),
    ]
