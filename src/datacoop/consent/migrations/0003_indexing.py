"""Whether search engines may list the page of a record: a switch of its own."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0002_how_it_was_given")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Unindexed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField(db_index=True)),
                ("at", models.DateTimeField()),
                ("begin_revision", models.BigIntegerField()),
                ("end_revision", models.BigIntegerField(null=True)),
            ],
        ),
    ]
