"""The secret before a new one opens too, until its end."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0004_mandate_scope")]

    operations: ClassVar = [
        migrations.AddField("clientcredential", "former_hash", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("clientcredential", "former_until", models.DateTimeField(blank=True, null=True)),
    ]
