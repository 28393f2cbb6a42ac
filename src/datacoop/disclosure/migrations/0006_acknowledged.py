"""What a client says of a tombstone: erased, or retained and on what basis."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("disclosure", "0005_delivered_hours")]

    operations: ClassVar = [
        migrations.AddField("tombstone", "said", models.CharField(max_length=10, blank=True, default="")),
        migrations.AddField("tombstone", "legal_basis", models.CharField(max_length=200, blank=True, default="")),
        migrations.RunSQL(
            "UPDATE disclosure_tombstone SET said = 'erased' WHERE acknowledged_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            "tombstone",
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, said="", legal_basis="")
                | models.Q(acknowledged_at__isnull=False, said="erased", legal_basis="")
                | (models.Q(acknowledged_at__isnull=False, said="retained") & ~models.Q(legal_basis="")),
                name="disclosure_tombstone_said",
            ),
        ),
    ]
