"""How many requests a minute a client may make, where its agreement says so."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0012_versions_of_terms")]

    operations: ClassVar = [
        migrations.AddField("agreement", "per_minute", models.IntegerField(null=True)),
    ]
