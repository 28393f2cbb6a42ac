"""A link sent to somebody who represents an organisation opens for as long as they do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0013_hands_of_claims")]

    operations = [migrations.AddField("link", "account_id", models.BigIntegerField(null=True))]
