from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_trees_and_checkpoints")]

    operations = [
        migrations.AddField("checkpoint", "daily", models.BooleanField(default=False)),
        migrations.AddIndex(
            "checkpoint",
            models.Index(fields=["size"], condition=models.Q(daily=True), name="ledger_checkpoint_daily"),
        ),
    ]
