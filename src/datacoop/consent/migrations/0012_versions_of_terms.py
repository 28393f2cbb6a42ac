"""Versions of terms that hear what is said to a class, and what each client signed below its terms."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


def _audience() -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.audience"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0011_withholding")]

    operations: ClassVar = [
        migrations.AddField("audience", "heard", _audience()),
        migrations.AddField("audience", "opens", models.TextField(blank=True, default="")),
        migrations.AddField("agreement", "country", models.CharField(blank=True, default="", max_length=2)),
        migrations.AddField("agreement", "purposes", models.TextField(blank=True, default="")),
        migrations.AddField("agreement", "retention_days", models.SmallIntegerField(null=True)),
        migrations.AddField("agreement", "waited", _audience()),
        migrations.AddField("agreement", "joined_at", models.DateTimeField(null=True)),
    ]
