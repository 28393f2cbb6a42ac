"""Agreements whose clients are late with acknowledgements, and since when."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0008_whole_restrictions")]

    operations: ClassVar = [
        migrations.AddField("agreement", "held_at", models.DateTimeField(null=True)),
    ]
