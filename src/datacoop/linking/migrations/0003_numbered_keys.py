"""Keys are numbers, profiles keep the row that is compared (both are read again: `renewing` says when); pairs keep codes."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _without_weights(apps: Any, _editor: Any) -> None:
    table = apps.get_model("linking", "LookAlike")
    rows = []
    for row in table.objects.all().iterator():
        last = row.reasons[-1] if row.reasons else ["", "", 1]
        veto = last[0] if not last[2] else None
        row.reasons = {"codes": [code for code, _, _ in row.reasons if code != veto], "veto": veto}
        rows.append(row)
    table.objects.bulk_update(rows, ["reasons"], batch_size=500)


class Migration(migrations.Migration):
    """Every profile has an older version than today's: what is found by it is worked out anew with it."""

    dependencies = (("linking", "0002_profile_versions"),)

    operations = (
        migrations.RunPython(_without_weights, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="Key"),
        migrations.AddField(
            model_name="profilerow", name="encoded", field=models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.AddField(
            model_name="profilerow", name="keys", field=models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                ("number", models.BigIntegerField()),
                (
                    "profile",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="linking.profilerow",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey("number", "profile", blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
        ),
    )
