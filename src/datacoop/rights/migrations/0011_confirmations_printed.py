"""Printing a confirmation letter and posting it are two things; who printed it does not confirm it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0010_persons_asked")]

    operations = [
        migrations.AddField("pendinganswer", "printed_at", models.DateTimeField(null=True)),
        migrations.AddField("pendinganswer", "printed_by", models.TextField(blank=True, default="")),
    ]
