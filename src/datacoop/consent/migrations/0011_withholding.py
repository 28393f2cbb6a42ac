"""Who chose that nothing be shown withholds what is said later, too; what was chosen before binds as it did."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0010_live_only")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Withholding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField(db_index=True)),
                ("source_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("begin_revision", models.BigIntegerField()),
                ("end_revision", models.BigIntegerField(null=True)),
            ],
        ),
    ]
