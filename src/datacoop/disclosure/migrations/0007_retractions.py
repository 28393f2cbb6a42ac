"""What the public saw and was taken away, for copies of the public data."""

from typing import ClassVar

from django.db import migrations, models

import datacoop.disclosure.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("disclosure", "0006_acknowledged")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Retraction",
            fields=[
                ("number", datacoop.disclosure.models.RowNumber(primary_key=True, serialize=False)),
                ("record_id", models.BigIntegerField()),
                ("properties", models.TextField()),
                ("deletion", models.BooleanField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
