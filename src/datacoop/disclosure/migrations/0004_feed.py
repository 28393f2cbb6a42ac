from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0003_aliases")]

    operations = [
        migrations.AddField("view", "feed", models.SmallIntegerField(default=0), preserve_default=False),
        migrations.RunSQL("UPDATE disclosure_view SET feed = tier", migrations.RunSQL.noop),
        migrations.RemoveConstraint("view", "disclosure_view_dense"),
        migrations.AddConstraint(
            "view", models.UniqueConstraint(fields=["tier", "feed", "seq"], name="disclosure_view_fed_once")
        ),
    ]
