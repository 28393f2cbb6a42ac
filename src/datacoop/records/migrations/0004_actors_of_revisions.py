"""An erasure finds the revisions that an account made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0003_traces")]
    operations = [
        migrations.AddIndex("revision", models.Index(fields=["actor"], name="records_revision_actor")),
    ]
