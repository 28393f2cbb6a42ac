"""A message may be to the cooperative itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.AlterField(model_name="relaymessage", name="record_uid", field=models.UUIDField(null=True)),
    ]
