"""Which stewards had a hand in a claim: whoever printed its letter, or said yes to it, is not the other hand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0012_codes_held")]

    operations = [migrations.AddField("claim", "hands", models.TextField(blank=True, default=""))]
