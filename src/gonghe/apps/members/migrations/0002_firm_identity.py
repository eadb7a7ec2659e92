import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import gonghe.clock


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="assets",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=16,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="total assets",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="eori_number",
            field=models.CharField(blank=True, max_length=20, verbose_name="EORI number"),
        ),
        migrations.AddField(
            model_name="organization",
            name="industry",
            field=models.CharField(blank=True, max_length=5, verbose_name="industry"),
        ),
        migrations.AddField(
            model_name="organization",
            name="staff",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="people employed"),
        ),
        migrations.AddField(
            model_name="organization",
            name="turnover",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=16,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="turnover of last year",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="vat_number",
            field=models.CharField(blank=True, max_length=20, verbose_name="VAT number"),
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="group",
            field=models.CharField(
                choices=[
                    ("identity", "identity"),
                    ("capabilities", "equipment and capabilities"),
                    ("free_hours", "free hours"),
                    ("prices", "prices"),
                    ("history", "history"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=gonghe.clock.now, editable=False)),
                ("kind", models.CharField(max_length=60, verbose_name="certificate")),
                ("number", models.CharField(max_length=60, verbose_name="number")),
                ("issuer", models.CharField(blank=True, max_length=120, verbose_name="issued by")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="certificates",
                        to="members.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "kind", "number"), name="members_certificate_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=gonghe.clock.now, editable=False)),
                ("fact", models.CharField(max_length=60)),
                ("value", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.organization",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verifications",
                        to="members.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "fact"), name="members_verified_once")
                ],
            },
        ),
    ]
