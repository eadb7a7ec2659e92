from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("members", "0003_carry_verifications")]

    operations = [
        migrations.RemoveField(model_name="organization", name="verified_at"),
        migrations.RemoveField(model_name="organization", name="verified_by"),
    ]
