"""Whoever hands out a letter saw its code: from them it proves nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0011_confirmations_printed")]

    operations = [migrations.AddField("link", "held_by", models.TextField(blank=True, default=""))]
