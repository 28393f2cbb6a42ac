from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0004_feed")]

    operations = [
        migrations.CreateModel(
            name="DeliveredHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience_id", models.SmallIntegerField()),
                ("hour", models.DateTimeField()),
                ("last_id", models.BigIntegerField()),
                ("entry", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["last_id"], name="disclosure_hour_last")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["audience_id", "hour", "last_id"], name="disclosure_hour_once"
                    )
                ],
            },
        ),
    ]
