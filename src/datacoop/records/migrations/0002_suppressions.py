"""Who was erased must not come back with a list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(unique=True)),
                ("record_id", models.BigIntegerField(db_index=True)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
