"""How a steward learnt what a subject wants is kept whole, as long as its form takes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_decisions_by_actor")]
    operations = [
        migrations.AlterField("decision", "reason", models.CharField(max_length=500, blank=True, default="")),
    ]
