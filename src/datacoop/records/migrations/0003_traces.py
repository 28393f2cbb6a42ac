"""Entries of the ledger are led to by keys and a private list, and no longer name records."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0002_suppressions")]
    operations = [
        migrations.AddField("record", "trace_key", models.BinaryField(null=True, max_length=16)),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField()),
                ("entry", models.BigIntegerField()),
                ("revision", models.BigIntegerField(null=True)),
                ("note", models.CharField(max_length=200, blank=True, default="")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("record_id", "entry"), name="records_trace_once")]
            },
        ),
    ]
