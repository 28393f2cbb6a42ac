"""How often a client got again what it had been sent, and when last."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("disclosure", "0007_retractions")]

    operations: ClassVar = [
        migrations.AddField("delivery", "repeats", models.IntegerField(db_default=0)),
        migrations.AddField("delivery", "last_at", models.DateTimeField(null=True)),
    ]
