"""A client may end its agreement itself."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("clients", "0002_applications"),
    ]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="application",
            name="clients_application_state",
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("open", "announced", "approved", "refused", "ended"))),
                name="clients_application_state",
            ),
        ),
    ]
