"""A merge remembers what it protected, so that a split gives it back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0004_actors_of_revisions")]
    operations = [migrations.AddField("merge", "marked", models.JSONField(null=True))]
