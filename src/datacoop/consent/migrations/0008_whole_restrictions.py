"""A restriction of everything about somebody binds what comes later too; those there are bind as before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_longer_reasons")]
    operations = [migrations.AddField("restriction", "whole", models.BooleanField(default=False))]
