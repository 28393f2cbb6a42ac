"""Agreements of clients that keep nothing."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0009_held")]

    operations: ClassVar = [
        migrations.AddField("agreement", "live_only", models.BooleanField(default=False)),
    ]
