"""Persons who were known to be under age when their birth date was accepted."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0004_disputed")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Minority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField(unique=True)),
                ("until", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
