from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_language"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="message",
            field=models.CharField(blank=True, max_length=1000),
        ),
    ]
