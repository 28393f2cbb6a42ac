"""The reasons that stewards give are kept whole beside an entry, as long as their forms take them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0005_marked_by_merges")]
    operations = [migrations.AlterField("trace", "note", models.CharField(max_length=500, blank=True, default=""))]
